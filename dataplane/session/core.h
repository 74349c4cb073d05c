// SPDX-License-Identifier: Apache-2.0
// What every stage of one worker works with. `generation` and `now` are those of the present burst.
#pragma once
#include <array>
#include <cstdint>
#include <span>

#include "dataplane/fragments.h"
#include "dataplane/nat/ip_ids.h"
#include "dataplane/neighbors.h"
#include "dataplane/outbox.h"
#include "dataplane/path.h"
#include "dataplane/resolve/name_cache.h"
#include "dataplane/session/rate_limits.h"
#include "dataplane/session/session_store.h"
#include "tcpstack/wire/packet_view.h"

namespace sallyport::dp {

using Octets = std::span<const std::uint8_t>;

// A parsed frame on its way. A stage that takes one ends it: sent, freed, dropped or handed over.
struct Packet {
    Frame frame;
    wire::PacketView view;
    std::span<const Frame> later{};  // of a datagram that came in fragments: all but the first
};

// Whom shares, rates and limits of a source are counted for: an IPv4 address; of IPv6 its /64,
// because one host may have every address of that. The same in every worker.
inline SourceHash source_hash(const Secrets& secrets, const IpAddr& address) {
    if (address.is_v4()) return siphash_of(secrets.table, address) | 1;
    return siphash_of(secrets.table, address.words().high) | 1;
}

struct Core {
    const PathConfig& config;
    SessionStore& store;
    NameCache& name_cache;
    Neighbors& neighbors;
    Outbox& outbox;
    Counters& counters;
    PortCursor& ports;
    RateLimits& limits;
    IpIds& ids;
    FragmentStore& fragments;
    FlowHash flow_hash;
    const Generation* generation = nullptr;
    Instant now{};
    // One hello each, for parsers that want it in one piece.
    std::array<std::uint8_t, kHoldBytesMax> stream{};
    std::array<std::uint8_t, kHoldBytesMax> scratch{};

    const Settings& settings() const { return generation->settings; }
    void drop(const Packet& p, Reason reason) {
        outbox.drop(p.frame, reason);
        for (const Frame& fragment : p.later) outbox.drop(fragment, reason);
    }
    void free(const Packet& p) {
        outbox.free(p.frame);
        for (const Frame& fragment : p.later) outbox.free(fragment);
    }
    // Seconds of the worker clock as flow records keep them.
    std::uint16_t seconds() const {
        return static_cast<std::uint16_t>(nanoseconds(now) / 1'000'000'000);
    }
    // The part of this worker in what all of them may do together, rounded up.
    std::uint32_t share_of(std::uint32_t whole) const {
        return (whole + config.worker_count - 1) / config.worker_count;
    }
    SourceHash source_hash(const IpAddr& address) const {
        return dp::source_hash(config.secrets, address);
    }
};

// The window scale that the gate offers to clients that offer one.
inline constexpr std::uint8_t kGateWindowShift = 7;

}  // namespace sallyport::dp
