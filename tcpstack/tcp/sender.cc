// SPDX-License-Identifier: Apache-2.0
#include "tcpstack/tcp/sender.h"

#include <algorithm>

#include "tcpstack/base/check.h"

namespace sallyport::tcp {
namespace {

constexpr std::uint32_t kTimestampOctets = 12;
// Forty octets of options and eight of payload, so that no peer can ask for segments of nothing.
constexpr std::uint16_t kMssMin = 48;

}  // namespace

void Sender::open(const ConnectionStart& start, Instant now) {
    *this = Sender{};
    base_ = start.iss + 1 - static_cast<std::uint32_t>(start.send_from);
    una_ = nxt_ = max_ = recover_ = start.send_from;
    opened_ = progress_at_ = sent_at_ = now;
    wnd_ = wnd_max_ = start.snd_wnd;
    wl1_ = start.irs;
    wl2_ = start.iss + 1;
    ts_start_ = start.ts_sent;
    timestamps_ = start.timestamps;
    mss_ = std::max(start.snd_mss, kMssMin);
    shift_ = start.snd_shift;
    congestion_.open(mss_ - (timestamps_ ? kTimestampOctets : 0));
}

TsVal Sender::ts_val(Instant now) const {
    return ts_start_ + static_cast<std::uint32_t>(milliseconds(now) - milliseconds(opened_));
}

// RFC 9293 says SND.NXT. What was sent counts, also when it is being sent again: the peer drops
// what lies before RCV.NXT. But not beyond its window, where a probe may have gone.
SeqNum Sender::bare_ack_seq() const {
    return seq(std::min(max_, una_ + wnd_));
}

// Only a reset at exactly RCV.NXT of the peer is believed at once (RFC 5961 section 3.2). Segments
// in flight arrive before the reset, so that is nxt_; unless the peer has shown that it did not
// accept them: then it still waits for una_. If the guess is wrong, the peer answers with a
// challenge ACK, and its number makes the next reset exact.
SeqNum Sender::reset_seq() const {
    const bool stuck = duplicates_ > 0 || in_recovery_ || timeouts_ > 0 || timer_ == Timer::Persist;
    return seq(stuck ? una_ : nxt_);
}

Instant Sender::deadline() const {
    if (timer_ == Timer::None) return kNever;
    return std::min(deadline_, progress_at_ + kUserTimeout);
}

bool Sender::on_deadline(Instant now) {
    if (timer_ == Timer::None) return true;
    if (now >= progress_at_ + kUserTimeout) return false;
    if (now < deadline_) return true;
    if (timer_ == Timer::Retransmit) {
        on_retransmit_timeout(now);
    } else {
        timeouts_ = static_cast<std::uint8_t>(std::min(timeouts_ + 1, 0xff));
        probe_ = true;
        timing_ = false;
        nxt_ = una_;
        deadline_ = now + persist_interval();
    }
    return true;
}

// RFC 6298 section 5 (5.4) to (5.6), RFC 5681 section 3.1, RFC 6582 section 4.
void Sender::on_retransmit_timeout(Instant now) {
    congestion_.on_timeout(flight(), timeouts_ > 0);
    rtt_.on_timeout();
    timeouts_ = static_cast<std::uint8_t>(std::min(timeouts_ + 1, 0xff));
    timing_ = in_recovery_ = again_ = false;
    duplicates_ = 0;
    guarded_ = true;
    recover_ = max_;
    ts_again_ = ts_val(now);
    nxt_ = una_;
    deadline_ = now + rtt_.rto();
}

// RFC 9293 section 3.8.6.1: the intervals grow as those of retransmissions. But six probes must be
// lost before the user timeout passes.
Duration Sender::persist_interval() const {
    constexpr Duration kIntervalMax = kUserTimeout / 6;
    constexpr unsigned kDoublingsMax = 7;  // from 200 ms to beyond that
    const Duration backed_off = rtt_.rto() * (1U << std::min<unsigned>(timeouts_, kDoublingsMax));
    return std::min(backed_off, kIntervalMax);
}

void Sender::start_persist(Instant now) {
    if (timer_ == Timer::Persist) return;
    if (timer_ == Timer::None) progress_at_ = now;
    timer_ = Timer::Persist;
    timeouts_ = 0;
    deadline_ = now + persist_interval();
}

}  // namespace sallyport::tcp
