// SPDX-License-Identifier: Apache-2.0
// What acknowledgements change.
#include <algorithm>

#include "tcpstack/base/check.h"
#include "tcpstack/tcp/sender.h"

namespace sallyport::tcp {
namespace {

constexpr std::uint8_t kDuplicatesOfLoss = 3;  // RFC 5681 section 3.2

}  // namespace

bool Sender::is_acceptable(SeqNum ack) const {
    const std::int64_t ahead = distance(seq(una_), ack);
    return ahead <= static_cast<std::int64_t>(max_ - una_) && ahead >= -std::int64_t{wnd_max_};
}

void Sender::on_ack(const Ack& ack, Instant now) {
    SP_ASSERT(is_acceptable(ack.ack));
    const std::int32_t ahead = distance(seq(una_), ack.ack);
    if (ahead < 0) return;
    const std::uint64_t offset = una_ + static_cast<std::uint32_t>(ahead);
    const std::uint32_t window = std::uint32_t{ack.window} << shift_;
    const bool duplicate = is_duplicate(ack, offset, window);
    update_window(ack, window);
    if (offset > una_)
        on_new_ack(offset, ack, now);
    else if (duplicate)
        on_duplicate();
    if (timer_ == Timer::Persist) on_answer_to_probe(now);
}

// The peer is there, and what it did not take will be sent again.
void Sender::on_answer_to_probe(Instant now) {
    progress_at_ = now;
    timing_ = false;
    nxt_ = una_;
    if (wnd_ == 0) return;
    // Whether this window is large enough is for next() to say.
    timer_ = Timer::None;
    probe_ = false;
    timeouts_ = 0;
}

// RFC 5681 section 2. Answers to probes of a closed window look the same and mean nothing.
bool Sender::is_duplicate(const Ack& ack, std::uint64_t offset, std::uint32_t window) const {
    return offset == una_ && una_ < max_ && ack.bare && window == wnd_ && timer_ != Timer::Persist;
}

// RFC 9293 section 3.10.7.4: an old segment must not bring an old window back.
void Sender::update_window(const Ack& ack, std::uint32_t window) {
    const bool newer = before(wl1_, ack.seq) || (wl1_ == ack.seq && !before(ack.ack, wl2_));
    if (!newer) return;
    wnd_ = window;
    wnd_max_ = std::max(wnd_max_, wnd_);
    wl1_ = ack.seq;
    wl2_ = ack.ack;
}

void Sender::on_new_ack(std::uint64_t offset, const Ack& ack, Instant now) {
    const auto octets = static_cast<std::uint32_t>(offset - una_);
    measure(offset, ack, now);
    una_ = offset;
    nxt_ = std::max(nxt_, una_);
    if (guarded_ && una_ > recover_) guarded_ = false;
    if (in_recovery_) {
        on_progress_in_recovery(octets);
    } else {
        duplicates_ = 0;
        if (window_used_) congestion_.on_ack(octets);
    }
    timeouts_ = 0;
    progress_at_ = now;
    timer_ = una_ == max_ ? Timer::None : Timer::Retransmit;  // RFC 6298 (5.2), (5.3)
    deadline_ = now + rtt_.rto();
}

// RFC 7323 section 4.1: with timestamps every new acknowledgement measures, also of what was sent
// twice. Without them one octet at a time is followed. The peer's echo is only believed if we can
// have sent it on this connection. After a timeout an older echo says nothing: if the
// acknowledgement was lost, a peer that has the octets already answers their repetition with the
// echo of the first.
void Sender::measure(std::uint64_t offset, const Ack& ack, Instant now) {
    const bool timed = timing_ && offset >= timed_;
    if (timed) timing_ = false;
    if (timestamps_ && ack.echo) {
        const std::int64_t ticks = distance(*ack.echo, ts_val(now));
        const auto age = static_cast<std::int64_t>(milliseconds(now) - milliseconds(opened_));
        if (ticks < 0 || ticks > age || (guarded_ && before(*ack.echo, ts_again_))) return;
        rtt_.on_measurement(std::chrono::milliseconds(std::max<std::int64_t>(ticks, 1)));
    } else if (timed) {
        rtt_.on_measurement(now - timed_at_);
    }
}

// RFC 6582 section 3.2.
void Sender::on_progress_in_recovery(std::uint32_t octets) {
    if (una_ < recover_) {
        congestion_.on_partial_ack(octets);
        again_ = true;
        return;
    }
    congestion_.leave_recovery(flight());
    in_recovery_ = again_ = false;
    duplicates_ = 0;
}

void Sender::on_duplicate() {
    if (in_recovery_) {
        congestion_.on_duplicate();
        return;
    }
    // RFC 6582 section 4: what is sent again after a timeout may have arrived before, and its
    // duplicate acknowledgements are no loss.
    if (guarded_) return;
    if (duplicates_ == 0) loss_flight_ = flight();
    if (++duplicates_ < kDuplicatesOfLoss) return;
    in_recovery_ = again_ = true;
    recover_ = max_;
    congestion_.enter_recovery(loss_flight_);
}

}  // namespace sallyport::tcp
