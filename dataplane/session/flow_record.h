// SPDX-License-Identifier: Apache-2.0
// One direction of a session, hot: everything that rewriting a packet needs. One cache line for IPv4;
// the addresses of IPv6 stand in a second one (FlowAddresses6). "Here" is the numbering of the side
// that sends the packet, "there" that of the receiver.
#pragma once
#include <cstdint>
#include <span>

#include "dataplane/neighbors.h"
#include "tcpstack/base/flow_key.h"
#include "tcpstack/base/modular32.h"

namespace sallyport::dp {

enum class Direction : std::uint8_t { ToServer, ToClient };
constexpr Direction opposite(Direction d) {
    return d == Direction::ToServer ? Direction::ToClient : Direction::ToServer;
}

// Stack: packets of this flow are for the session's state machine. Splice: headers only. Translate:
// addresses and ports only, and nothing is known of the payload.
// Metered: a splice whose packets count against limits or answer keep-alive probes.
enum class FlowStage : std::uint8_t { Stack, Splice, Translate, Metered };

struct alignas(64) FlowRecord {
    FlowKey4 key;      // as the packet arrives; of IPv6 the ports only
    FlowKey4 rewrite;  // as it leaves; of IPv6 the ports only

    std::uint32_t seq_delta = 0;     // there = here + delta
    std::uint32_t ack_delta = 0;
    std::uint32_t ts_val_delta = 0;
    std::uint32_t ts_ecr_delta = 0;
    SeqNum high;                // one past the highest octet sent, here; of what has no sequence
                                // numbers (UDP, ICMP), the payload octets sent
    SeqNum floor;               // highest acknowledgement of the receiver, in here's numbers
    TsVal ts_last;              // highest TSval sent, here
    std::uint16_t high_wraps = 0;    // how often `high` went past 2^32 since the first octet
    std::uint16_t last_seen = 0;     // seconds of the worker clock, modulo 2^16
    std::uint16_t window = 0;        // last window field sent, here
    std::uint16_t payload_max : 14 = 0;  // larger payloads are cut in two; 0: never
    bool key_v6 : 1 = false;             // the family of `key`, and of `rewrite`: only a relay
    bool rewrite_v6 : 1 = false;         // has two
    NeighborIndex neighbor = kNoNeighbor;
    std::uint8_t shift_here : 4 = 0;   // window scale of the sender; 15: none
    std::uint8_t shift_there : 4 = 0;  // what the receiver believes it to be
    FlowStage stage : 2 = FlowStage::Stack;
    bool fin_sent : 1 = false;
    bool fin_acked : 1 = false;
    bool timestamps : 1 = false;
    bool reset_passed : 1 = false;  // one that need not be believed went by: transitory
    bool ts_settled : 1 = false;  // TSecr no longer points before the joining
    bool syn_acked : 1 = false;   // Translate: the receiver has acknowledged this direction's SYN

    void cut_payload_above(std::uint16_t octets) {
        constexpr std::uint16_t kMost = 0x3fff;
        payload_max = (octets < kMost ? octets : kMost) & kMost;
    }
    SeqNum there(SeqNum here) const { return here + seq_delta; }
    std::uint32_t window_bytes() const {
        return static_cast<std::uint32_t>(window) << (shift_here > 14 ? 0 : shift_here);
    }
    // The octets that were sent, once each, since the octet numbered `first`.
    std::uint64_t octets_since(SeqNum first) const {
        const std::uint64_t extended = static_cast<std::uint64_t>(high_wraps) << 32 | high.raw();
        return extended - first.raw();
    }
    void raise_high(SeqNum to) {
        if (!before(high, to)) return;
        if (to.raw() < high.raw()) ++high_wraps;
        high = to;
    }
};
static_assert(sizeof(FlowRecord) == 64);

// The second line of a record of which one side at least is IPv6; meaningless on another side.
struct Addresses6 {
    Ipv6Addr src, dst;
};
static_assert(sizeof(Addresses6) == 32);
inline std::span<const std::uint8_t> octets_of(const Addresses6& a) {
    return {reinterpret_cast<const std::uint8_t*>(&a), sizeof a};
}
struct alignas(64) FlowAddresses6 {
    Addresses6 key, rewrite;
};
static_assert(sizeof(FlowAddresses6) == 64);

// Both lines of a record, for whoever rewrites a packet of either family.
struct FlowLines {
    const FlowRecord& flow;
    const FlowAddresses6& addresses;  // read only where the record says that it is of IPv6

    FlowKey6 key6() const {
        return {addresses.key.src, addresses.key.dst, flow.key.src_port, flow.key.dst_port};
    }
    FlowKey6 rewrite6() const {
        return {addresses.rewrite.src, addresses.rewrite.dst, flow.rewrite.src_port,
                flow.rewrite.dst_port};
    }
};

// The field that says the same number of octets under another shift (RFC 7323 section 2.3); rounds
// down, so that a receiver is never promised more than was given.
constexpr std::uint16_t rescale_window(std::uint32_t octets, unsigned shift) {
    const std::uint32_t field = octets >> (shift > 14 ? 0 : shift);
    return static_cast<std::uint16_t>(field > 0xffff ? 0xffff : field);
}

}  // namespace sallyport::dp
