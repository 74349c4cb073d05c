// SPDX-License-Identifier: Apache-2.0
// The receiving half of a connection: which segments are in the window, where their payload goes,
// what the peer is promised, and when it is owed an acknowledgement.
//
//     in the queue   | gaps and octets ahead of them: arrived_  | may be promised  | no room
//   -----------------+-----------------------------------------+------------------+---------
//               received_                                     edge_             limit_
//
// The peer's FIN is the octet behind its last.
#pragma once
#include <array>
#include <cstdint>
#include <optional>
#include <span>

#include "tcpstack/base/modular32.h"
#include "tcpstack/base/time.h"
#include "tcpstack/tcp/byte_queue.h"
#include "tcpstack/tcp/connection_start.h"
#include "tcpstack/tcp/reassembly.h"
#include "tcpstack/tcp/segment.h"
#include "tcpstack/wire/tcp_options.h"

namespace sallyport::tcp {

// RFC 9293 section 3.8.6.3 allows 500 ms; Linux waits as long as here.
inline constexpr Duration kDelayedAck = std::chrono::milliseconds(40);
// A peer that was silent for so long is in slow start again, or waits for us (Nagle).
inline constexpr Duration kQuickAfter = std::chrono::milliseconds(200);
// How many segments of one burst a single acknowledgement may cover. RFC 5681 section 4.2 wants every
// second one answered; fewer answers are cheaper and make windows grow no slower. But when a whole
// window hangs on one acknowledgement, its loss costs the sender a timeout.
inline constexpr std::uint8_t kUnackedMax = 8;
// Linux's interval (tcp_invalid_ratelimit). The count is the connection's own: a shared one could
// be watched from outside (CVE-2016-5696).
inline constexpr Duration kChallengeInterval = std::chrono::milliseconds(500);
// RFC 7323 section 5.5: an older TS.Recent says nothing.
inline constexpr Duration kTsRecentLife = std::chrono::days(24);

class Receiver {
   public:
    void open(const ConnectionStart& start, Instant now);
    void note_ahead(std::uint64_t begin, std::uint64_t end);  // not empty, above received()

    // RFC 9293 section 3.10.7.4. `length` counts FIN.
    bool is_acceptable(SeqNum seq, std::uint32_t length) const;
    bool is_in_window(SeqNum seq) const;
    SeqNum next() const;  // RCV.NXT

    // RFC 7323 section 5.3: R1 and R3.
    bool is_older(TsVal val, Instant now) const;
    void update_ts_recent(SeqNum seq, TsVal val, Instant now);
    TsVal ts_recent() const { return ts_recent_; }

    // A segment with payload that is not acceptable: answered at once.
    void on_unacceptable_text(SeqNum seq, std::uint32_t length);
    // The payload and FIN of an acceptable segment: Accepted, Conflict or NoBuffer.
    Input on_text(SeqNum seq, std::span<const std::uint8_t> payload, bool fin, ByteQueue& in,
                  ChunkPool& pool, Instant now);
    // A FIN of the peer is the octet behind `at`.
    void note_fin(std::uint64_t at);
    bool finished() const { return finished_; }  // the FIN has arrived, in order

    void offer(std::uint32_t room);

    // An acknowledgement is owed at once; or one that forged segments could ask for, which is due
    // at most once in kChallengeInterval.
    void owe_ack() { ack_now_ = true; }
    void owe_challenge(Instant now);
    bool owes_ack() const { return ack_now_; }
    // ... and it must not wait for the rest of a burst either: a loss is to be told, or much has come.
    bool owes_ack_within_burst() const {
        return ack_now_ && (!arrived_.ahead().empty() || unacked_ >= kUnackedMax);
    }
    Instant deadline() const { return ack_at_; }
    void on_deadline(Instant now);

    // For a segment that goes out now: what is reported beside RCV.NXT, at most `blocks_max`; and
    // the window field. The second call counts the acknowledgement as sent.
    void put_sack(std::size_t blocks_max, wire::TcpOptions& options) const;
    std::uint16_t acknowledge();
    // That segment carries payload.
    void note_answer(Instant now);

    std::uint64_t received() const { return received_; }
    std::uint64_t edge() const { return edge_; }
    // Octets that the peer may send, or will be told that it may.
    std::uint64_t promised() const;

   private:
    static constexpr std::uint64_t kNoFin = ~std::uint64_t{0};
    static constexpr std::size_t kRecentMax = 4;

    SeqNum seq(std::uint64_t offset) const { return base_ + static_cast<std::uint32_t>(offset); }
    std::uint64_t next_offset() const { return received_ + (finished_ ? 1 : 0); }
    std::uint32_t window() const;
    std::uint64_t goal() const;
    std::uint32_t field_for(std::uint64_t edge) const;
    std::uint64_t edge_of(std::uint32_t field) const {
        return next_offset() + (std::uint64_t{field} << shift_);
    }

    Input take(Range range, std::span<const std::uint8_t> octets, ByteQueue& in, ChunkPool& pool,
               Instant now);
    bool differs(Range range, std::span<const std::uint8_t> octets, const ByteQueue& in,
                 const ChunkPool& pool) const;
    bool keep(Range range, std::span<const std::uint8_t> octets, ByteQueue& in, ChunkPool& pool);
    void note_known(Range range);
    void note_duplicate(SeqNum left, SeqNum right);
    void note_recent(SeqNum at);
    const Range* ahead_with(SeqNum at) const;
    void put_ahead(const Range& range, std::size_t from, std::size_t blocks_max,
                   wire::TcpOptions& options) const;
    void owe_for_text(bool bulk, Instant now);

    SeqNum base_;  // of offset 0
    std::uint64_t received_ = 0, edge_ = 0, limit_ = 0;
    std::uint64_t fin_at_ = kNoFin;
    Reassembly arrived_;  // offsets count from received_
    Instant ack_at_ = kNever;
    Instant challenge_at_{};  // none before
    Instant ts_recent_at_{};
    Instant text_at_{};  // the last segment with payload
    SeqNum acked_;  // what the peer has been told: Last.ACK.sent
    TsVal ts_recent_;
    std::uint32_t window_max_ = 0;             // the largest that was promised
    std::array<SeqNum, kRecentMax> recent_{};  // an octet of each range ahead, the last grown first
    wire::SackBlock duplicate_{};              // to be reported once (RFC 2883)
    std::uint16_t peer_mss_ = 536;             // the largest payload so far
    std::uint8_t shift_ = 0;
    std::uint8_t recent_count_ = 0;
    std::uint8_t quick_ = 0, quick_max_ = 0;  // segments that are still acknowledged at once
    std::uint8_t unacked_ = 0;  // segments with payload since the last acknowledgement
    // Segments ahead of a gap since then, each to be acknowledged by a segment of its own: a peer
    // without SACK counts duplicate acknowledgements (RFC 5681 section 3.2).
    std::uint8_t owed_ahead_ = 0;
    bool sack_ = false;
    bool finished_ = false;
    bool ack_now_ = false;
    bool full_ = false;  // the last segment was as large as any
};

}  // namespace sallyport::tcp
