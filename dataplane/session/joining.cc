// SPDX-License-Identifier: Apache-2.0
#include "dataplane/session/joining.h"

#include <algorithm>
#include <bit>

#include "dataplane/inspect/client_hello.h"
#include "dataplane/inspect/server_hello.h"
#include "dataplane/session/client_leg.h"
#include "dataplane/session/ending.h"
#include "dataplane/session/held_ack.h"
#include "dataplane/session/keepalive.h"
#include "dataplane/session/metering.h"
#include "dataplane/session/own_segment.h"
#include "dataplane/session/records.h"
#include "dataplane/session/relay_legs.h"
#include "dataplane/session/server_leg.h"
#include "dataplane/session/splice.h"
#include "dataplane/session/verdicts.h"
#include "tcpstack/wire/checksum.h"

namespace sallyport::dp {
namespace {

using inspect::SecondHello;
using inspect::ServerFirst;

// Numbers: the held octets keep their offsets on the server leg, so one delta serves from the first
// octet on. Timestamps: what we sent last on a leg corresponds to what the other leg sent first.
void fill_deltas(Core& core, SessionIndex s) {
    const Session& session = core.store.sessions[s];
    const Setup& setup = core.store.setups[session.setup];
    const tcp::ActiveOpen& leg = setup.leg;
    FlowRecord& to_server = core.store.flow(s, Direction::ToServer);
    FlowRecord& to_client = core.store.flow(s, Direction::ToClient);
    to_server.seq_delta = leg.iss().raw() - session.irs.raw();
    to_server.ack_delta = leg.irs().raw() - session.iss.raw();
    to_client.seq_delta = 0U - to_server.ack_delta;
    to_client.ack_delta = 0U - to_server.seq_delta;
    to_server.ts_val_delta = leg.ts_start().raw() - setup.ts_recent.raw();
    to_client.ts_ecr_delta = 0U - to_server.ts_val_delta;
    to_client.ts_val_delta = setup.ts_sent.raw() - leg.server_ts_start().raw();
    to_server.ts_ecr_delta = 0U - to_client.ts_val_delta;
    to_server.timestamps = to_client.timestamps = setup.options.timestamps;
    to_client.ts_settled = true;  // the server only ever saw our values
    to_server.ts_last = setup.ts_recent;
    to_client.ts_last = leg.server_ts_start();
}

void fill_windows(Core& core, SessionIndex s) {
    const Setup& setup = core.store.setups[core.store.sessions[s].setup];
    const tcp::ActiveOpen& leg = setup.leg;
    FlowRecord& to_server = core.store.flow(s, Direction::ToServer);
    FlowRecord& to_client = core.store.flow(s, Direction::ToClient);
    const bool client_scales = setup.options.window_shift != tcp::kNoWindowScale;
    // An answer to an option that was not offered does not count (RFC 7323 section 2.2).
    const bool server_scales = client_scales && leg.window_shift() != tcp::kNoWindowScale;
    to_server.shift_here = setup.options.window_shift & 15;
    to_server.shift_there = (server_scales ? setup.options.window_shift : tcp::kNoWindowScale) & 15;
    to_client.shift_here = (server_scales ? leg.window_shift() : tcp::kNoWindowScale) & 15;
    to_client.shift_there = (client_scales ? kGateWindowShift : tcp::kNoWindowScale) & 15;
    to_server.window = setup.client_window;
    to_client.window = rescale_window(leg.syn_window(), server_scales ? leg.window_shift() : 0);
    to_server.cut_payload_above(leg.mss());
}

void freeze(Core& core, SessionIndex s) {
    Session& session = core.store.sessions[s];
    Setup& setup = core.store.setups[session.setup];
    FlowRecord& to_server = core.store.flow(s, Direction::ToServer);
    FlowRecord& to_client = core.store.flow(s, Direction::ToClient);
    fill_deltas(core, s);
    fill_windows(core, s);
    session.server_irs = setup.leg.irs();
    session.server_ts_start = setup.leg.server_ts_start();
    session.state = SessionState::Joining;
    setup.stage = Stage::Delivering;
    setup.joined_at = setup.base + setup.hold.contiguous();
    to_server.high = session.irs + 1;
    to_server.high_wraps = 0;
    to_server.raise_high(setup.joined_at);
    to_server.floor = setup.joined_at;
    to_client.high = setup.leg.irs() + 1;
    to_client.floor = setup.leg.irs() + 1;
    setup.leg.deliver_until(to_server.there(setup.joined_at));
}

// Whether the server lacks an option that the client was promised, or speaks the other family, so that
// its headers cannot simply be rewritten.
bool needs_relay(Core& core, SessionIndex s) {
    const Setup& setup = core.store.setups[core.store.sessions[s].setup];
    const FlowRecord& to_server = core.store.flow(s, Direction::ToServer);
    const bool crosses = to_server.key_v6 != to_server.rewrite_v6;
    const bool no_sack = setup.options.sack && !setup.leg.sack();
    const bool no_timestamps = setup.options.timestamps && !setup.leg.timestamps();
    if (no_sack) core.counters.relays_no_sack.add(1);
    if (no_timestamps) core.counters.relays_no_timestamps.add(1);
    if (crosses) core.counters.relays_cross_family.add(1);
    return no_sack || no_timestamps || crosses;
}

// Octets that hold has already reported by SACK, above S: spliced once, never thrown away.
void send_ahead(Core& core, SessionIndex s) {
    const Setup& setup = core.store.setups[core.store.sessions[s].setup];
    FlowRecord& to_server = core.store.flow(s, Direction::ToServer);
    const std::uint32_t room = setup.leg.mss() - (setup.options.timestamps ? 12U : 0U);
    for (const tcp::Range& range : setup.hold.arrived().ahead())
        for (std::uint32_t at = range.begin; at < range.end;) {
            const std::uint32_t n = std::min(room, range.end - at);
            const std::span<std::uint8_t> octets{core.stream.data(), n};
            setup.hold.read(core.store.chunks, at, octets);
            wire::TcpFields fields = from_record(core, s, Direction::ToServer);
            fields.seq = to_server.there(setup.base + at);
            send_segment(core, fields, octets, kOutsidePort, to_server.neighbor);
            at += n;
            to_server.raise_high(setup.base + at);
        }
}

// The server waits for an acknowledgement of its SYN even when it takes no octets yet.
void acknowledge_syn(Core& core, SessionIndex s) {
    wire::TcpFields fields = from_record(core, s, Direction::ToServer);
    fields.seq = core.store.setups[core.store.sessions[s].setup].leg.snd_nxt();
    send_segment(core, fields, {}, kOutsidePort, core.store.flow(s, Direction::ToServer).neighbor);
}

// What follows the first hello within S: early data may, another hello only for the same server.
bool second_hello_differs(Core& core, SessionIndex s) {
    const Setup& setup = core.store.setups[core.store.sessions[s].setup];
    const std::uint32_t behind = setup.hold.contiguous() - setup.hello_octets;
    if (behind == 0) return false;
    const std::span<std::uint8_t> stream{core.stream.data(), behind};
    setup.hold.read(core.store.chunks, setup.hello_octets, stream);
    std::array<char, kNameMax> name;
    std::uint32_t length = 0;
    const SecondHello found = inspect::find_second_hello(stream, core.scratch,
                                                         name_of(core.store, s, name), length);
    return found == SecondHello::OtherName || found == SecondHello::Bad;
}

// The hello goes out at once; what follows it waits for the server's first record.
void become_relay(Core& core, SessionIndex s) {
    const std::uint32_t judged = core.store.setups[core.store.sessions[s].setup].hello_octets;
    if (!begin_relay(core, s, RelayKind::Tls)) return abort_session(core, s, Reason::RelayFull);
    relay_of(core, s).to_server.judged = judged;
    relay_leg_opened(core, s);
}

void become_splice(Core& core, SessionIndex s) {
    Session& session = core.store.sessions[s];
    const bool metered = session.limits.any() || session.keepalive.probes != 0;
    const FlowStage stage = metered ? FlowStage::Metered : FlowStage::Splice;
    core.store.flow(s, Direction::ToServer).stage = stage;
    core.store.flow(s, Direction::ToClient).stage = stage;
    start_keepalive(core, s);
    release_setup(core, s);
    session.state = SessionState::Spliced;
    core.counters.sessions_spliced.add(1);
    rearm(core, s);
    settle_fins(core, s);
}

void leave_when_done(Core& core, SessionIndex s) {
    const Session& session = core.store.sessions[s];
    const Setup& setup = core.store.setups[session.setup];
    if (setup.stage != Stage::AwaitingServer) return;
    if (setup.server_spoke || setup.second_hello || core.settings().hrr == HelloRetry::Pass)
        become_splice(core, s);
}

void on_delivered(Core& core, SessionIndex s) {
    Setup& setup = core.store.setups[core.store.sessions[s].setup];
    setup.stage = Stage::AwaitingServer;
    setup.setup_deadline = kNever;
    if (!setup.second_hello) core.counters.sessions_joined.add(1);
    rearm(core, s);
}

void begin_second_hold(Core& core, SessionIndex s) {
    leave_ack_to_server(core, s);
    Setup& setup = core.store.setups[core.store.sessions[s].setup];
    release_hold(core, s);
    setup.hold.start(std::min(core.settings().hello_bytes, kHoldBytesMax));
    setup.base = setup.joined_at;
    setup.stage = Stage::SecondHold;
    setup.hello_deadline = core.now + core.settings().hello_timeout;
    setup.ts_recent = core.store.flow(s, Direction::ToServer).ts_last;
    rearm(core, s);
}

// In whatever order they come: a client answers a HelloRetryRequest as soon as it has all of it.
ServerFirst look_at_first_octets(Setup& setup, const Packet& packet) {
    const auto offset = static_cast<std::uint32_t>(
        distance(setup.leg.irs() + 1, packet.view.tcp().seq_num()));
    const Octets payload = packet.view.payload();
    for (std::size_t i = 0; i < payload.size() && offset + i < setup.server_first.size(); ++i) {
        setup.server_first[offset + i] = payload[i];
        setup.server_first_known |= std::uint64_t{1} << (offset + i);
    }
    const auto known = static_cast<std::size_t>(std::countr_one(setup.server_first_known));
    return inspect::classify_server_first({setup.server_first.data(), known});
}

enum class Going : std::uint8_t { On, Ended, HeldBack };

// The server asks for a second hello. What the client sends next is held again; nothing may have
// left beyond what was judged.
Going on_hello_retry(Core& core, SessionIndex s) {
    const Setup& setup = core.store.setups[core.store.sessions[s].setup];
    if (core.store.flow(s, Direction::ToServer).high != setup.joined_at) {
        core.store.sessions[s].decision = policy::Decision::Deny;
        abort_session(core, s, Reason::HelloRetryAhead);
        return Going::Ended;
    }
    if (!setup.leg.delivered()) return Going::HeldBack;
    core.counters.hello_retries.add(1);
    begin_second_hold(core, s);
    return Going::On;
}

Going inspect_server(Core& core, SessionIndex s, const Packet& packet) {
    Setup& setup = core.store.setups[core.store.sessions[s].setup];
    if (setup.server_spoke || setup.second_hello || packet.view.payload_length() == 0 ||
        setup.stage == Stage::SecondHold || core.settings().hrr == HelloRetry::Pass)
        return Going::On;
    switch (look_at_first_octets(setup, packet)) {
        case ServerFirst::NeedMore: return Going::On;
        case ServerFirst::ServerHello:
        case ServerFirst::Alert: setup.server_spoke = true; return Going::On;
        case ServerFirst::NotTls: abort_session(core, s, Reason::UpstreamProtocol); return Going::Ended;
        case ServerFirst::HelloRetryRequest: return on_hello_retry(core, s);
    }
    __builtin_unreachable();
}

// The client believes that everything below S was acknowledged long ago: an older acknowledgement is
// raised to S, the window that it carries shrinks by as much, and SACK blocks below S go.
void raise_to_joined(Packet& packet, SeqNum joined_at_there, const FlowRecord& to_client) {
    wire::TcpHeader& tcp = packet.view.tcp();
    const SeqNum ack = tcp.ack_num();
    const unsigned shift = to_client.shift_here > 14 ? 0 : to_client.shift_here;
    if (before(ack, joined_at_there)) {
        const auto raise = static_cast<std::uint32_t>(distance(ack, joined_at_there));
        const std::uint32_t window = static_cast<std::uint32_t>(tcp.window.host()) << shift;
        tcp.ack.set(joined_at_there.raw());
        tcp.window.set(rescale_window(window > raise ? window - raise : 0, shift));
    }
    keep_sack_from(packet, joined_at_there);
    recompute_checksum(packet);
}

void note_ack(Core& core, SessionIndex s, const Packet& packet) {
    Setup& setup = core.store.setups[core.store.sessions[s].setup];
    const wire::TcpHeader& tcp = packet.view.tcp();
    const FlowRecord& to_client = core.store.flow(s, Direction::ToClient);
    if (!tcp.has(wire::kAck)) return;
    const SeqNum ack = earlier_of(tcp.ack_num(), setup.leg.end());
    const unsigned shift = to_client.shift_here > 14 ? 0 : to_client.shift_here;
    setup.leg.on_ack(ack, static_cast<std::uint32_t>(tcp.window.host()) << shift, core.now);
    if (setup.stage == Stage::Delivering && setup.leg.delivered()) on_delivered(core, s);
}

// Whether the client should see a packet from the server now.
bool concerns_client(const Setup& setup, const Packet& packet) {
    const wire::TcpHeader& tcp = packet.view.tcp();
    return packet.view.sequence_length() > 0 || tcp.has(wire::kRst) ||
           !before(tcp.ack_num(), setup.leg.end());
}

// Octets of the hello once more, whose acknowledgement is still to come.
bool is_awaiting_ack(const Setup& setup, const Packet& packet) {
    const wire::TcpHeader& tcp = packet.view.tcp();
    const auto octets = static_cast<std::uint32_t>(packet.view.payload_length());
    return setup.acknowledge_at != kNever && octets > 0 &&
           !tcp.has(wire::kFin | wire::kSyn | wire::kRst) &&
           !before(setup.joined_at, tcp.seq_num() + octets);
}

}  // namespace

void join(Core& core, SessionIndex s) {
    const Setup& setup = core.store.setups[core.store.sessions[s].setup];
    const bool relayed = needs_relay(core, s);
    freeze(core, s);
    // A relay counts what it passes on itself.
    if (!relayed && meter(core, s, setup.hold.contiguous()) == Reason::BudgetExceeded)
        return abort_session(core, s, Reason::BudgetExceeded);
    if (second_hello_differs(core, s)) {
        core.store.sessions[s].decision = policy::Decision::Deny;
        return abort_session(core, s, Reason::SecondHelloMismatch);
    }
    if (relayed) return become_relay(core, s);
    if (setup.leg.may_send() == 0) acknowledge_syn(core, s);
    deliver(core, s);
    send_ahead(core, s);
}

void on_client_joining(Core& core, SessionIndex s, Packet& packet) {
    const Setup& setup = core.store.setups[core.store.sessions[s].setup];
    const bool held = setup.stage == Stage::SecondHold &&
                      (packet.view.sequence_length() > 0 || packet.view.tcp().has(wire::kRst));
    if (held) return on_client_held(core, s, packet);
    if (!packet.view.transport_checksum_ok()) return core.drop(packet, Reason::TcpChecksum);
    if (is_awaiting_ack(setup, packet)) {
        note_repeated(core, s, packet.view.tcp().seq_num(), packet.view.payload_length());
        return core.free(packet);
    }
    splice_packet(core, s, Direction::ToServer, packet);
}

void on_server_joining(Core& core, SessionIndex s, Packet& packet) {
    if (!packet.view.transport_checksum_ok()) return core.drop(packet, Reason::TcpChecksum);
    const std::uint64_t id = core.store.sessions[s].id;
    Setup& setup = core.store.setups[core.store.sessions[s].setup];
    const wire::TcpHeader& tcp = packet.view.tcp();
    // Our acknowledgement of its SYN was lost.
    if (tcp.has(wire::kSyn)) return ack_sender(core, s, Direction::ToClient, packet);
    if (!tcp.has(wire::kRst)) {
        const SeqNum joined_at = setup.leg.end();
        note_ack(core, s, packet);
        const Going going = inspect_server(core, s, packet);
        if (going == Going::Ended) return core.free(packet);
        if (going == Going::HeldBack) return core.drop(packet, Reason::HoldUnfit);
        if (!concerns_client(setup, packet)) {
            core.free(packet);
            return deliver(core, s);
        }
        raise_to_joined(packet, joined_at, core.store.flow(s, Direction::ToClient));
        leave_ack_to_server(core, s);
    }
    splice_packet(core, s, Direction::ToClient, packet);
    const bool lives = core.store.sessions.is_taken(s) && core.store.sessions[s].id == id;
    if (!lives || core.store.sessions[s].setup == kNoIndex) return;
    if (setup.stage == Stage::Delivering) deliver(core, s);
    leave_when_done(core, s);
}

void judge_second_hello(Core& core, SessionIndex s) {
    Setup& setup = core.store.setups[core.store.sessions[s].setup];
    const std::span<std::uint8_t> stream{core.stream.data(), setup.hold.contiguous()};
    setup.hold.read(core.store.chunks, 0, stream);
    std::array<char, kNameMax> name;
    std::uint32_t length = 0;
    acknowledge_held(core, s);
    switch (inspect::find_second_hello(stream, core.scratch, name_of(core.store, s, name), length)) {
        case SecondHello::None:
        case SecondHello::NeedMore:
            if (stream.size() == setup.hold.limit())
                refuse_session(core, s, Reason::ClientHelloTooLarge);
            return;
        case SecondHello::OtherName:
        case SecondHello::Bad: return refuse_session(core, s, Reason::SecondHelloMismatch);
        case SecondHello::SameName: break;
    }
    FlowRecord& to_server = core.store.flow(s, Direction::ToServer);
    setup.second_hello = true;
    setup.stage = Stage::Delivering;
    setup.joined_at = setup.base + setup.hold.contiguous();
    setup.setup_deadline = core.now + core.settings().setup_timeout;
    to_server.raise_high(setup.joined_at);
    to_server.floor = setup.joined_at;
    to_server.ts_last = later_of(to_server.ts_last, setup.ts_recent);
    setup.leg.deliver_until(to_server.there(setup.joined_at));
    deliver(core, s);
    send_ahead(core, s);
}

}  // namespace sallyport::dp
