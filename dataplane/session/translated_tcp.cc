// SPDX-License-Identifier: Apache-2.0
#include "dataplane/session/translated_tcp.h"

#include "dataplane/session/ending.h"
#include "dataplane/session/forwarding.h"
#include "dataplane/session/gathering.h"
#include "dataplane/session/listener.h"
#include "dataplane/session/metering.h"
#include "dataplane/session/splice.h"
#include "dataplane/session/tracking.h"
#include "dataplane/session/translated.h"
#include "tcpstack/wire/tcp_options.h"

namespace sallyport::dp {
namespace {

constexpr std::uint8_t kNoShift = 15;  // of FlowRecord::shift_here

SeqNum end_of(const Packet& packet) {
    return packet.view.tcp().seq_num() + packet.view.sequence_length();
}

void set_shift(FlowRecord& flow, std::uint8_t shift) {
    flow.shift_here = flow.shift_there = shift & 15;
}

std::uint8_t shift_of(const Packet& packet) {
    return wire::parse_options(packet.view.tcp_options()).window_shift.value_or(kNoShift);
}

// The client opens anew on ports whose flow is over, or never came about.
bool begins_anew(const Core& core, SessionIndex s) {
    const Session& session = core.store.sessions[s];
    return session.state != SessionState::Translated || session.reset || !is_established(core, s);
}

void on_client_syn(Core& core, SessionIndex s, Packet& packet) {
    FlowRecord& flow = core.store.flow(s, Direction::ToServer);
    const Session& session = core.store.sessions[s];
    if (packet.view.tcp().seq_num() == session.irs) {
        if (!flow.syn_acked) {
            set_shift(flow, shift_of(packet));
            note_sent(core, flow, packet, end_of(packet));
        }
    } else if (begins_anew(core, s) && !packet.view.tcp().has(wire::kAck)) {
        end_session(core, s, Reason::FlowExpired, EndedBy::Client);
        return on_syn(core, packet);
    }
    // Any other SYN is for the server to challenge (RFC 5961 section 4.2).
    forward_translated(core, s, Direction::ToServer, packet);
}

// A simultaneous open (a SYN without ACK, RFC 5382 REQ-2) passes as well: the client asked for it.
void on_server_syn(Core& core, SessionIndex s, Packet& packet) {
    const wire::TcpHeader& tcp = packet.view.tcp();
    FlowRecord& flow = core.store.flow(s, Direction::ToClient);
    FlowRecord& back = core.store.flow(s, Direction::ToServer);
    if (!flow.syn_acked) {
        Session& session = core.store.sessions[s];
        session.answered = true;
        session.server_irs = flow.floor = tcp.seq_num();
        flow.high = tcp.seq_num() + 1;
        note_sent(core, flow, packet, end_of(packet));
        // RFC 7323 section 2.2: both sides scale, or neither does.
        const std::uint8_t shift = shift_of(packet);
        set_shift(flow, back.shift_here == kNoShift ? kNoShift : shift);
        if (shift == kNoShift) set_shift(back, kNoShift);
    }
    if (tcp.has(wire::kAck)) {
        const SeqNum before_ack = back.floor;
        note_ack(flow, back, tcp.ack_num());
        back.syn_acked |= back.floor != before_ack;
    }
    forward_translated(core, s, Direction::ToClient, packet);
}

// Before the handshake is done nothing is known of the window: a refusal acknowledges the SYN, and a
// client that gives up goes on from its own numbers.
ResetPlace place_in_handshake(const FlowRecord& flow, const FlowRecord& back,
                              const wire::TcpHeader& tcp, Direction to) {
    const bool fits = to == Direction::ToServer
                          ? !before(tcp.seq_num(), flow.floor) && !before(flow.high, tcp.seq_num())
                          : tcp.has(wire::kAck) && before(back.floor, tcp.ack_num()) &&
                                !before(back.high, tcp.ack_num());
    return fits ? ResetPlace::Exact : ResetPlace::Outside;
}

void on_reset(Core& core, SessionIndex s, Direction to, Packet& packet) {
    const FlowRecord& flow = core.store.flow(s, to);
    const FlowRecord& back = core.store.flow(s, opposite(to));
    const wire::TcpHeader& tcp = packet.view.tcp();
    const bool answered = core.store.sessions[s].answered;
    const ResetPlace place = answered && is_established(core, s)
                                 ? place_of_reset(flow, back, tcp.seq_num())
                                 : place_in_handshake(flow, back, tcp, to);
    const bool by_client = to == Direction::ToServer;
    // The answer to a server that remembered an older connection and challenged our SYN.
    if (place == ResetPlace::Outside && by_client && !answered)
        return forward_translated(core, s, to, packet);
    if (place == ResetPlace::Outside) return core.drop(packet, Reason::OutsideWindow);
    const Reason by_server = answered ? Reason::UpstreamReset : Reason::UpstreamRefused;
    const Reason reason = by_client ? Reason::ClientReset : by_server;
    const EndedBy by = by_client ? EndedBy::Client : EndedBy::Server;
    forward_translated(core, s, to, packet);
    place == ResetPlace::Exact ? end_session(core, s, reason, by)
                               : await_reset(core, s, reason, by);
}

// Notes what an ordinary segment says; true when a FIN was seen or acknowledged.
bool follow(Core& core, SessionIndex s, Direction to, const Packet& packet) {
    const wire::TcpHeader& tcp = packet.view.tcp();
    FlowRecord& flow = core.store.flow(s, to);
    FlowRecord& back = core.store.flow(s, opposite(to));
    const bool closes = tcp.has(wire::kFin) && !flow.fin_sent;
    if (closes) flow.fin_sent = true;
    if (flow.reset_passed) forget_reset(core, s);
    note_sent(core, flow, packet, end_of(packet));
    const SeqNum before_ack = back.floor;
    const bool fin_acked = note_ack(flow, back, tcp.ack_num());
    if (!back.syn_acked) back.syn_acked = back.floor != before_ack;
    return closes || fin_acked;
}

}  // namespace

void on_translated_tcp(Core& core, SessionIndex s, Direction to, Packet& packet) {
    const wire::TcpHeader& tcp = packet.view.tcp();
    const bool tells = tcp.has(wire::kSyn) || tcp.has(wire::kFin) || tcp.has(wire::kRst) ||
                       leaves_gap(core.store.flow(s, to), packet);
    if (tells && !checksum_ok(packet)) return core.drop(packet, Reason::TcpChecksum);
    if (!may_forward(core, packet, port_towards(to))) return;
    if (tcp.has(wire::kSyn))
        return to == Direction::ToServer ? on_client_syn(core, s, packet)
                                         : on_server_syn(core, s, packet);
    if (tcp.has(wire::kRst)) return on_reset(core, s, to, packet);
    // A server that remembers an older connection challenges the SYN; the client knows what to do.
    const bool early = to == Direction::ToClient && !core.store.flow(s, to).syn_acked &&
                       !core.store.sessions[s].answered;
    if (early) return forward_translated(core, s, to, packet);
    if (distance(core.store.flow(s, to).floor, end_of(packet)) > furthest(core.store.flow(s, opposite(to))))
        return core.drop(packet, Reason::OutsideWindow);
    if (keeps_back(core, s, packet, fresh_octets(core.store.flow(s, to), packet))) return;
    const bool fins_moved = follow(core, s, to, packet);
    forward_translated(core, s, to, packet);
    if (fins_moved) settle_fins(core, s);
}

}  // namespace sallyport::dp
