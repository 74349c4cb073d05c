// SPDX-License-Identifier: Apache-2.0
// Opening, and the timers.
#include "tcpstack/tcp/sender.h"

#include <algorithm>

#include "tcpstack/base/check.h"

namespace sallyport::tcp {
namespace {

constexpr std::uint32_t kTimestampOctets = 12;
// Forty octets of options and eight of payload, so that no peer can ask for segments of nothing.
constexpr std::uint16_t kMssMin = 48;
constexpr Duration kMssLowered = std::chrono::minutes(10);  // RFC 1191 section 6.3, RFC 8201 section 4

}  // namespace

void Sender::open(const ConnectionStart& start, Instant now) {
    *this = Sender{};
    base_ = start.iss + 1 - static_cast<std::uint32_t>(start.send_from);
    una_ = nxt_ = recover_ = start.send_from;
    opened_ = progress_at_ = sent_at_ = now;
    wnd_ = wnd_max_ = start.snd_wnd;
    wl1_ = start.irs;
    wl2_ = start.iss + 1;
    ts_start_ = start.ts_sent;
    timestamps_ = start.timestamps;
    sack_ = start.sack;
    mss_ = mss_agreed_ = std::max(start.snd_mss, kMssMin);
    shift_ = start.snd_shift;
    if (start.round_trip > Duration{}) rtt_.on_measurement(start.round_trip);
    user_timeout_ = start.user_timeout;
    congestion_.open(mss_ - (timestamps_ ? kTimestampOctets : 0));
}

TsVal Sender::ts_val(Instant now) const {
    return ts_start_ + static_cast<std::uint32_t>(milliseconds(now) - milliseconds(opened_));
}

std::uint64_t Sender::demand() const {
    const std::uint32_t threshold = congestion_.threshold();
    const bool cut = phase_ != Phase::Open && threshold < Congestion::kWindowMax;
    return 2 * std::uint64_t{std::max(congestion_.window(), cut ? threshold : 0)};
}

// SND.NXT of RFC 9293, but not beyond the peer's window, where a probe may have gone.
SeqNum Sender::bare_ack_seq() const {
    return seq(std::min(nxt_, una_ + wnd_));
}

// Only a reset at exactly RCV.NXT of the peer is believed at once (RFC 5961 section 3.2). Segments
// in flight arrive before the reset, so that is nxt_; unless the peer has shown that it did not
// accept them: then it still waits for una_. If the guess is wrong, the peer answers with a
// challenge ACK, and its number makes the next reset exact.
SeqNum Sender::reset_seq() const {
    const bool stuck = duplicates_ > 0 || board_.sacked() > 0 || phase_ != Phase::Open ||
                       timeouts_ > 0 || timer_ == Timer::Persist;
    return seq(stuck ? una_ : nxt_);
}

Instant Sender::deadline() const {
    if (timer_ == Timer::None) return kNever;
    return std::min(deadline_, progress_at_ + user_timeout_);
}

bool Sender::on_deadline(Instant now) {
    if (timer_ == Timer::None) return true;
    if (now >= progress_at_ + user_timeout_) return false;
    if (now < deadline_) return true;
    switch (timer_) {
        case Timer::None: break;
        case Timer::Retransmit: on_retransmit_timeout(now); break;
        case Timer::Persist: on_persist_timeout(now); break;
        case Timer::Reorder:
            if (now >= rto_at_) {
                on_retransmit_timeout(now);
                break;
            }
            notice_losses(now);
            respond({}, now);
            set_timer(now);
            break;
        case Timer::TailProbe:
            tail_probe_ = true;
            tail_end_ = nxt_;
            rto_at_ = now + rtt_.rto();  // RFC 8985 section 7.3
            set_timer(now);
            break;
    }
    return true;
}

// RFC 6298 section 5 (5.4) to (5.6), RFC 5681 section 3.1.
void Sender::on_retransmit_timeout(Instant now) {
    congestion_.on_timeout(timeouts_ > 0);
    rtt_.on_timeout();
    timeouts_ = static_cast<std::uint8_t>(std::min(timeouts_ + 1, 0xff));
    send_all_again(now);
}

// All that is in flight counts as lost, and nothing that comes in can take that back.
void Sender::send_all_again(Instant now) {
    tail_probe_ = false;
    tail_end_ = 0;
    duplicates_ = 0;
    phase_ = Phase::Loss;
    may_undo_ = false;
    recover_ = nxt_;
    ts_again_ = ts_val(now);
    board_.lose_all();
    at_once_ = true;
    reorder_at_ = kNever;
    rto_at_ = now + rtt_.rto();
    set_timer(now);
}

// What was too large did not arrive, and that is no congestion (RFC 1191 section 6.5). Which octets were
// in segments too large is not known any more, so all go again.
bool Sender::lower_mss(std::uint16_t mss, Instant now) {
    mss = std::max(mss, kMssMin);
    if (mss >= mss_) return false;
    use_mss(mss);
    mss_again_at_ = now + kMssLowered;
    if (timer_ == Timer::Persist || una_ == nxt_) return true;
    send_all_again(now);
    return true;
}

void Sender::use_mss(std::uint16_t mss) {
    mss_ = mss;
    congestion_.set_mss(mss_ - (timestamps_ ? kTimestampOctets : 0));
}

void Sender::on_persist_timeout(Instant now) {
    timeouts_ = static_cast<std::uint8_t>(std::min(timeouts_ + 1, 0xff));
    probe_ = true;
    deadline_ = now + persist_interval();
}

// RFC 9293 section 3.8.6.1: the intervals grow as those of retransmissions. But six probes must be
// lost before the user timeout passes.
Duration Sender::persist_interval() const {
    const Duration interval_max = std::min(user_timeout_ / 6, RttEstimator::kMaxRto);
    constexpr unsigned kDoublingsMax = 9;  // from 200 ms to beyond that
    const Duration backed_off = rtt_.rto() * (1U << std::min<unsigned>(timeouts_, kDoublingsMax));
    return std::min(backed_off, interval_max);
}

void Sender::start_persist(Instant now) {
    if (timer_ == Timer::Persist) return;
    if (timer_ == Timer::None) progress_at_ = now;
    timer_ = Timer::Persist;
    timeouts_ = 0;
    deadline_ = now + persist_interval();
}

// The one deadline that counts, of those that run.
void Sender::set_timer(Instant now) {
    if (timer_ == Timer::Persist) return;
    if (una_ == nxt_) {
        timer_ = Timer::None;
    } else if (reorder_at_ < rto_at_) {
        timer_ = Timer::Reorder;
        deadline_ = reorder_at_;
    } else if (may_probe_tail()) {
        timer_ = Timer::TailProbe;
        deadline_ = std::min(now + tail_probe_timeout(), rto_at_);
    } else {
        timer_ = Timer::Retransmit;
        deadline_ = rto_at_;
    }
}

// RFC 8985 section 7.2.
bool Sender::may_probe_tail() const {
    return sack_ && phase_ == Phase::Open && tail_end_ == 0 && board_.lost() == 0 &&
           board_.sacked() == 0;
}

Duration Sender::tail_probe_timeout() const {
    constexpr Duration kUnmeasured = std::chrono::seconds(1);
    constexpr Duration kDelayedAck = std::chrono::milliseconds(200);  // WCDelAckT
    if (!rtt_.is_measured()) return kUnmeasured;
    const bool single = flight() <= mss_;
    return 2 * rtt_.srtt() + (single ? kDelayedAck : Duration{});
}

}  // namespace sallyport::tcp
