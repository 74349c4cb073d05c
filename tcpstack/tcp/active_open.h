// SPDX-License-Identifier: Apache-2.0
// Our leg to the server until it is joined: the active open (SYN-SENT of RFC 9293) and the delivery
// of the held bytes, with retransmission. It decides numbers; the caller builds and sends segments.
#pragma once
#include <algorithm>
#include <cstdint>

#include "tcpstack/base/modular32.h"
#include "tcpstack/base/time.h"
#include "tcpstack/tcp/rtt.h"
#include "tcpstack/wire/tcp_header.h"
#include "tcpstack/wire/tcp_options.h"

namespace sallyport::tcp {

enum class OpenState : std::uint8_t { Idle, SynSent, Established };

// What a segment means to a leg in SYN-SENT (RFC 9293 section 3.10.7.3).
enum class SynSentResult : std::uint8_t {
    Established,
    Refused,      // RST that acknowledges our SYN
    BadAck,       // an acknowledgement of something else: a RST is owed, another port may work
    Ignored,
};

class ActiveOpen {
   public:
    static constexpr std::uint32_t kInitialWindow = 10;  // segments, RFC 6928

    // `mss`: what we can send at most, options included; the server may take more.
    struct Offer {
        SeqNum iss;
        TsVal ts_val;
        std::uint16_t mss = 536;
    };
    void start(const Offer& offer, Instant now);
    SynSentResult on_syn_sent(const wire::TcpHeader& tcp, const wire::TcpOptions& options,
                              Instant now);

    // Starts (or goes on with) the delivery of octets up to `end`; the first octet is iss + 1.
    void deliver_until(SeqNum end) { end_ = end; }
    bool delivered() const { return snd_una_ == end_; }

    // How many octets from snd_nxt() may be sent in one segment now; 0: none.
    std::uint32_t may_send() const;
    void on_sent(std::uint32_t octets, Instant now);

    // An acceptable acknowledgement moves snd_una; anything else is ignored. `window` is unscaled.
    void on_ack(SeqNum ack, std::uint32_t window_bytes, Instant now);

    // After sending what may be sent: a closed window with nothing in flight still needs the timer,
    // for its probe (RFC 9293 section 3.8.6.1).
    void keep_timer(Instant now) {
        if (!delivered() && rto_deadline_ == kNever) rto_deadline_ = now + rtt_.rto();
    }

    // The retransmission timer has fired: everything from snd_una on will be sent again.
    void on_timeout(Instant now);
    Instant deadline() const { return rto_deadline_; }  // kNever: nothing is outstanding
    unsigned timeouts() const { return timeouts_; }

    // An ICMP error quotes a segment of ours that begins at `seq`: whether it may be believed (RFC 5927
    // section 4.1), and what is done when a router wants segments of at most `mss` octets: everything
    // from snd_una on will be sent again. False: ours are no larger.
    bool is_in_flight(SeqNum seq) const { return !before(seq, snd_una_) && before(seq, snd_max_); }
    bool lower_mss(std::uint16_t mss, Instant now);

    OpenState state() const { return state_; }
    SeqNum iss() const { return iss_; }
    SeqNum irs() const { return irs_; }
    SeqNum snd_una() const { return snd_una_; }
    SeqNum snd_nxt() const { return snd_nxt_; }
    SeqNum end() const { return end_; }
    std::uint16_t mss() const { return mss_; }  // the server's, or ours when that is smaller
    std::uint8_t window_shift() const { return window_shift_; }  // kNoWindowScale without
    std::uint16_t syn_window() const { return syn_window_; }
    Duration round_trip() const { return rtt_.srtt(); }  // zero: the SYN had to be sent again
    bool sack() const { return sack_; }
    bool timestamps() const { return timestamps_; }
    TsVal ts_start() const { return ts_start_; }          // TSval of our SYN
    TsVal ts_recent() const { return ts_recent_; }        // the server's last TSval in order
    TsVal server_ts_start() const { return server_ts_start_; }  // TSval of its SYN-ACK
    void note_timestamp(TsVal val) {
        if (!before(val, ts_recent_)) ts_recent_ = val;
    }

   private:
    void adopt(const wire::TcpHeader& tcp, const wire::TcpOptions& options);
    void measure(Instant now);

    OpenState state_ = OpenState::Idle;
    std::uint8_t window_shift_ = 0;
    bool sack_ = false, timestamps_ = false;
    std::uint16_t mss_ = 536, mss_max_ = 536, syn_window_ = 0;
    SeqNum iss_, irs_, snd_una_, snd_nxt_, end_;
    SeqNum snd_max_;  // one past the highest octet ever sent
    std::uint32_t window_bytes_ = 0;
    TsVal ts_start_, ts_recent_, server_ts_start_;
    RttEstimator rtt_;
    Instant rto_deadline_ = kNever;
    Instant measured_sent_{};  // when the octet at measured_ was sent
    SeqNum measured_;
    bool measuring_ = false;   // false after a retransmission (Karn)
    unsigned timeouts_ = 0;
};

}  // namespace sallyport::tcp
