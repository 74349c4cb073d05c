// SPDX-License-Identifier: Apache-2.0
// The sending half of a connection: which octets go out, when they go out again, and what the
// peer's acknowledgements say. It counts octets as offsets of the stream, which never wrap; our FIN
// is the octet behind the last.
//
//     acknowledged   | sent, not acknowledged: scoreboard | may be sent          | not yet
//   -----------------+------------------------------------+----------------------+----------
//                  una_                                 nxt_            una_ + wnd_
//
// What counts as lost: with SACK what RACK says (rack.h), and after a pause the tail is probed (TLP);
// without SACK three duplicate acknowledgements and NewReno's partial ones (RFC 6582); in any case
// everything after a timeout. What to send next is chosen in one place, next(): first what is lost.
#pragma once
#include <cstdint>
#include <optional>
#include <span>

#include "tcpstack/base/modular32.h"
#include "tcpstack/base/time.h"
#include "tcpstack/tcp/congestion.h"
#include "tcpstack/tcp/connection_start.h"
#include "tcpstack/tcp/rack.h"
#include "tcpstack/tcp/rtt.h"
#include "tcpstack/tcp/scoreboard.h"
#include "tcpstack/wire/tcp_options.h"

namespace sallyport::tcp {

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
    std::span<const wire::SackBlock> sack{};
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
    // False: the user timeout has passed (R2 of RFC 9293 section 3.8.3).
    bool on_deadline(Instant now);

    std::uint64_t acked() const { return una_ < fin_at_ ? una_ : fin_at_; }
    std::uint64_t sent() const { return nxt_ < fin_at_ ? nxt_ : fin_at_; }

    SeqNum seq(std::uint64_t offset) const { return base_ + static_cast<std::uint32_t>(offset); }
    SeqNum bare_ack_seq() const;  // of a segment that carries nothing
    SeqNum reset_seq() const;     // of a reset that the peer will believe
    TsVal ts_val(Instant now) const;

    std::uint32_t flight() const { return static_cast<std::uint32_t>(nxt_ - una_); }
    // RFC 5927 section 4.1: whether an octet that is in flight has this number.
    bool is_in_flight(SeqNum seq_of_octet) const { return seq_of_octet.in_window(seq(una_), flight()); }
    // RFC 1191, RFC 8201: a router takes no segment above `mss`, options included. False, and nothing
    // changed: ours are no larger. Else what is in flight goes again, at once; ten minutes later segments are
    // as large as before again, since the path may have become wider. If not, a router says so once more.
    bool lower_mss(std::uint16_t mss, Instant now);
    std::uint32_t window() const { return wnd_; }  // the peer's, in octets
    const Congestion& congestion() const { return congestion_; }
    const Scoreboard& scoreboard() const { return board_; }
    Duration rto() const { return rtt_.rto(); }
    Duration srtt() const { return rtt_.srtt(); }  // zero before the first measurement
    bool has_timer() const { return timer_ != Timer::None; }
    // How long ago we sent the timestamp that the peer echoes; none if we cannot have sent it.
    std::optional<Duration> age_of(TsVal echo, Instant now) const;
    // Octets that wait for an acknowledgement or for their turn, so that the peer's answers never
    // find nothing to send: twice the congestion window.
    std::uint64_t demand() const;

   private:
    static constexpr std::uint64_t kNoFin = ~std::uint64_t{0};
    enum class Timer : std::uint8_t { None, Retransmit, Reorder, TailProbe, Persist };
    enum class Phase : std::uint8_t { Open, Recovery, Loss };  // Loss: after a timeout
    // What one acknowledgement has told.
    struct News {
        std::uint32_t octets = 0;  // that have arrived for the first time
        bool progress = false;     // una_ has moved
        bool duplicate = false;    // RFC 5681 section 2
        bool repeated = false;     // the peer got something twice (RFC 2883)
    };

