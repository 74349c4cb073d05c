// SPDX-License-Identifier: Apache-2.0
// What a script says in ICMP errors and in IP fragments.
#include <algorithm>
#include <array>

#include "dataplane/icmp_quote.h"
#include "tcpstack/wire/pretty.h"
#include "tests/tcp/player.h"
#include "tests/unit/nat/fragments.h"
#include "tests/unit/policy/rules.h"

namespace sallyport::test {
namespace {

bool is_error(const Emitted& e) {
    Octets copy = e.frame;
    wire::PacketView view;
    return wire::parse(copy, view) == wire::ParseError::None && dp::is_passable_error(view);
}

// Scripts speak in the numbers of RFC 792; those of RFC 4443 that mean the same.
struct Kind {
    std::uint8_t type = 0, code = 0;
    friend bool operator==(const Kind&, const Kind&) = default;
};
constexpr std::array<std::array<Kind, 2>, 7> kKinds{{
    {{{3, 0}, {1, 0}}},    // no route
    {{{3, 1}, {1, 3}}},    // address
    {{{3, 3}, {1, 4}}},    // port
    {{{3, 4}, {2, 0}}},    // too big
    {{{3, 13}, {1, 1}}},   // prohibited
    {{{11, 0}, {3, 0}}},   // time exceeded
    {{{12, 0}, {4, 0}}},   // parameter problem
}};

Kind own_kind(const Kind& written, Family family) {
    if (family == Family::V4) return written;
    for (const auto& [v4, v6] : kKinds)
        if (v4 == written) return v6;
    throw ScriptError("no ICMPv6 error means the same");
}

// The header of IPv6 is longer by so much, and so are the packets of which a script writes the length.
std::uint32_t longer(Family family) { return family == Family::V4 ? 0 : 20; }

// The packet that `leg` was sent by the gate.
TcpFields sent_to(const Leg& leg, std::uint32_t seq) {
    TcpFields t;
    t.addresses.src = leg.addresses.dst;
    t.addresses.dst = leg.addresses.src;
    t.src_port = leg.gate_port;
    t.dst_port = leg.own_port;
    t.seq = leg.gate_isn + seq;
    t.ack = leg.own_isn + leg.sent_end;
    return t;
}

}  // namespace

void Player::send_pieces(dp::PortIndex port, const Octets& frame, const Words& words) {
    ++datagram_id_;
    const Octets whole = family_ == Family::V4 ? with_id(frame, datagram_id_) : frame;
    std::vector<Octets> pieces = pieces_of(whole, number(*after(words, "pieces")), datagram_id_);
    if (const auto again = after(words, "overlap")) {
        Octets other = pieces.at(number(*again));
        other.back() ^= 0x20;
        pieces.insert(pieces.end() - 1, other);
    }
    if (const auto lost = after(words, "without")) pieces.erase(pieces.begin() + number(*lost));
    if (has(words, "reversed")) std::reverse(pieces.begin(), pieces.end());
    for (const Octets& piece : pieces)
        for (int copies = has(words, "twice") ? 2 : 1; copies > 0; --copies) gate_->inject(port, piece);
}

void Player::icmp_line(const Words& words) {
    const dp::PortIndex port = words[0] == "inside" ? dp::kInsidePort : dp::kOutsidePort;
    if (words.size() < 7 || words[2] != "icmp") fail("not a step");
    if (words[1] == "<") return receive_icmp(port, words);
    no_output();
    send_icmp(port, words);
}

void Player::send_icmp(dp::PortIndex port, const Words& words) {
    const Leg& leg = leg_of(*after(words, "about"));
    if (!leg.bound) fail("the gate has not opened this connection");
    Octets quoted = tcp_frame(sent_to(leg, number(after(words, "seq").value_or("0"))));
    const std::size_t length = number(after(words, "len").value_or("40"));
    if (family_ == Family::V4) ipv4_of(quoted).total_length.set(static_cast<std::uint16_t>(length));
    else ipv6_of(quoted).payload_length.set(static_cast<std::uint16_t>(length - 20));
    if (family_ == Family::V4) wire::set_checksum(ipv4_of(quoted));
    quoted.resize(transport_at(quoted) + number(after(words, "quote").value_or("8")));
    Addresses a{leg.addresses.src, leg.addresses.dst, kStationMac, kGateMac};
    if (port == dp::kOutsidePort) a = {leg.addresses.src, leg.addresses.dst, kRouterMac, kOutsideGateMac};
    if (const auto from = after(words, "from")) a.src = own(address(*from));
    const Kind kind = own_kind({static_cast<std::uint8_t>(number(words[3])), static_cast<std::uint8_t>(number(words[4]))}, family_);
    Octets error = icmp_frame(a, kind.type, kind.code, Octets(quoted.begin() + 14, quoted.end()));
    if (const auto mtu = after(words, "mtu")) icmp_of(error).rest.set(number(*mtu) + longer(family_));
    else icmp_of(error).rest.set(0);
    set_transport_checksum(error);
    gate_->inject(port, error);
}

void Player::receive_icmp(dp::PortIndex port, const Words& words) {
    auto& queue = gate_->out(port);
    const auto at = std::find_if(queue.begin(), queue.end(), is_error);
    if (at == queue.end()) {
        no_output();
        fail("no ICMP error was sent");
    }
    Octets frame = at->frame;
    queue.erase(at);
    wire::PacketView view;
    if (wire::parse(frame, view) != wire::ParseError::None) fail("cannot parse what was sent");
    if (!view.transport_checksum_ok()) fail("checksum");
    const auto wrong = [](const std::string& what, auto is) { fail(what + " is " + std::to_string(is)); };
    const wire::IcmpHeader& icmp = view.icmp();
    const Kind kind = own_kind({static_cast<std::uint8_t>(number(words[3])), static_cast<std::uint8_t>(number(words[4]))}, family_);
    if (icmp.type != kind.type) wrong("type", icmp.type);
    if (icmp.code != kind.code) wrong("code", icmp.code);
    const std::uint32_t rest = icmp.rest.host();
    if (const auto mtu = after(words, "mtu"); mtu && rest != number(*mtu) + longer(family_)) wrong("MTU", rest);
    if (const auto mtu = after(words, "port_mtu"); mtu && rest != number(*mtu)) wrong("MTU", rest);
    if (const auto from = after(words, "from"); from && view.source() != own(address(*from))) fail("source");
    const auto quote = dp::read_quote(view);
    if (!quote) fail("the error quotes nothing that can be read");
    const Leg& leg = leg_of(*after(words, "about"));
    if (view.destination() != leg.addresses.src) fail("destination");
    const FourTuple sent{leg.addresses.src, leg.addresses.dst, Port{leg.own_port}, Port{leg.gate_port}};
    if (quote->key != sent) fail("the error quotes a packet of another connection");
    const std::uint32_t seq = quote->seq.raw() - leg.own_isn;
    if (const auto want = after(words, "seq"); want && seq != number(*want)) wrong("quoted sequence number", seq);
    const std::size_t header = family_ == Family::V4 ? 20 : 40;
    if (const auto octets = after(words, "quote"); octets && view.payload_length() != header + number(*octets))
        wrong("payload", view.payload_length());
}

}  // namespace sallyport::test
