// SPDX-License-Identifier: Apache-2.0
// One end of a TCP connection as the load generator plays it: it never loses, reorders or
// retransmits, and it is strict about what it gets.
#pragma once
#include <cstdint>
#include <span>

#include "tcpstack/wire/packet_view.h"
#include "tests/support/frame_builder.h"

namespace sallyport::bench {

using test::Octets;

// Of a stream of octets (FNV-1a), to compare what was sent with what came.
class Digest {
   public:
    void add(std::span<const std::uint8_t> octets) {
        for (const std::uint8_t o : octets) value_ = (value_ ^ o) * 0x100000001b3ULL;
        count_ += octets.size();
    }
    std::uint64_t count() const { return count_; }
    friend bool operator==(const Digest&, const Digest&) = default;

   private:
    std::uint64_t value_ = 0xcbf29ce484222325ULL, count_ = 0;
};

struct Station {
    Ipv4Addr address{};
    std::uint16_t port = 0;
    wire::MacAddr mac{}, gate_mac{};
};

class Endpoint {
   public:
    Endpoint() = default;
    // `timestamps`: whether they are offered in the SYN or taken up in the SYN-ACK.
    Endpoint(const Station& own, std::uint32_t isn, bool timestamps)
        : own_(own), snd_nxt_(isn), timestamps_(timestamps) {}

    void set_peer(Ipv4Addr address, std::uint16_t port) {
        peer_ = address;
        peer_port_ = port;
    }
    bool has_peer() const { return peer_port_ != 0; }

    // The next segment, whole frame; advances the own sequence number.
    Octets frame(std::uint8_t flags, std::span<const std::uint8_t> payload = {},
                 bool with_sack_block = false);

    // Takes a segment from the peer. An octet that is not the next one is a duplicate (counted) or
    // a gap (refused: false), so is a wrong checksum.
    bool receive(const wire::PacketView& packet);

    const Digest& sent() const { return sent_; }
    const Digest& received() const { return received_; }
    bool peer_closed() const { return peer_closed_; }
    bool was_reset() const { return was_reset_; }
    std::uint32_t duplicates() const { return duplicates_; }
    // Whether everything sent was acknowledged.
    bool all_acknowledged() const { return acknowledged_ == snd_nxt_; }
    // Segments with payload or FIN that came since the last frame with an acknowledgement.
    std::uint32_t unacknowledged() const { return unacknowledged_; }

   private:
    wire::TcpOptions options(std::uint8_t flags, bool with_sack_block);

    Station own_;
    Ipv4Addr peer_{};
    std::uint16_t peer_port_ = 0;
    std::uint32_t snd_nxt_ = 0, rcv_nxt_ = 0, acknowledged_ = 0;
    std::uint32_t ts_now_ = 1000, ts_peer_ = 0;
    std::uint32_t duplicates_ = 0, unacknowledged_ = 0;
    bool timestamps_ = false, synchronised_ = false, peer_closed_ = false, was_reset_ = false;
    Digest sent_, received_;
};

}  // namespace sallyport::bench