    News take_news(std::uint64_t offset, const Ack& ack, Instant now);
    void take_sack(const Ack& ack, News& news, Instant now);
    void on_arrival(const Span& span, std::uint64_t end, const Ack& ack, Instant now);
    bool is_repetition(const Ack& ack, std::size_t block) const;
    void note_needless(std::uint32_t octets);
    bool is_duplicate(const Ack& ack, std::uint64_t offset, std::uint32_t window) const;
    bool is_echo_of_last(const Span& span, const Ack& ack, Instant now) const;
    void update_window(const Ack& ack, std::uint32_t window);
    void measure(const Ack& ack, std::optional<Duration> sample, Instant now);
    void on_answer_to_probe(Instant now);

    void notice_losses(Instant now);
    void count_duplicate(News& news);
    void check_tail_probe(const Ack& ack, const News& news);
    void respond(const News& news, Instant now);
    void enter_recovery();
    bool leave_phase();
    std::uint32_t pipe() const;

    std::uint64_t data_end(std::uint64_t limit) const;
    std::uint64_t usable() const;
    std::optional<Piece> persist_piece(std::uint64_t end, std::uint32_t room);
    std::optional<Piece> lost_piece(std::uint64_t end, std::uint32_t room, Instant now);
    std::optional<Piece> new_piece(std::uint64_t end, std::uint32_t room, Instant now);
    std::optional<Piece> tail_piece(std::uint64_t end, std::uint32_t room);
    Piece piece_of_sent(std::uint64_t offset, std::uint32_t length) const;
    void use_mss(std::uint16_t mss);
    std::optional<std::uint32_t> fitting(std::uint32_t wanted, Instant now);
    bool may_add(std::uint32_t octets);
    void count_sent(const Piece& piece, bool probe, Instant now);

    void set_timer(Instant now);
    bool may_probe_tail() const;
    Duration tail_probe_timeout() const;
    void start_persist(Instant now);
    Duration persist_interval() const;
    void on_retransmit_timeout(Instant now);
    void send_all_again(Instant now);
    void on_persist_timeout(Instant now);

    SeqNum base_;  // of offset 0
    std::uint64_t una_ = 0, nxt_ = 0;
    std::uint64_t fin_at_ = kNoFin;
    std::uint64_t recover_ = 0;    // what was sent when the phase began
    std::uint64_t tail_end_ = 0;   // what was sent when the tail was probed; zero: no probe is out
    Instant deadline_ = kNever;    // of timer_
    Instant rto_at_ = kNever;      // while something is in flight
    Instant reorder_at_ = kNever;  // RACK looks again
    Instant progress_at_{};        // the user timeout counts from there
    Instant sent_at_{};            // of the last segment that carried something
    Instant opened_{};
    Duration user_timeout_ = kUserTimeout;
    Scoreboard board_;
    Rack rack_;
    RttEstimator rtt_;
    Congestion congestion_;
    std::uint32_t wnd_ = 0, wnd_max_ = 0;
    std::uint32_t sent_again_ = 0;  // octets in this recovery whose repetition may be needless
    SeqNum wl1_, wl2_;              // RFC 9293 section 3.3.1: SND.WL1, SND.WL2
    TsVal ts_start_;                // our TSval at opened_
    TsVal ts_again_;                // our TSval at the last timeout
    Instant mss_again_at_ = kNever;    // when segments of mss_agreed_ are tried again
    std::uint16_t mss_ = 536, mss_agreed_ = 536;  // what the path takes, and both ends
    std::uint16_t duplicates_ = 0;  // without SACK: segments that have arrived ahead of a gap
    std::uint8_t shift_ = 0;
    std::uint8_t timeouts_ = 0;  // in a row
    Timer timer_ = Timer::None;
    Phase phase_ = Phase::Open;
    bool sack_ : 1 = false;
    bool timestamps_ : 1 = false;
    bool may_undo_ : 1 = false;     // the last recovery may yet turn out to be needless
    bool at_once_ : 1 = false;      // the next lost segment does not ask the congestion window
    bool probe_ : 1 = false;        // the persist timer has fired
    bool tail_probe_ : 1 = false;   // the tail is to be probed
    bool tail_again_ : 1 = false;   // the probe at tail_end_ was a repetition
    bool window_used_ : 1 = true;   // the congestion window was the limit
};

}  // namespace sallyport::tcp
