// SPDX-License-Identifier: Apache-2.0
// What a script says in ICMP errors and in IP fragments.
#include "dataplane/icmp_quote.h"
#include "tcpstack/wire/pretty.h"
#include "tests/tcp/player.h"
#include "tests/unit/nat/fragments.h"

namespace sallyport::test {
namespace {

bool is_error(const Emitted& e) {
    Octets copy = e.frame;
    wire::PacketView view;
    return wire::parse(copy, view) == wire::ParseError::None && dp::is_passable_error(view);
}

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
    std::vector<Octets> pieces = pieces_of(with_id(frame, ++datagram_id_), number(*after(words, "pieces")));
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
    ipv4_of(quoted).total_length.set(static_cast<std::uint16_t>(number(after(words, "len").value_or("40"))));
    wire::set_checksum(ipv4_of(quoted));
    quoted.resize(34 + number(after(words, "quote").value_or("8")));
    Addresses a{leg.addresses.src, leg.addresses.dst, kStationMac, kGateMac};
    if (port == dp::kOutsidePort) a = {leg.addresses.src, leg.addresses.dst, kRouterMac, kOutsideGateMac};
    if (const auto from = after(words, "from")) a.src = v4(*from);
    Octets error = icmp_frame(a, static_cast<std::uint8_t>(number(words[3])), static_cast<std::uint8_t>(number(words[4])),
                              Octets(quoted.begin() + 14, quoted.end()));
    icmp_of(error).rest.set(number(after(words, "mtu").value_or("0")));
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
    const auto wrong = [](const std::string& what, auto is) { fail(what + " is " + std::to_string(is)); };
    const wire::IcmpHeader& icmp = view.icmp();
    if (icmp.type != number(words[3])) wrong("type", icmp.type);
    if (icmp.code != number(words[4])) wrong("code", icmp.code);
    if (const auto mtu = after(words, "mtu"); mtu && icmp.rest.host() != number(*mtu)) wrong("MTU", icmp.rest.host());
    if (const auto from = after(words, "from"); from && view.ipv4().src != v4(*from)) fail("source");
    const auto quote = dp::read_quote(view);
    if (!quote) fail("the error quotes nothing that can be read");
    const Leg& leg = leg_of(*after(words, "about"));
    if (view.destination() != leg.addresses.src) fail("destination");
    const FourTuple sent{leg.addresses.src, leg.addresses.dst, Port{leg.own_port}, Port{leg.gate_port}};
    if (four_tuple(quote->key) != sent) fail("the error quotes a packet of another connection");
    const std::uint32_t seq = quote->seq.raw() - leg.own_isn;
    if (const auto want = after(words, "seq"); want && seq != number(*want)) wrong("quoted sequence number", seq);
    if (const auto octets = after(words, "quote"); octets && view.payload_length() != 20 + number(*octets))
        wrong("payload", view.payload_length());
}

}  // namespace sallyport::test
