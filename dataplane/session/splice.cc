// SPDX-License-Identifier: Apache-2.0
#include "dataplane/session/splice.h"

#include <algorithm>

#include "dataplane/nat/rewrite.h"
#include "dataplane/session/cut.h"
#include "dataplane/session/ending.h"
#include "dataplane/session/forwarding.h"
#include "dataplane/session/keepalive.h"
#include "dataplane/session/metering.h"
#include "dataplane/session/own_segment.h"
#include "dataplane/session/tracking.h"
#include "tcpstack/wire/checksum.h"

namespace sallyport::dp {
namespace {

void forward(Core& core, SessionIndex s, Direction to, Packet& packet) {
    FlowRecord& flow = core.store.flow(s, to);
    const PortIndex out = port_towards(to);
    if (!suits_mtu(core, packet, out)) return;
    const TsVal* earliest = flow.ts_settled ? nullptr : &core.store.sessions[s].server_ts_start;
    if (rewrite_headers(core.store.lines(s, to), packet.view, earliest)) flow.ts_settled = true;
    if (!is_atomic(packet)) set_id(packet.view, give_id(core, packet.view));
    send_on(core, flow, packet.frame, packet.view, out);
}

// A segment that is too large for the server's MSS leaves in pieces, each with the same
// acknowledgement; FIN and PSH go with the last.
void forward_cut(Core& core, SessionIndex s, Direction to, Packet& packet) {
    const FlowRecord& flow = core.store.flow(s, to);
    const auto options = static_cast<std::uint32_t>(packet.view.tcp_options().size());
    const std::uint32_t room = flow.payload_max > options + 8 ? flow.payload_max - options : 8;
    while (flow.payload_max != 0 && packet.view.payload_length() > room) {
        Packet piece;
        if (!packet.view.transport_checksum_ok()) return core.drop(packet, Reason::TcpChecksum);
        if (!copy_front(core, packet, static_cast<std::uint16_t>(room), piece))
            return core.free(packet);  // counted NoBuffer; the client will send it again
        trim_front(packet, static_cast<std::uint16_t>(room));
        core.counters.segments_cut.add(1);
        forward(core, s, to, piece);
    }
    forward(core, s, to, packet);
}

// RFC 5961 section 4.2 on behalf of the receiver.
void challenge(Core& core, SessionIndex s, Direction to, Packet& packet) {
    if (!packet.view.transport_checksum_ok()) return core.drop(packet, Reason::TcpChecksum);
    core.counters.count(Reason::OutsideWindow);
    challenge_sender(core, s, to, packet);
}

void splice_reset(Core& core, SessionIndex s, Direction to, Packet& packet) {
    if (!packet.view.transport_checksum_ok()) return core.drop(packet, Reason::TcpChecksum);
    const ResetPlace place = place_of_reset(core.store.flow(s, to), core.store.flow(s, opposite(to)),
                                            packet.view.tcp().seq_num());
    if (place == ResetPlace::Outside) return core.drop(packet, Reason::OutsideWindow);
    const bool exact = place == ResetPlace::Exact;
    const bool by_client = to == Direction::ToServer;
    const Reason reason = by_client ? Reason::ClientReset : Reason::UpstreamReset;
    const EndedBy by = by_client ? EndedBy::Client : EndedBy::Server;
    if (exact && by_client && core.store.sessions[s].setup != kNoIndex) {
        // The server may not have all that the client believes to be acknowledged: the reset must
        // stand where the server is (RFC 5961 section 3.2).
        core.free(packet);
        reset_server(core, s);
        return end_session(core, s, reason, by);
    }
    if (exact && !by_client)  // it may get lost on its way to the client
        core.store.sessions[s].late_answer = tcp::LateAnswer::Reset;
    forward(core, s, to, packet);
    exact ? end_session(core, s, reason, by) : await_reset(core, s, reason, by);
}

enum class Floor : std::uint8_t { Pass, Consumed };

// A probe of keep-alive may carry an octet that the server has long since (RFC 9293 section 3.8.4).
bool is_keepalive_octet(const Core& core, SessionIndex s, const FlowRecord& flow, const Packet& packet) {
    const wire::TcpHeader& tcp = packet.view.tcp();
    return packet.view.payload_length() == 1 && !tcp.has(wire::kFin) && flow.floor == flow.high &&
           tcp.seq_num() + 1 == flow.floor && core.store.sessions[s].setup == kNoIndex;
}

// What the server has acknowledged is never sent again: neither the judged bytes under another
// content, nor anything that would only be a duplicate.
Floor enforce_floor(Core& core, SessionIndex s, Packet& packet) {
    const FlowRecord& flow = core.store.flow(s, Direction::ToServer);
    const SeqNum seq = packet.view.tcp().seq_num();
    const std::uint32_t length = packet.view.sequence_length();
    if (length == 0 || !before(seq, flow.floor)) return Floor::Pass;
    const bool probes = is_keepalive_octet(core, s, flow, packet);
    if (probes || before(flow.floor, seq + length)) {
        const auto below = static_cast<std::uint32_t>(distance(seq, flow.floor));
        const bool whole = packet.view.transport_checksum_ok();
        if (!whole) return core.drop(packet, Reason::TcpChecksum), Floor::Consumed;
        if (probes)
            strip_payload(packet);
        else
            trim_front(packet, static_cast<std::uint16_t>(
                                   std::min<std::uint32_t>(below, packet.view.payload_length())));
        return Floor::Pass;
    }
    core.counters.count(Reason::BelowFloor);
    challenge_sender(core, s, Direction::ToServer, packet);
    return Floor::Consumed;
}

}  // namespace

void splice_packet(Core& core, SessionIndex s, Direction to, Packet& packet) {
    const wire::TcpHeader* tcp = &packet.view.tcp();
    if (tcp->has(wire::kSyn)) return challenge(core, s, to, packet);
    if (!outlives_hop(core, packet)) return;
    if (tcp->has(wire::kRst)) return splice_reset(core, s, to, packet);
    if (!tcp->has(wire::kAck)) return core.drop(packet, Reason::TcpFlagsInvalid);
    if (to == Direction::ToServer && enforce_floor(core, s, packet) == Floor::Consumed) return;

    tcp = &packet.view.tcp();
    FlowRecord& flow = core.store.flow(s, to);
    FlowRecord& back = core.store.flow(s, opposite(to));
    const SeqNum end = tcp->seq_num() + packet.view.sequence_length();
    if (distance(flow.floor, end) > furthest(back)) return core.drop(packet, Reason::OutsideWindow);
    if (leaves_gap(flow, packet) && !packet.view.transport_checksum_ok())
        return core.drop(packet, Reason::TcpChecksum);
    if (flow.stage != FlowStage::Splice) {
        if (to == Direction::ToClient && answers_probe(core, s, packet)) return;
        if (keeps_back(core, s, packet, fresh_octets(flow, packet))) return;
    }
    bool fins_moved = false;
    if (tcp->has(wire::kFin)) {
        if (!packet.view.transport_checksum_ok()) return core.drop(packet, Reason::TcpChecksum);
        fins_moved = !flow.fin_sent;
        flow.fin_sent = true;
    }
    if (flow.reset_passed) forget_reset(core, s);
    note_sent(core, flow, packet, end);
    // What is damaged is passed on, but raises no floor: what the server still lacks would never reach it.
    if (acks_more(flow, back, tcp->ack_num()) &&
        (to == Direction::ToServer || packet.view.transport_checksum_ok()))
        fins_moved |= raise_floor(flow, back, tcp->ack_num());
    forward_cut(core, s, to, packet);
    if (fins_moved) settle_fins(core, s);
}

void note_held_segment(Core& core, SessionIndex s, const Packet& packet) {
    FlowRecord& flow = core.store.flow(s, Direction::ToServer);
    const wire::TcpHeader& tcp = packet.view.tcp();
    note_sent(core, flow, packet, flow.high);
    note_ack(flow, core.store.flow(s, Direction::ToClient), tcp.ack_num());
}

void settle_fins(Core& core, SessionIndex s) {
    Session& session = core.store.sessions[s];
    const FlowRecord& to_server = core.store.flow(s, Direction::ToServer);
    const FlowRecord& to_client = core.store.flow(s, Direction::ToClient);
    if (!to_server.fin_sent && !to_client.fin_sent) return;
    if (session.first_close == EndedBy::Gate)
        session.first_close = to_server.fin_sent ? EndedBy::Client : EndedBy::Server;
    if (session.state == SessionState::Spliced || session.state == SessionState::Translated)
        session.state = SessionState::Closing;
    if (to_server.fin_acked && to_client.fin_acked && session.state != SessionState::Closed) {
        if (session.setup != kNoIndex) release_setup(core, s);
        session.ended_by = session.first_close;
        return close_session(core, s);
    }
    rearm(core, s);
}

void keep_sack_from(Packet& packet, SeqNum limit) {
    constexpr std::uint8_t kNop = 1;
    constexpr std::size_t kHeader = 2, kBlock = 8;
    const auto options = packet.view.tcp_options();
    const wire::OptionOffsets at = wire::find_options(options);
    std::uint8_t* const blocks = options.data() + at.sack;
    std::size_t kept = 0;
    for (std::size_t i = 0; i < at.sack_blocks; ++i) {
        Be32 left;
        std::memcpy(&left, blocks + kBlock * i, sizeof left);
        if (before(SeqNum{left.host()}, limit)) continue;
        std::memmove(blocks + kBlock * kept++, blocks + kBlock * i, kBlock);
    }
    if (kept == at.sack_blocks) return;
    if (kept > 0) blocks[-1] = static_cast<std::uint8_t>(kHeader + kBlock * kept);
    std::uint8_t* const gone = kept > 0 ? blocks + kBlock * kept : blocks - kHeader;
    std::fill(gone, blocks + kBlock * at.sack_blocks, kNop);
}

void recompute_checksum(Packet& packet) {
    const wire::PacketView& view = packet.view;
    const std::span<std::uint8_t> segment{packet.frame.data + view.l4_offset(),
                                          static_cast<std::size_t>(view.length() - view.l4_offset())};
    const FourTuple tuple = view.four_tuple();
    view.tcp().checksum.set(0);
    wire::Sum16 sum = wire::pseudo_header(tuple.src, tuple.dst, wire::kProtocolTcp,
                                          static_cast<std::uint32_t>(segment.size()));
    sum.add_bytes(segment);
    view.tcp().checksum.set(sum.checksum());
}

}  // namespace sallyport::dp
