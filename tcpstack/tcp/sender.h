// SPDX-License-Identifier: Apache-2.0
// The sending half of a connection: which octets go out, when they go out again, and what the
// peer's acknowledgements say. It counts octets as offsets of the stream, which never wrap; our FIN
// is the octet behind the last.
//
//     acknowledged   | sent, not acknowledged   | may be sent          | not yet
//   -----------------+--------------------------+----------------------+----------
//                  una_                  nxt_ ... max_          una_ + wnd_
//
// After a timeout nxt_ goes back to una_, and max_ stays. What to send next is chosen in one place,
// next(); which segments count as lost in another, on_ack().
#pragma once
#include <cstdint>
#include <optional>

#include "tcpstack/base/modular32.h"
#include "tcpstack/base/time.h"
#include "tcpstack/tcp/congestion.h"
#include "tcpstack/tcp/connection_start.h"
#include "tcpstack/tcp/rtt.h"

namespace sallyport::tcp {

// R2 of RFC 9293 section 3.8.3: how long the peer may leave what was sent without an answer.
inline constexpr Duration kUserTimeout = std::chrono::seconds(120);

// A segment without its header.
struct Piece {
    std::uint64_t offset = 0;
    std::uint32_t length = 0;
    bool fin = false;
    bool push = false;  // nothing is waiting behind it
};

// What an acceptable segment says about what we sent.
struct Ack {
    SeqNum seq, ack;
    std::uint16_t window = 0;  // as it stands in the header
    bool bare = false;         // neither payload nor FIN
    std::optional<TsVal> echo{};
};

class Sender {
   public:
    void open(const ConnectionStart& start, Instant now);

    // RFC 5961 section 5.2: neither older than any window could explain, nor of what was not sent.
    bool is_acceptable(SeqNum ack) const;
    void on_ack(const Ack& ack, Instant now);  // acceptable

    // What is to be sent now, of the octets below `limit`, in a segment with `option_octets`.
    // Counts it as sent. None: nothing may be sent; then a timer runs if that could change by
    // itself.
    std::optional<Piece> next(std::uint64_t limit, std::uint32_t option_octets, Instant now);

    void finish(std::uint64_t end) { fin_at_ = end; }
    bool is_finishing() const { return fin_at_ != kNoFin; }
    bool fin_acked() const { return is_finishing() && una_ > fin_at_; }

    Instant deadline() const;
    // False: the user timeout has passed.
    bool on_deadline(Instant now);

    std::uint64_t acked() const { return una_ < fin_at_ ? una_ : fin_at_; }
    std::uint64_t sent() const { return max_ < fin_at_ ? max_ : fin_at_; }

    SeqNum seq(std::uint64_t offset) const { return base_ + static_cast<std::uint32_t>(offset); }
    SeqNum bare_ack_seq() const;  // of a segment that carries nothing
    SeqNum reset_seq() const;     // of a reset that the peer will believe
    TsVal ts_val(Instant now) const;

    std::uint32_t flight() const { return static_cast<std::uint32_t>(nxt_ - una_); }
    std::uint32_t window() const { return wnd_; }  // the peer's, in octets
    const Congestion& congestion() const { return congestion_; }
    Duration rto() const { return rtt_.rto(); }

   private:
    static constexpr std::uint64_t kNoFin = ~std::uint64_t{0};
    enum class Timer : std::uint8_t { None, Retransmit, Persist };

    bool is_duplicate(const Ack& ack, std::uint64_t offset, std::uint32_t window) const;
    void update_window(const Ack& ack, std::uint32_t window);
    void on_new_ack(std::uint64_t offset, const Ack& ack, Instant now);
    void on_duplicate();
    void on_progress_in_recovery(std::uint32_t octets);
    void measure(std::uint64_t offset, const Ack& ack, Instant now);
    void on_answer_to_probe(Instant now);

    std::uint64_t data_end(std::uint64_t limit) const;
    std::uint64_t usable() const;
    std::optional<Piece> lost_piece(std::uint32_t room) const;
    std::optional<Piece> next_piece(std::uint64_t end, std::uint32_t room, Instant now);
    std::optional<std::uint32_t> fitting(std::uint32_t wanted, Instant now);
    void count_sent(const Piece& piece, Instant now);
    void start_persist(Instant now);
    Duration persist_interval() const;
    void on_retransmit_timeout(Instant now);

    SeqNum base_;  // of offset 0
    std::uint64_t una_ = 0, nxt_ = 0, max_ = 0;
    std::uint64_t fin_at_ = kNoFin;
    std::uint64_t recover_ = 0;  // RFC 6582: what was sent when the last loss was noticed
    std::uint64_t timed_ = 0;    // measured when the peer acknowledges it
    Instant timed_at_{};
    Instant deadline_ = kNever;  // of timer_
    Instant progress_at_{};      // the user timeout counts from there
    Instant sent_at_{};          // of the last segment that carried something
    Instant opened_{};
    RttEstimator rtt_;
    Congestion congestion_;
    std::uint32_t wnd_ = 0, wnd_max_ = 0;
    SeqNum wl1_, wl2_;               // RFC 9293 section 3.3.1: SND.WL1, SND.WL2
    TsVal ts_start_;                 // our TSval at opened_
    TsVal ts_again_;                 // our TSval at the last timeout
    std::uint32_t loss_flight_ = 0;  // in flight at the first duplicate acknowledgement
    std::uint16_t mss_ = 536;
    std::uint8_t shift_ = 0;
    std::uint8_t duplicates_ = 0;
    std::uint8_t timeouts_ = 0;  // in a row
    Timer timer_ = Timer::None;
    bool timing_ : 1 = false;
    bool in_recovery_ : 1 = false;
    bool guarded_ : 1 = false;     // after a timeout, until recover_ is acknowledged
    bool again_ : 1 = false;       // the segment at una_ is to be sent again
    bool probe_ : 1 = false;       // the persist timer has fired
    bool window_used_ : 1 = true;  // the congestion window was the limit
    bool timestamps_ : 1 = false;
};

}  // namespace sallyport::tcp
