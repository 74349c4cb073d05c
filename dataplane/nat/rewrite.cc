// SPDX-License-Identifier: Apache-2.0
#include "dataplane/nat/rewrite.h"

#include <cstring>

#include "tcpstack/wire/checksum.h"
#include "tcpstack/wire/tcp_options.h"

namespace sallyport::dp {
namespace {

using wire::Sum16;

// Adds `n` to the 32-bit value at `at`; the value may stand at an odd offset of the segment, where
// its octets count with swapped weight in the checksum.
void shift_option(std::uint8_t* at, std::uint32_t n, bool odd, Sum16& delta) {
    Be32 value;
    std::memcpy(&value, at, sizeof value);
    Sum16 change;
    change.replace32(value.host(), value.host() + n);
    value.set(value.host() + n);
    std::memcpy(at, &value, sizeof value);
    const std::uint16_t folded = change.folded();
    delta.add(odd ? __builtin_bswap16(folded) : folded);
}

std::uint32_t read32(const std::uint8_t* at) {
    Be32 value;
    std::memcpy(&value, at, sizeof value);
    return value.host();
}

bool rewrite_timestamps(const FlowRecord& flow, std::uint8_t* at, bool odd,
                        const TsVal* earliest_echo, Sum16& delta) {
    shift_option(at, flow.ts_val_delta, odd, delta);
    const TsVal echo{read32(at + 4) + flow.ts_ecr_delta};
    const bool early = earliest_echo != nullptr && before(echo, *earliest_echo);
    const std::uint32_t raise = early ? earliest_echo->raw() - echo.raw() : 0;
    shift_option(at + 4, flow.ts_ecr_delta + raise, odd, delta);
    return !early;
}

bool rewrite_options(const FlowRecord& flow, const wire::PacketView& packet,
                     const TsVal* earliest_echo, Sum16& delta) {
    const auto options = packet.tcp_options();
    if (options.empty()) return false;
    const wire::OptionOffsets at = wire::find_options(options);
    bool settled = false;
    if (at.timestamps != 0 && flow.timestamps)
        settled = rewrite_timestamps(flow, options.data() + at.timestamps, at.timestamps % 2 != 0,
                                     earliest_echo, delta);
    for (unsigned edge = 0; edge < 2U * at.sack_blocks; ++edge)
        shift_option(options.data() + at.sack + 4 * edge, flow.ack_delta, at.sack % 2 != 0, delta);
    return settled;
}

void rewrite_addresses(const FlowRecord& flow, wire::Ipv4Header& ip, Sum16& transport) {
    Sum16 addresses;
    addresses.replace32(flow.key.src.host(), flow.rewrite.src.host());
    addresses.replace32(flow.key.dst.host(), flow.rewrite.dst.host());
    transport.add(addresses);
    const auto ttl_word = static_cast<std::uint16_t>(ip.ttl << 8 | ip.protocol);
    ip.ttl = static_cast<std::uint8_t>(ip.ttl - 1);
    addresses.replace(ttl_word, static_cast<std::uint16_t>(ip.ttl << 8 | ip.protocol));
    ip.src = flow.rewrite.src;
    ip.dst = flow.rewrite.dst;
    ip.checksum.set(wire::updated(ip.checksum.host(), addresses));
}

void rewrite_addresses(const FlowAddresses6& a, wire::Ipv6Header& ip, Sum16& transport) {
    transport.replace_bytes(octets_of(a.key), octets_of(a.rewrite));
    ip.hop_limit = static_cast<std::uint8_t>(ip.hop_limit - 1);
    ip.src = a.rewrite.src;
    ip.dst = a.rewrite.dst;
}

}  // namespace

void rewrite_addresses(const FlowLines& lines, const wire::PacketView& packet, Sum16& transport) {
    packet.is_v6() ? rewrite_addresses(lines.addresses, packet.ipv6(), transport)
                   : rewrite_addresses(lines.flow, packet.ipv4(), transport);
}

bool rewrite_headers(const FlowLines& lines, const wire::PacketView& packet,
                     const TsVal* earliest_echo) {
    const FlowRecord& flow = lines.flow;
    wire::TcpHeader& tcp = packet.tcp();
    Sum16 delta;
    rewrite_addresses(lines, packet, delta);
    delta.replace(flow.key.src_port, flow.rewrite.src_port);
    delta.replace(flow.key.dst_port, flow.rewrite.dst_port);
    tcp.src_port.set(flow.rewrite.src_port);
    tcp.dst_port.set(flow.rewrite.dst_port);

    const std::uint32_t seq = tcp.seq.host(), ack = tcp.ack.host();
    delta.replace32(seq, seq + flow.seq_delta);
    tcp.seq.set(seq + flow.seq_delta);
    if (tcp.has(wire::kAck)) {
        delta.replace32(ack, ack + flow.ack_delta);
        tcp.ack.set(ack + flow.ack_delta);
    }
    const std::uint16_t window = tcp.window.host();
    const unsigned here = flow.shift_here > 14 ? 0 : flow.shift_here;
    const std::uint16_t there =
        rescale_window(static_cast<std::uint32_t>(window) << here, flow.shift_there);
    delta.replace(window, there);
    tcp.window.set(there);

    const bool settled = rewrite_options(flow, packet, earliest_echo, delta);
    tcp.checksum.set(wire::updated(tcp.checksum.host(), delta));
    return settled;
}

bool read_ts_val(const wire::PacketView& packet, TsVal& out) {
    const auto options = packet.tcp_options();
    if (options.empty()) return false;
    const wire::OptionOffsets at = wire::find_options(options);
    if (at.timestamps == 0) return false;
    out = TsVal{read32(options.data() + at.timestamps)};
    return true;
}

}  // namespace sallyport::dp
