// SPDX-License-Identifier: Apache-2.0
#include "tools/sallyctl/replay/link.h"

#include "tcpstack/base/byte_reader.h"

namespace sallyport::replay {
namespace {

constexpr std::uint16_t kIpv4 = 0x0800, kIpv6 = 0x86dd;
constexpr int kTagsMax = 4;

bool is_tag(std::uint16_t type) {
    return type == 0x8100 || type == 0x88a8 || type == 0x9100;
}

// `type` says what comes next; behind each tag stands the type of what follows it.
Octets behind_tags(ByteReader frame, std::uint16_t type) {
    for (int tags = 0; is_tag(type) && tags < kTagsMax; ++tags) {
        frame.skip(2);
        type = frame.u16();
    }
    if (!frame.ok() || (type != kIpv4 && type != kIpv6)) return {};
    return frame.rest();
}

}  // namespace

// The numbers are those of the file format, which do not differ between systems for these types;
// libpcap gives DLT_RAW as 12 or 14.
std::optional<LinkType> link_type_of(int dlt) {
    switch (dlt) {
        case 1: return LinkType::Ethernet;
        case 12:
        case 14:
        case 101:
        case 228:  // DLT_IPV4
        case 229:  // DLT_IPV6
            return LinkType::RawIp;
        case 113: return LinkType::Sll;
        case 276: return LinkType::Sll2;
        case 0:
        case 108:  // DLT_LOOP
            return LinkType::Null;
        default: return std::nullopt;
    }
}

Octets ip_packet_in(LinkType link, Octets frame) {
    ByteReader reader(frame);
    switch (link) {
        case LinkType::Ethernet: {
            reader.skip(12);
            const std::uint16_t type = reader.u16();
            return behind_tags(reader, type);
        }
        case LinkType::RawIp: return frame;
        case LinkType::Sll: {
            reader.skip(14);
            const std::uint16_t type = reader.u16();
            return behind_tags(reader, type);
        }
        case LinkType::Sll2: {
            const std::uint16_t type = reader.u16();
            reader.skip(18);
            return behind_tags(reader, type);
        }
        case LinkType::Null: reader.skip(4); return reader.rest();
    }
    __builtin_unreachable();
}

}  // namespace sallyport::replay
