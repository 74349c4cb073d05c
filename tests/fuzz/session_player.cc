// SPDX-License-Identifier: Apache-2.0
#include "tests/fuzz/session_player.h"

#include <algorithm>
#include <cstdio>

#include "dataplane/inspect/client_hello.h"
#include "tcpstack/base/check.h"
#include "tests/support/client_hello.h"

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
    client_.addresses = {v4("10.10.0.5"), v4("198.51.100.80"), kStationMac, kGateMac};
    client_.own_port = 40000;
    client_.gate_port = 443;
    client_.own_isn = 0xffff'ff80;
    client_.open = true;
    server_.own_isn = 0xffff'fff0;
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
    if (what < 8) return gate_.advance(std::chrono::milliseconds(1 << what));
    if (what == 8) return gate_.advance(std::chrono::seconds(2));
    if (what == 9) {
        client_.own_isn += 77777;  // the client begins anew
        return;
    }
    if (what % 2 == 0) return segment(client_, dp::kInsidePort);
    if (server_.open) segment(server_, dp::kOutsidePort);
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
    gate_.inject(port, tcp_frame(t));
}

void SessionPlayer::watch() {
    for (const dp::PortIndex port : {dp::kInsidePort, dp::kOutsidePort}) {
        for (Emitted& e : gate_.out(port)) {
            wire::PacketView view;
            if (wire::parse(e.frame, view) != wire::ParseError::None) continue;
            if (view.kind() != wire::PacketKind::Tcp) continue;
            const wire::TcpHeader& tcp = view.tcp();
            if (port == dp::kInsidePort && tcp.has(wire::kSyn)) client_.gate_isn = tcp.seq.host();
            if (port == dp::kOutsidePort) watch_outside(view);
        }
        gate_.out(port).clear();
    }
}

void SessionPlayer::watch_outside(const wire::PacketView& view) {
    const wire::TcpHeader& tcp = view.tcp();
    SP_CHECK(gate_.counter("verdicts_allow") > 0);  // nothing leaves before a verdict
    if (tcp.has(wire::kSyn) && tcp.seq.host() != server_.gate_isn) {
        const FourTuple tuple = view.four_tuple();
        server_ = Leg{};
        server_.addresses = {tuple.dst.v4(), tuple.src.v4(), kRouterMac, kOutsideGateMac};
        server_.own_port = tuple.dst_port.number;
        server_.gate_port = tuple.src_port.number;
        server_.own_isn = 0xffff'fff0;
        server_.gate_isn = tcp.seq.host();
        server_.open = true;
    }
    const std::uint32_t at = tcp.seq.host() - server_.gate_isn - 1;
    const auto octets = view.payload();
    for (std::size_t i = 0; i < octets.size() && at + i < server_.heard.size(); ++i)
        if (server_.heard[at + i] < 0) server_.heard[at + i] = octets[i];
    if (!octets.empty()) judge_what_left();
}

// Whatever the client did, the first hello that a server sees names an allowed server.
void SessionPlayer::judge_what_left() {
    Octets stream;
    for (const int o : server_.heard) {
        if (o < 0) break;
        stream.push_back(static_cast<std::uint8_t>(o));
    }
    Octets scratch(stream.size());
    dp::inspect::ClientHello hello;
    const auto result = dp::inspect::parse_client_hello(stream, scratch, hello);
    SP_CHECK(result.status != dp::inspect::HelloStatus::Bad);
    if (result.status != dp::inspect::HelloStatus::Done) return;
    const std::string_view name = hello.name.view();
    SP_CHECK(name == "allowed.example" || name == "a.wild.example");
}

}  // namespace sallyport::test
