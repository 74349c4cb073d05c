// SPDX-License-Identifier: Apache-2.0
// What workers ask the resolver and what it answers: values of fixed size, carried by rings between
// a worker and control. Nobody waits for either.
#pragma once
#include <array>
#include <cstdint>
#include <span>

#include "dataplane/access_record.h"
#include "dataplane/frame.h"
#include "tcpstack/base/ip_addr.h"
#include "tcpstack/base/time.h"

namespace sallyport::dp {

inline constexpr std::size_t kAnswerAddressesMax = 32;  // of both families together

// Which earlier answers of DNS will do.
enum class Freshness : std::uint8_t {
    Valid,      // any whose time is not over
    NotEnding,  // the worker has one that is about to end
    Newest,     // something speaks against the one that the worker has: one not older than kNewFor
};
inline constexpr Duration kNewFor = std::chrono::seconds(1);

struct alignas(4) NameQuery {  // as rings copy it
    ShortText<kNameMax> name;  // normalised; some rule allows it
    WorkerIndex worker = 0;    // to which the answer goes
    Freshness freshness = Freshness::Valid;
};

enum class AnswerStatus : std::uint8_t {
    Found,     // one address at least
    NotFound,  // the name does not exist, or has no address (RFC 2308): negative, for `ttl`
    Failed,    // no server answered usefully; ask again after `ttl`
};

struct NameAnswer {
    ShortText<kNameMax> name;
    AnswerStatus status = AnswerStatus::Failed;
    bool stale = false;  // Found: from an earlier answer, served because DNS is down (RFC 8767)
    std::uint8_t count = 0;
    Duration ttl{};  // within resolver.ttl_floor and ttl_ceiling
    Duration age{};  // since DNS said so
    std::uint64_t servers = 0;  // who said so: Settings::dns_servers
    std::array<IpAddr, kAnswerAddressesMax> addresses;

    std::span<const IpAddr> found() const { return {addresses.data(), count}; }
};

}  // namespace sallyport::dp
