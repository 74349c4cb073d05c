// SPDX-License-Identifier: Apache-2.0
#include "tcpstack/wire/pretty.h"

#include <array>

#include "tcpstack/base/text_writer.h"
#include "tcpstack/wire/ndp.h"
#include "tcpstack/wire/packet_view.h"
#include "tcpstack/wire/tcp_options.h"

namespace sallyport::wire {
namespace {

constexpr std::string_view kErrorTexts[] = {
    "",
#define SP_REASON(name, text, help) text,
#include "tcpstack/wire/parse_errors.def"
#undef SP_REASON
};

void put(TextWriter& out, const MacAddr& mac) {
    for (unsigned i = 0; i < 6; ++i) {
        if (i != 0) out.put(':');
        out.hex(mac.octets[i], 2);
    }
}

void put(TextWriter& out, const IpAddr& a) {
    std::array<char, kIpTextMax> text;
    out.put(format(a, text));
}

void put(TextWriter& out, const Endpoint& e) {
    put(out, e.address);
    out.put('.').decimal(e.port.number);
}

void put_tuple(TextWriter& out, const FourTuple& t) {
    put(out, Endpoint{t.src, t.src_port});
    out.put(" > ");
    put(out, Endpoint{t.dst, t.dst_port});
}

void put_arp(TextWriter& out, const ArpPacket& arp) {
    const std::uint16_t operation = arp.operation.host();
    if (operation == kArpRequest) {
        out.put("ARP who-has ");
        put(out, arp.target_ip);
        out.put(" tell ");
        put(out, arp.sender_ip);
    } else if (operation == kArpReply) {
        out.put("ARP reply ");
        put(out, arp.sender_ip);
        out.put(" is-at ");
        put(out, arp.sender_mac);
    } else {
        out.put("ARP operation ").decimal(operation);
    }
}

void put_flags(TextWriter& out, const TcpHeader& tcp) {
    struct Letter {
        std::uint8_t flag;
        char letter;
    };
    static constexpr Letter kLetters[] = {{kSyn, 'S'}, {kFin, 'F'}, {kRst, 'R'}, {kPsh, 'P'},
                                          {kUrg, 'U'}, {kEce, 'E'}, {kCwr, 'W'}, {kAck, '.'}};
    out.put(" Flags [");
    for (const Letter& l : kLetters)
        if (tcp.has(l.flag)) out.put(l.letter);
    out.put(']');
}

void put_options(TextWriter& out, const TcpOptions& o) {
    if (o.mss) out.put(", mss ").decimal(*o.mss);
    if (o.sack_permitted) out.put(", sackOK");
    if (o.timestamps)
        out.put(", TS ").decimal(o.timestamps->val.raw()).put('/').decimal(o.timestamps->ecr.raw());
    if (o.window_shift) out.put(", wscale ").decimal(*o.window_shift);
    if (o.md5) out.put(", md5");
    for (const SackBlock& b : o.sack)
        out.put(", sack ").decimal(b.left.raw()).put(':').decimal(b.right.raw());
}

void put_tcp(TextWriter& out, const PacketView& p) {
    const TcpHeader& tcp = p.tcp();
    put_tuple(out, p.four_tuple());
    put_flags(out.put(':'), tcp);
    out.put(", seq ").decimal(tcp.seq.host());
    if (p.payload_length() != 0) out.put(':').decimal(tcp.seq.host() + p.payload_length());
    if (tcp.has(kAck)) out.put(", ack ").decimal(tcp.ack.host());
    out.put(", win ").decimal(tcp.window.host());
    put_options(out, parse_options(p.tcp_options()));
    out.put(", length ").decimal(p.payload_length());
    if (!p.transport_checksum_ok()) out.put(", bad checksum");
}

void put_udp(TextWriter& out, const PacketView& p) {
    put_tuple(out, p.four_tuple());
    out.put(": UDP, length ").decimal(p.payload_length());
    if (!p.transport_checksum_ok()) out.put(", bad checksum");
}

void put_addresses(TextWriter& out, const PacketView& p) {
    put(out, p.source());
    out.put(" > ");
    put(out, p.destination());
}

void put_icmp(TextWriter& out, const PacketView& p) {
    put_addresses(out, p);
    out.put(p.is_v6() ? ": ICMPv6 type " : ": ICMP type ").decimal(p.icmp().type).put(" code ").decimal(p.icmp().code);
    out.put(", length ").decimal(p.payload_length());
}

void put_discovery(TextWriter& out, const PacketView& p) {
    const auto message = read_neighbor_message(p);
    if (!message) return put_icmp(out, p);
    put_addresses(out, p);
    const bool asks = message->type == kIcmpv6NeighborSolicitation;
    out.put(asks ? ": neighbor solicitation, who has " : ": neighbor advertisement, ");
    put(out, message->target);
    if (message->link_address) put(out.put(asks ? ", tell " : " is at "), *message->link_address);
    if (message->router) out.put(", router");
    if (message->solicited) out.put(", solicited");
    if (message->overrides) out.put(", override");
}

void put_fragment(TextWriter& out, const PacketView& p) {
    put_addresses(out, p);
    out.put(": fragment of protocol ").decimal(p.protocol());
    out.put(", id ").decimal(p.datagram_id()).put(", offset ").decimal(p.fragment_offset());
    out.put(p.more_fragments() ? "+" : "").put(", length ").decimal(p.payload_length());
}

}  // namespace

std::string_view pretty(std::span<const std::uint8_t> frame, std::span<char, kPrettyMax> out) {
    TextWriter text(out);
    PacketView p;
    // A view is writable because the gate rewrites headers through it; nothing is written here.
    auto* octets = const_cast<std::uint8_t*>(frame.data());
    if (const ParseError e = parse({octets, frame.size()}, p); e != ParseError::None) {
        text.put(kErrorTexts[static_cast<std::size_t>(e)]).put(", length ").decimal(frame.size());
        return text.text();
    }
    switch (p.kind()) {
        case PacketKind::Arp: put_arp(text, p.arp()); break;
        case PacketKind::Tcp: put_tcp(text, p); break;
        case PacketKind::Udp: put_udp(text, p); break;
        case PacketKind::NeighborDiscovery: put_discovery(text, p); break;
        case PacketKind::Icmp: put_icmp(text, p); break;
        case PacketKind::Fragment: put_fragment(text, p); break;
    }
    return text.text();
}

}  // namespace sallyport::wire
