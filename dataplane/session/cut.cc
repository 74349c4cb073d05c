// SPDX-License-Identifier: Apache-2.0
#include "dataplane/session/cut.h"

#include <cstring>

#include "dataplane/session/splice.h"

namespace sallyport::dp {
namespace {

// `length` of the whole IP packet.
void set_ip_length(std::uint8_t* at, bool is_v6, std::uint16_t length) {
    if (is_v6) {
        auto& ip = *reinterpret_cast<wire::Ipv6Header*>(at);
        return ip.payload_length.set(static_cast<std::uint16_t>(length - sizeof ip));
    }
    auto& ip = *reinterpret_cast<wire::Ipv4Header*>(at);
    ip.total_length.set(length);
    wire::set_checksum(ip);
}

// Parses anew after lengths have changed; what was well-formed stays so.
void fix_up(Packet& packet, std::uint16_t payload_length) {
    wire::PacketView& view = packet.view;
    set_ip_length(packet.frame.data + view.l3_offset(), view.is_v6(),
                  static_cast<std::uint16_t>(view.payload_offset() - view.l3_offset() + payload_length));
    const wire::ParseError error = wire::parse(packet.frame.bytes(), view);
    SP_ASSERT(error == wire::ParseError::None);
    (void)error;
    recompute_checksum(packet);
}

// The urgent pointer counts from the sequence number (RFC 9293 section 3.8.5): it goes on marking the same
// octet, or goes with it.
void move_urgent(wire::TcpHeader& tcp, std::uint16_t octets) {
    if (!tcp.has(wire::kUrg)) return;
    const std::uint16_t urgent = tcp.urgent.host();
    if (urgent <= octets) tcp.flags = static_cast<std::uint8_t>(tcp.flags & ~wire::kUrg);
    tcp.urgent.set(urgent > octets ? static_cast<std::uint16_t>(urgent - octets) : 0);
}

}  // namespace

void strip_payload(Packet& packet) {
    fix_up(packet, 0);
}

void trim_front(Packet& packet, std::uint16_t octets) {
    const std::uint16_t headers = packet.view.payload_offset();
    const auto left = static_cast<std::uint16_t>(packet.view.payload_length() - octets);
    wire::TcpHeader& tcp = packet.view.tcp();
    tcp.seq.set(tcp.seq.host() + octets);
    move_urgent(tcp, octets);
    std::memmove(packet.frame.data + octets, packet.frame.data, headers);
    packet.frame.data += octets;
    packet.frame.length = static_cast<std::uint16_t>(packet.frame.length - octets);
    packet.frame.capacity = static_cast<std::uint16_t>(packet.frame.capacity - octets);
    fix_up(packet, left);
}

bool copy_front(Core& core, const Packet& packet, std::uint16_t octets, Packet& out) {
    const auto length = static_cast<std::uint16_t>(packet.view.payload_offset() + octets);
    if (!core.outbox.take_empty(out.frame)) return false;
    if (out.frame.capacity < length) {
        core.outbox.drop(out.frame, Reason::NoBuffer);
        return false;
    }
    std::memcpy(out.frame.data, packet.frame.data, length);
    out.frame.length = length;
    out.frame.port = packet.frame.port;
    out.view = packet.view;
    auto& tcp = *reinterpret_cast<wire::TcpHeader*>(out.frame.data + packet.view.l4_offset());
    tcp.flags = static_cast<std::uint8_t>(tcp.flags & ~(wire::kFin | wire::kPsh));
    fix_up(out, octets);
    return true;
}

}  // namespace sallyport::dp
