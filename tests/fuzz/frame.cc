// SPDX-License-Identifier: Apache-2.0
// Any octets as a frame: parse(), every accessor of the view, and pretty().
#include <array>
#include <cstdint>
#include <vector>

#include "tcpstack/base/check.h"
#include "tcpstack/wire/mld.h"
#include "tcpstack/wire/ndp.h"
#include "tcpstack/wire/packet_view.h"
#include "tcpstack/wire/pretty.h"
#include "tcpstack/wire/tcp_options.h"

namespace {

using namespace sallyport;

std::uint64_t sink = 0;  // keeps reads from being optimised away

void touch(std::span<const std::uint8_t> octets) {
    for (const std::uint8_t octet : octets) sink += octet;
}

void use_tcp(const wire::PacketView& p) {
    const std::size_t all = p.tcp_options().size() + p.payload().size() + sizeof(wire::TcpHeader);
    SP_CHECK(p.l4_offset() + all == p.length());
    touch(p.tcp_options());
    sink += p.sequence_length();
    sink += wire::parse_options(p.tcp_options()).sack.size();
}

void use(const wire::PacketView& p, std::size_t frame_size) {
    SP_CHECK(p.l3_offset() <= p.l4_offset() && p.l4_offset() <= p.payload_offset());
    SP_CHECK(p.payload_offset() <= p.length() && p.length() <= frame_size);
    touch(p.payload());
    sink += p.transport_checksum_ok() ? 1 : 0;
    switch (p.kind()) {
        case wire::PacketKind::Arp: sink += p.arp().operation.host(); return;
        case wire::PacketKind::NeighborDiscovery:
            SP_CHECK(p.hop_limit() == (p.icmp().type == wire::kIcmpv6ListenerQuery ? 1 : 255));
            sink += wire::read_neighbor_message(p) || wire::read_listener_query(p) ? 1 : 0;
            return;
        case wire::PacketKind::Icmp: sink += p.icmp().rest.host(); return;
        case wire::PacketKind::Fragment:
            SP_CHECK(p.fragment_offset() + p.payload_length() <= 0xffff - (p.is_v6() ? 0 : 20));
            SP_CHECK(!p.more_fragments() || p.payload_length() % 8 == 0);
            return;
        case wire::PacketKind::Udp: sink += p.four_tuple().dst_port.number; return;
        case wire::PacketKind::Tcp: return use_tcp(p);
    }
}

// The packet without its extension headers is the same packet.
void check_without_extensions(std::vector<std::uint8_t> frame, const wire::PacketView& before) {
    wire::PacketView dropped, again;
    SP_CHECK(wire::parse(frame, dropped) == wire::ParseError::None);
    frame.resize(wire::drop_extension_headers(frame, dropped));
    SP_CHECK(wire::parse(frame, again) == wire::ParseError::None && again.kind() == before.kind());
    for (const wire::PacketView& p : {dropped, again}) {
        use(p, frame.size());
        SP_CHECK(p.length() == frame.size());
        SP_CHECK(p.l4_offset() - p.l3_offset() <= 48 || p.kind() == wire::PacketKind::NeighborDiscovery);
        SP_CHECK(p.payload_length() == before.payload_length());
        SP_CHECK(p.transport_checksum_ok() == before.transport_checksum_ok());
        SP_CHECK(p.fragment_offset() == before.fragment_offset());
    }
}

void read(std::vector<std::uint8_t>& frame) {
    wire::PacketView p;
    if (wire::parse(frame, p) == wire::ParseError::None) {
        use(p, frame.size());
        if (p.is_v6()) check_without_extensions(frame, p);
    }
    std::array<char, wire::kPrettyMax> text;
    SP_CHECK(!wire::pretty(frame, text).empty());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    std::vector<std::uint8_t> frame(data, data + size);
    read(frame);
    // Once more with the checksum that a fuzzer does not guess.
    if (size < 34) return 0;
    wire::set_checksum(*reinterpret_cast<wire::Ipv4Header*>(frame.data() + 14));
    read(frame);
    return 0;
}
