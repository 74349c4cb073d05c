// SPDX-License-Identifier: Apache-2.0
#include "tests/fuzz/session_player.h"

#include <algorithm>
#include <cstdio>

#include "dataplane/inspect/client_hello.h"
#include "tcpstack/base/check.h"
#include "tests/support/client_hello.h"
#include "tests/support/twins.h"
#include "tests/unit/nat/fragments.h"

namespace sallyport::test {
namespace {

// Short lives, so that everything has ended a few minutes after the last octet of the input.
GateOptions options() {
    GateOptions o;
    o.model.tcp.idle_timeout = o.model.tcp.transitory_timeout = std::chrono::seconds(30);
    o.model.tcp.hello_bytes = 1024;
    o.sessions = 16;
    o.hold_bytes = 64 * 512;
    return o;
}

Octets retry_record() {
    Octets body{3,    3,    0xcf, 0x21, 0xad, 0x74, 0xe5, 0x9a, 0x61, 0x11, 0xbe, 0x1d,
                0x8c, 0x02, 0x1e, 0x65, 0xb8, 0x91, 0xc2, 0xa2, 0x11, 0x16, 0x7a, 0xbb,
                0x8c, 0x5e, 0x07, 0x9e, 0x09, 0xe2, 0xc8, 0xa8, 0x33, 0x9c};
    put(body, Octets{0, 0x13, 0x01, 0, 0, 6, 0, 43, 0, 2, 3, 4});
    return record(joined({{2}, with_length(3, body)}));
}

}  // namespace

SessionPlayer::SessionPlayer() : gate_(options()) {
    const Octets allowed = record(Hello::of("allowed.example").message());
    hellos_[0] = allowed;
    hellos_[1] = record(Hello::of("denied.example").message());
    hellos_[2] = joined({allowed, record(Hello::of("other.example").message())});
    hellos_[3] = records_cut(Hello::of("a.wild.example").message(), 70);
    answers_[0] = record(joined({{2}, with_length(3, Octets(60, 3))}));
    answers_[1] = retry_record();
    answers_[2] = Octets(300, 0x17);
    for (std::size_t i = 0; i < clients_.size(); ++i) {
        clients_[i].addresses = {v4("10.10.0.5"), v4("198.51.100.80"), kStationMac, kGateMac};
        if (i >= kClients)
            for (IpAddr* a : {&clients_[i].addresses.src, &clients_[i].addresses.dst}) *a = twin(*a);
        clients_[i].own_port = static_cast<std::uint16_t>(40000 + i);
        clients_[i].gate_port = 443;
        clients_[i].own_isn = 0xffff'ff80;
    }
}

std::uint8_t SessionPlayer::octet() {
    if (input_.empty()) return 0;
    const std::uint8_t o = input_.front();
    input_ = input_.subspan(1);
    return o;
}

void SessionPlayer::play(std::span<const std::uint8_t> input) {
    input_ = input;
    while (!input_.empty()) {
        step();
        watch();
    }
    gate_.finish(std::chrono::minutes(5));
    watch();
    for (const std::string& problem : gate_.problems()) std::fprintf(stderr, "%s\n", problem.c_str());
    SP_CHECK(gate_.problems().empty());
}

void SessionPlayer::step() {
    const std::uint8_t what = octet();
    Leg& client = clients_[client_];
    if (what < 8) return gate_.advance(std::chrono::milliseconds(1 << what));
    const auto server = servers_.find(server_);
    switch (what) {
        case 8: return gate_.advance(std::chrono::seconds(2));
        case 9: client.own_isn += 77777; return;  // the client begins anew
        case 0xf0: pieces_ = octet(); return;
        case 0xf1: return icmp_error(dp::kOutsidePort);
        case 0xf2: return icmp_error(dp::kInsidePort);
        case 0xf3: client_ = octet() % clients_.size(); return;
        case 0xf4:
            if (server == servers_.end()) return;
            server_ = std::next(server) == servers_.end() ? servers_.begin()->first : std::next(server)->first;
            return;
        default: break;
    }
    if (what % 2 == 0) return segment(client, dp::kInsidePort);
    if (server != servers_.end()) segment(server->second, dp::kOutsidePort);
}

Octets SessionPlayer::payload(bool client) {
    const std::uint8_t which = octet();
    const Octets& whole = client ? hellos_[which % 4] : answers_[which % 3];
    const std::size_t from = which & 0x40 ? octet() % whole.size() : 0;
    const std::size_t size = which & 0x80 ? octet() : whole.size();
    return {whole.begin() + static_cast<long>(from),
            whole.begin() + static_cast<long>(std::min(whole.size(), from + size))};
}

void SessionPlayer::segment(Leg& leg, dp::PortIndex port) {
    constexpr std::uint8_t kFlags[] = {wire::kAck, wire::kAck | wire::kPsh, wire::kSyn,
                                       wire::kSyn | wire::kAck, wire::kFin | wire::kAck, wire::kRst,
                                       wire::kRst | wire::kAck, wire::kAck};
    const std::uint8_t shape = octet();
    TcpFields t;
    t.addresses = leg.addresses;
    t.src_port = leg.own_port;
    t.dst_port = leg.gate_port;
    t.flags = kFlags[shape % 8];
    t.seq = leg.own_isn + (t.flags & wire::kSyn ? 0 : 1);
    t.ack = leg.gate_isn + 1;
    if (shape & 0x10) t.seq += octet();
    if (shape & 0x20) t.ack += octet();
    if (shape & 0x40) t.seq -= octet();
    t.window = shape & 0x80 ? octet() : 8192;
    if ((t.flags & wire::kRst) == 0 && shape % 8 != 7) t.payload = payload(port == dp::kInsidePort);
    if (t.flags & wire::kSyn) {
        t.options.sack_permitted = true;
        t.options.mss = static_cast<std::uint16_t>(shape & 0x10 ? 100 : 1460);
        t.payload.clear();
    }
    send(port, tcp_frame(t));
}

// About what left last, as a router on the way or the host itself would say, or nearly so.
void SessionPlayer::icmp_error(dp::PortIndex port) {
    Octets about = last_[port];
    if (about.empty()) return;
    const std::uint8_t how = octet();
    const bool is_v6 = transport_at(about) == 54, inside = port == dp::kInsidePort;
    Octets quote(about.begin() + 14, about.begin() + static_cast<long>(std::min(about.size(), transport_at(about) + 8 + how / 4)));
    if ((how & 1) != 0) quote[octet() % quote.size()] ^= octet();
    Addresses a{v4(inside ? "10.10.0.5" : "192.0.2.1"), inside ? v4("198.51.100.80") : v4("203.0.113.7"),
                inside ? kStationMac : kRouterMac, inside ? kGateMac : kOutsideGateMac};
    if (is_v6) a.src = twin(a.src), a.dst = twin(a.dst);
    constexpr std::uint8_t kTypes6[] = {1, 2, 3, 4};  // RFC 4443: unreachable, too big, time, parameter
    const std::uint8_t type4 = (how & 2) != 0 ? wire::kIcmpTimeExceeded : wire::kIcmpUnreachable;
    Octets frame = icmp_frame(a, is_v6 ? kTypes6[how / 2 % 4] : type4, octet() % 16, quote);
    icmp_of(frame).rest.set(octet() * 8U);  // an MTU, where the code has one
    set_transport_checksum(frame);
    send(port, frame);
}

void SessionPlayer::send(dp::PortIndex port, const Octets& frame) {
    pieces_ != 0 ? send_pieces(port, frame) : gate_.inject(port, frame);
}

// In fragments of eight octets and more, in this order or the other, perhaps without the last, and
// perhaps with one that lies over another.
void SessionPlayer::send_pieces(dp::PortIndex port, const Octets& frame) {
    const std::size_t step = 8U * (1U + pieces_ % 16);
    const bool backwards = (pieces_ & 16) != 0, lossy = (pieces_ & 32) != 0, overlapping = (pieces_ & 64) != 0;
    Octets whole = frame;
    if (transport_at(whole) == 34) whole = with_id(whole, pieces_);
    std::vector<Octets> pieces = pieces_of(whole, step, pieces_);
    if (overlapping) pieces[0] = piece_of(whole, 0, step + 8, pieces_);
    pieces_ = 0;
    if (backwards) std::reverse(pieces.begin(), pieces.end());
    if (lossy) pieces.pop_back();
    for (const Octets& piece : pieces) gate_.inject(port, piece);
}

void SessionPlayer::watch() {
    for (const dp::PortIndex port : {dp::kInsidePort, dp::kOutsidePort}) {
        for (Emitted& e : gate_.out(port)) {
            wire::PacketView view;
            if (wire::parse(e.frame, view) != wire::ParseError::None) continue;
            if (view.kind() != wire::PacketKind::Tcp) continue;
            last_[port] = e.frame;
            const wire::TcpHeader& tcp = view.tcp();
            const auto client = static_cast<std::size_t>(tcp.dst_port.host() - 40000);
            if (port == dp::kInsidePort && tcp.has(wire::kSyn) && client < clients_.size() &&
                view.is_v6() == (client >= kClients))
                clients_[client].gate_isn = tcp.seq.host();
            if (port == dp::kOutsidePort) watch_outside(view);
        }
        gate_.out(port).clear();
    }
}

// The server that the gate calls: a SYN with another number is for a new connection.
SessionPlayer::Leg& SessionPlayer::server_of(const wire::PacketView& view) {
    const wire::TcpHeader& tcp = view.tcp();
    const FourTuple tuple = view.four_tuple();
    const std::uint16_t port = tuple.src_port.number;
    const ServerKey key{port, view.is_v6()};
    Leg& server = servers_[key];
    if (!tcp.has(wire::kSyn) || (server.gate_port != 0 && tcp.seq.host() == server.gate_isn)) return server;
    server = Leg{};
    server.addresses = {tuple.dst, tuple.src, kRouterMac, kOutsideGateMac};
    server.own_port = tuple.dst_port.number;
    server.gate_port = port;
    server.own_isn = 0xffff'fff0;
    server.gate_isn = tcp.seq.host();
    server_ = key;
    return server;
}

void SessionPlayer::watch_outside(const wire::PacketView& view) {
    SP_CHECK(gate_.counter("verdicts_allow") > 0);  // nothing leaves before a verdict
    Leg& server = server_of(view);
    if (view.payload().empty()) return;
    note_heard(server, view.tcp().seq.host() - server.gate_isn - 1, view.payload());
    judge_what_left(server);
}

// What was judged is what every copy says.
void SessionPlayer::note_heard(Leg& server, std::size_t at, std::span<const std::uint8_t> octets) {
    for (std::size_t i = 0; i < octets.size() && at + i < kHeardMax; ++i) {
        int& heard = server.heard[at + i];
        if (heard < 0) heard = octets[i];
        SP_CHECK(at + i >= server.judged || heard == octets[i]);
    }
}

// Whatever the client did, the first hello that a server sees names an allowed server.
void SessionPlayer::judge_what_left(Leg& server) {
    if (server.judged != 0) return;
    Octets stream;
    for (const int o : server.heard) {
        if (o < 0) break;
        stream.push_back(static_cast<std::uint8_t>(o));
    }
    Octets scratch(stream.size());
    dp::inspect::ClientHello hello;
    const auto status = [&](std::size_t size) {
        return dp::inspect::parse_client_hello({stream.data(), size}, scratch, hello).status;
    };
    SP_CHECK(status(stream.size()) != dp::inspect::HelloStatus::Bad);
    if (status(stream.size()) != dp::inspect::HelloStatus::Done) return;
    const std::string_view name = hello.name.view();
    SP_CHECK(name == "allowed.example" || name == "a.wild.example");
    for (server.judged = 1; status(server.judged) != dp::inspect::HelloStatus::Done;) ++server.judged;
}

}  // namespace sallyport::test
