// SPDX-License-Identifier: Apache-2.0
// All memory of one worker's path, taken once at construction.
#pragma once
#include "dataplane/path.h"
#include "dataplane/session/core.h"

namespace sallyport::dp {

struct Path::Impl {
    explicit Impl(const PathConfig& path_config);

    // Each burst begins by saying which generation and what time it is.
    void begin(const Generation& generation, Instant now);
    // Whether the tables of what expires should be looked through now: a part of them each
    // millisecond, or each time as long as that is behind.
    bool sweep_is_due();
    void show_gauges();

    PathConfig config;
    Counters counters;
    Outbox outbox;
    SessionStorage storage;
    SessionStore store;
    NameCacheStorage name_storage;
    NameCache name_cache;
    Neighbors neighbors;
    PortCursor ports;
    RateLimits limits;
    IpIds ids;
    FragmentStore fragments;
    Core core;
    std::uint64_t networks_of = 0;  // the generation whose networks `neighbors` knows
    Instant next_sweep{};
};

}  // namespace sallyport::dp
