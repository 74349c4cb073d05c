// SPDX-License-Identifier: Apache-2.0
#include "dataplane/path_storage.h"

#include <algorithm>

namespace sallyport::dp {
namespace {

constexpr std::size_t kNeighborsMax = 4096;

std::uint64_t hash_secret(const PathConfig& config) {
    return config.secrets.table.k0 ^ config.secrets.table.k1;
}

// Sessions share names; few go to a name of their own.
std::uint32_t name_capacity(std::uint32_t sessions) {
    return std::clamp(sessions / 4, 64U, 16384U);
}

}  // namespace

Path::Impl::Impl(const PathConfig& path_config)
    : config(path_config),
      outbox(counters),
      storage(config.sessions, config.hold_bytes, config.relay_bytes),
      store(storage, hash_secret(config), config.worker_count, Instant{}),
      name_storage(name_capacity(config.sessions)),
      name_cache(name_storage, config.secrets.table),
      neighbors(kNeighborsMax, config.macs, counters, config.secrets.table, config.worker == 0),
      ports(config.seed),
      ids(config.worker, config.worker_count, config.seed),
      fragments(config.secrets.table, store.shares),
      core{.config = config,
           .store = store,
           .name_cache = name_cache,
           .neighbors = neighbors,
           .outbox = outbox,
           .counters = counters,
           .ports = ports,
           .limits = limits,
           .ids = ids,
           .fragments = fragments,
           .flow_hash = FlowHash{hash_secret(config)}} {}

Path::Path(const PathConfig& config) : impl_(std::make_unique<Impl>(config)) {}
Path::~Path() = default;

}  // namespace sallyport::dp
