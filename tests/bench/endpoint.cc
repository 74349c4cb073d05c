// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/endpoint.h"

namespace sallyport::bench {

wire::TcpOptions Endpoint::options(std::uint8_t flags, bool with_sack_block) {
    wire::TcpOptions out;
    if (timestamps_) out.timestamps = wire::Timestamps{TsVal{++ts_now_}, TsVal{ts_peer_}};
    if ((flags & wire::kSyn) != 0) {
        out.mss = 1460;
        out.window_shift = 7;
        out.sack_permitted = true;
    } else if (with_sack_block) {
        // As if a segment were missing behind what has come.
        const bool kept = out.sack.push_back({SeqNum{rcv_nxt_ + 1000}, SeqNum{rcv_nxt_ + 2000}});
        SP_CHECK(kept);
    }
    return out;
}

Octets Endpoint::frame(std::uint8_t flags, std::span<const std::uint8_t> payload,
                       bool with_sack_block) {
    const bool first = (flags & wire::kSyn) != 0;
    test::TcpFields fields{
        .addresses = {own_.address, peer_, own_.mac, own_.gate_mac},
        .src_port = own_.port,
        .dst_port = peer_port_,
        .seq = snd_nxt_,
        .ack = (flags & wire::kAck) != 0 ? rcv_nxt_ : 0,
        .flags = flags,
        .window = static_cast<std::uint16_t>(first ? 64240 : 502),
        .options = options(flags, with_sack_block),
        .payload = {payload.begin(), payload.end()},
    };
    const bool closing = (flags & wire::kFin) != 0;
    if ((flags & wire::kAck) != 0) unacknowledged_ = 0;
    snd_nxt_ += static_cast<std::uint32_t>(payload.size()) + (first ? 1 : 0) + (closing ? 1 : 0);
    sent_.add(payload);
    Octets out = test::tcp_frame(fields);
    constexpr std::size_t kSmallest = 60;  // 64 on the wire, with the frame check sequence
    if (out.size() < kSmallest) out.resize(kSmallest);
    return out;
}

bool Endpoint::receive(const wire::PacketView& packet) {
    const wire::TcpHeader& tcp = packet.tcp();
    if (!packet.transport_checksum_ok()) return false;
    const wire::TcpOptions options = wire::parse_options(packet.tcp_options());
    if (options.timestamps) ts_peer_ = options.timestamps->val.raw();
    if (tcp.has(wire::kSyn)) {
        timestamps_ = timestamps_ && options.timestamps.has_value();
        synchronised_ = true;
        rcv_nxt_ = tcp.seq.host();
    }
    if (tcp.has(wire::kRst)) return was_reset_ = true;
    if (tcp.has(wire::kAck)) acknowledged_ = tcp.ack.host();
    if (!synchronised_) return false;
    if (packet.sequence_length() == 0) return true;
    if (tcp.seq.host() != rcv_nxt_) {
        ++duplicates_;
        return before(tcp.seq_num(), SeqNum{rcv_nxt_});
    }
    rcv_nxt_ += packet.sequence_length();
    ++unacknowledged_;
    received_.add(packet.payload());
    peer_closed_ = peer_closed_ || tcp.has(wire::kFin);
    return true;
}

}  // namespace sallyport::bench
