// SPDX-License-Identifier: Apache-2.0
#include "tools/sallyctl/replay/ip_packet.h"

#include <algorithm>

#include "tcpstack/base/byte_reader.h"

namespace sallyport::replay {
namespace {

constexpr int kExtensionsMax = 16;
constexpr std::uint8_t kHopByHop = 0, kRouting = 43, kFragment = 44, kAuthentication = 51,
                       kDestination = 60, kMobility = 135, kHip = 139, kShim6 = 140;

Ipv4Addr read_v4(ByteReader& reader) { return Ipv4Addr::from_host(reader.u32()); }

Ipv6Addr read_v6(ByteReader& reader) {
    Ipv6Addr out;
    std::ranges::copy(reader.take(16), out.octets.begin());
    return out;
}

// What the header announces, as far as it was captured.
void set_payload(IpPacket& packet, Octets rest, std::uint32_t length) {
    packet.length = length;
    packet.payload = rest.first(std::min<std::size_t>(rest.size(), length));
}

std::optional<IpPacket> parse_v4(Octets octets) {
    ByteReader reader(octets);
    IpPacket packet;
    const std::size_t header = (reader.u8() & 0x0fU) * std::size_t{4};
    reader.skip(1);
    std::size_t total = reader.u16();
    const std::uint32_t id = reader.u16();
    const std::uint16_t flags = reader.u16();
    reader.skip(1);
    packet.protocol = reader.u8();
    reader.skip(2);
    packet.src = read_v4(reader);
    packet.dst = read_v4(reader);
    if (header < 20) return std::nullopt;
    reader.skip(header - 20);
    // A sender that leaves the cutting to its device writes no length.
    if (total == 0) total = octets.size();
    if (!reader.ok() || total < header) return std::nullopt;
    const bool more = (flags & 0x2000U) != 0;
    const std::uint32_t offset = (flags & 0x1fffU) * 8U;
    if (more || offset != 0) packet.fragment = Fragment{id, offset, more};
    set_payload(packet, reader.rest(), static_cast<std::uint32_t>(total - header));
    return packet;
}

// Cuts `size` octets off the front; false: there are not so many.
bool drop_front(IpPacket& packet, std::size_t size) {
    if (packet.payload.size() < size || packet.length < size) return false;
    packet.payload = packet.payload.subspan(size);
    packet.length -= static_cast<std::uint32_t>(size);
    return true;
}

bool take_fragment_header(IpPacket& packet) {
    ByteReader reader(packet.payload);
    const std::uint8_t next = reader.u8();
    reader.skip(1);
    const std::uint16_t offset = reader.u16();
    const std::uint32_t id = reader.u32();
    if (!reader.ok() || !drop_front(packet, 8)) return false;
    packet.protocol = next;
    const bool more = (offset & 1U) != 0;
    if (more || offset >= 8) packet.fragment = Fragment{id, offset & 0xfff8U, more};
    return true;
}

std::optional<IpPacket> parse_v6(Octets octets) {
    ByteReader reader(octets);
    IpPacket packet;
    reader.skip(4);
    const std::uint32_t length = reader.u16();
    packet.protocol = reader.u8();
    reader.skip(1);
    packet.src = read_v6(reader);
    packet.dst = read_v6(reader);
    if (!reader.ok()) return std::nullopt;
    const auto captured = static_cast<std::uint32_t>(reader.remaining());
    set_payload(packet, reader.rest(), length == 0 ? captured : length);
    if (!skip_extensions(packet)) return std::nullopt;
    return packet;
}

}  // namespace

bool skip_extensions(IpPacket& packet) {
    for (int i = 0; i < kExtensionsMax; ++i) {
        std::size_t unit = 8;
        switch (packet.protocol) {
            case kFragment:
                if (!take_fragment_header(packet)) return false;
                if (packet.fragment) return true;
                continue;
            case kAuthentication: unit = 4; break;
            case kHopByHop:
            case kRouting:
            case kDestination:
            case kMobility:
            case kHip:
            case kShim6: break;
            default: return true;
        }
        ByteReader reader(packet.payload);
        const std::uint8_t next = reader.u8();
        const std::size_t size = reader.u8() * unit + 8;
        if (!reader.ok() || !drop_front(packet, size)) return false;
        packet.protocol = next;
    }
    return false;
}

std::optional<IpPacket> parse_ip(Octets packet) {
    if (packet.empty()) return std::nullopt;
    switch (packet[0] >> 4) {
        case 4: return parse_v4(packet);
        case 6: return parse_v6(packet);
        default: return std::nullopt;
    }
}

}  // namespace sallyport::replay
