// SPDX-License-Identifier: Apache-2.0
// What the gate learns from segments that it only passes on, spliced or translated: how far each
// side has come, and whether a reset or a FIN has ended it.
#pragma once
#include "dataplane/nat/rewrite.h"
#include "dataplane/session/core.h"

namespace sallyport::dp {

// Of what one side sends, nothing honest lies further beyond what the other has acknowledged than a
// window can say with the scale of that side, `receiver` (RFC 7323 section 2.3).
inline std::int32_t furthest(const FlowRecord& receiver) {
    return 0x10000 << (receiver.shift_here > 14 ? 0 : receiver.shift_here);
}

// A segment that leaves a gap behind what was sent before: its number is believed only of a packet that is
// whole, since all that follows would be taken for a repetition of what was never sent.
inline bool leaves_gap(const FlowRecord& flow, const Packet& packet) {
    return before(flow.high, packet.view.tcp().seq_num()) && packet.view.sequence_length() > 0;
}

constexpr PortIndex port_towards(Direction to) {
    return to == Direction::ToServer ? kOutsidePort : kInsidePort;
}

// By how many octets a segment goes beyond what was sent before: with those of a gap, which are nothing new
// when they come at last.
inline std::uint32_t fresh_octets(const FlowRecord& flow, const Packet& packet) {
    const SeqNum end = packet.view.tcp().seq_num() + packet.view.datagram_payload_length();
    const bool more = packet.view.sequence_length() > 0 && before(flow.high, end);
    return more ? static_cast<std::uint32_t>(distance(flow.high, end)) : 0;
}

// Whether a timestamp goes so far ahead that damage explains it as well: what the gate sends itself would
// carry it, and the peer would take all that is older for a duplicate (RFC 7323 section 5).
inline bool leaps(TsVal last, TsVal val) {
    constexpr std::int32_t kTicks = 1024;
    return distance(last, val) > kTicks;
}

// Notes what a segment of `flow` sent; `end` is one past its last octet. One without an octet says nothing
// of those before it: they may be lost, and are new when they come.
inline void note_sent(Core& core, FlowRecord& flow, const Packet& packet, SeqNum end) {
    if (packet.view.sequence_length() > 0) flow.raise_high(end);
    flow.window = packet.view.tcp().window.host();
    flow.last_seen = core.seconds();
    TsVal val;
    if (!flow.timestamps || !read_ts_val(packet.view, val) || !before(flow.ts_last, val)) return;
    if (!leaps(flow.ts_last, val) || packet.view.transport_checksum_ok()) flow.ts_last = val;
}

// Whether an acknowledgement that a segment of `flow` carries is of something new that `acked` sent.
inline bool acks_more(const FlowRecord& flow, const FlowRecord& acked, SeqNum ack) {
    const SeqNum there = ack + flow.ack_delta;
    return before(acked.floor, there) && !before(acked.high, there);
}

// Only of an acknowledgement that acks_more(). True when it covers a FIN for the first time.
inline bool raise_floor(const FlowRecord& flow, FlowRecord& acked, SeqNum ack) {
    acked.floor = ack + flow.ack_delta;
    if (!acked.fin_sent || acked.fin_acked || acked.floor != acked.high) return false;
    acked.fin_acked = true;
    return true;
}

// Notes an acknowledgement that a segment of `flow` carries of what `acked` sent. True when it
// covers a FIN for the first time.
inline bool note_ack(const FlowRecord& flow, FlowRecord& acked, SeqNum ack) {
    return acks_more(flow, acked, ack) && raise_floor(flow, acked, ack);
}

// Where a reset stands. Exactly at what the receiver expects next: it will take the reset, so the
// session is over. Within its window: it may; the end hosts judge. Elsewhere: nobody's.
enum class ResetPlace : std::uint8_t { Exact, InWindow, Outside };
ResetPlace place_of_reset(const FlowRecord& flow, const FlowRecord& back, SeqNum seq);

// A reset was passed on that need not be believed: the session waits for it, transitory.
void await_reset(Core& core, SessionIndex s, Reason reason, EndedBy by);
// Whoever goes on talking did not believe it (RFC 6146 section 3.5.2.2, state TRANS).
void forget_reset(Core& core, SessionIndex s);

}  // namespace sallyport::dp
