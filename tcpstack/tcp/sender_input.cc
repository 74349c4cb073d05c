// SPDX-License-Identifier: Apache-2.0
// What acknowledgements change.
#include <algorithm>

#include "tcpstack/base/check.h"
#include "tcpstack/tcp/sender.h"

namespace sallyport::tcp {
namespace {

constexpr std::uint16_t kDuplicatesOfLoss = 3;  // RFC 5681 section 3.2

}  // namespace

bool Sender::is_acceptable(SeqNum ack) const {
    const std::int64_t ahead = distance(seq(una_), ack);
    return ahead <= static_cast<std::int64_t>(nxt_ - una_) && ahead >= -std::int64_t{wnd_max_};
}

void Sender::on_ack(const Ack& ack, Instant now) {
    SP_ASSERT(is_acceptable(ack.ack));
    const std::int32_t ahead = distance(seq(una_), ack.ack);
    if (ahead < 0) return;
    const std::uint64_t offset = una_ + static_cast<std::uint32_t>(ahead);
    News news = take_news(offset, ack, now);
    if (news.progress) {
        timeouts_ = 0;
        progress_at_ = now;
        rto_at_ = now + rtt_.rto();  // RFC 6298 (5.3)
    }
    check_tail_probe(ack, news);
    if (sack_) notice_losses(now);
    else count_duplicate(news);
    respond(news, now);
    if (timer_ == Timer::Persist) on_answer_to_probe(now);
    set_timer(now);
}

auto Sender::take_news(std::uint64_t offset, const Ack& ack, Instant now) -> News {
    const std::uint32_t window = std::uint32_t{ack.window} << shift_;
    News news;
    news.duplicate = is_duplicate(ack, offset, window);
    update_window(ack, window);
    news.progress = offset > una_;
    std::optional<Duration> sample;
    bool again = false;
    const std::uint64_t before = una_;
    board_.acknowledge(static_cast<std::uint32_t>(offset - una_), [&](const Span& span, std::uint32_t end) {
        news.octets += span.length;
        on_arrival(span, before + end, ack, now);
        again = again || span.again;
        if (!sample) sample = std::chrono::microseconds(elapsed(span.sent, micros(now)));
    });
    una_ = offset;
    // RFC 6298 section 3 (Karn). What was sent once behind a hole had to wait for its repair.
    if (again) sample.reset();
    if (news.progress) measure(ack, sample, now);
    if (sample) congestion_.on_measurement(*sample, una_, nxt_);
    if (sack_) take_sack(ack, news, now);
    return news;
}

void Sender::on_arrival(const Span& span, std::uint64_t end, const Ack& ack, Instant now) {
    if (sack_) rack_.on_delivered(span, end, is_echo_of_last(span, ack, now), micros(now));
}

// RFC 2018 and RFC 2883. Blocks outside what is in flight are ignored.
void Sender::take_sack(const Ack& ack, News& news, Instant now) {
    for (std::size_t i = 0; i < ack.sack.size(); ++i) {
        if (is_repetition(ack, i)) {
            news.repeated = true;
            const std::int32_t length = distance(ack.sack[i].left, ack.sack[i].right);
            rack_.on_duplicate_report(una_, nxt_);
            note_needless(static_cast<std::uint32_t>(std::max(length, 0)));
            continue;
        }
        const std::int64_t left = distance(seq(una_), ack.sack[i].left);
        const std::int64_t right = distance(seq(una_), ack.sack[i].right);
        if (left < 0 || right <= left || right > static_cast<std::int64_t>(flight())) continue;
        board_.sack(static_cast<std::uint32_t>(left), static_cast<std::uint32_t>(right),
                    [&](const Span& span, std::uint32_t end) {
                        news.octets += span.length;
                        on_arrival(span, una_ + end, ack, now);
                    });
    }
}

// When everything that a recovery has sent again turns out to have been there already, nothing was
// lost: only the order was changed on the way.
void Sender::note_needless(std::uint32_t octets) {
    if (sent_again_ == 0 || octets == 0) return;
    sent_again_ -= std::min(sent_again_, octets);
    if (sent_again_ > 0 || !may_undo_) return;
    may_undo_ = false;
    congestion_.undo_recovery();
}

// RFC 2883 section 4: the first block lies below the acknowledgement, or within the second one.
bool Sender::is_repetition(const Ack& ack, std::size_t block) const {
    if (block != 0) return false;
    const wire::SackBlock& first = ack.sack[0];
    if (!before(ack.ack, first.right)) return true;
    if (ack.sack.size() < 2) return false;
    const wire::SackBlock& second = ack.sack[1];
    return !before(first.left, second.left) && !before(second.right, first.right);
}

// Whether the peer's timestamp says that the last transmission of the span arrived, and not one
// before it (RFC 8985 section 6.2, step 1).
bool Sender::is_echo_of_last(const Span& span, const Ack& ack, Instant now) const {
    if (!timestamps_ || !ack.echo) return false;
    const Duration age = std::chrono::microseconds(elapsed(span.sent, micros(now)));
    return !before(*ack.echo, ts_val(now - age));
}

// The peer is there, and what it did not take will be sent again.
void Sender::on_answer_to_probe(Instant now) {
    progress_at_ = now;
    if (wnd_ == 0) return;
    // Whether this window is large enough is for next() to say.
    timer_ = Timer::None;
    probe_ = false;
    timeouts_ = 0;
    board_.lose_all();
    rack_.on_nothing_in_flight();
    at_once_ = board_.lost() > 0;
    rto_at_ = now + rtt_.rto();
}

// RFC 5681 section 2. Answers to probes of a closed window look the same and mean nothing.
bool Sender::is_duplicate(const Ack& ack, std::uint64_t offset, std::uint32_t window) const {
    return offset == una_ && una_ < nxt_ && ack.bare && window == wnd_ && timer_ != Timer::Persist;
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

// RFC 7323 section 4.1: with timestamps every new acknowledgement measures, also of what was sent
// twice. The peer's echo is only believed if we can have sent it on this connection. After a timeout
// an older echo says nothing: if the acknowledgement was lost, a peer that has the octets already
// answers their repetition with the echo of the first.
void Sender::measure(const Ack& ack, std::optional<Duration> sample, Instant now) {
    if (timestamps_ && ack.echo) {
        const bool old = phase_ == Phase::Loss && before(*ack.echo, ts_again_);
        const std::optional<Duration> age = age_of(*ack.echo, now);
        if (age && !old) rtt_.on_measurement(*age);
    } else if (sample) {
        rtt_.on_measurement(*sample);
    }
}

std::optional<Duration> Sender::age_of(TsVal echo, Instant now) const {
    const std::int64_t ticks = distance(echo, ts_val(now));
    const auto life = static_cast<std::int64_t>(milliseconds(now) - milliseconds(opened_));
    if (ticks < 0 || ticks > life) return std::nullopt;
    return std::chrono::milliseconds(std::max<std::int64_t>(ticks, 1));
}

void Sender::notice_losses(Instant now) {
    reorder_at_ = kNever;
    if (board_.octets() == 0 || timer_ == Timer::Persist) return;
    // Three segments, whatever of them is options.
    const bool urgent = phase_ != Phase::Open || board_.sacked() > (kDuplicatesOfLoss - 1U) * mss_;
    const Duration wait = rack_.detect(board_, una_, urgent, rtt_.srtt(), micros(now));
    if (wait > Duration{}) reorder_at_ = now + wait;
}

// Without SACK. RFC 6582 section 4: what is sent again after a timeout may have arrived before, and
// its duplicate acknowledgements are no loss.
void Sender::count_duplicate(News& news) {
    if (news.progress) {
        // What the duplicates told of before is not told again.
        const std::uint32_t behind = news.octets > mss_ ? news.octets - mss_ : 0;
        const auto told = static_cast<std::uint16_t>(std::min<std::uint32_t>(duplicates_, behind / mss_));
        news.octets -= std::min(news.octets, std::uint32_t{told} * mss_);
        duplicates_ = phase_ == Phase::Recovery ? static_cast<std::uint16_t>(duplicates_ - told) : 0;
        if (phase_ == Phase::Recovery && una_ < recover_) board_.lose_front(mss_);
    } else if (news.duplicate && phase_ != Phase::Loss) {
        duplicates_ = static_cast<std::uint16_t>(std::min(duplicates_ + 1, 0xffff));
        if (phase_ == Phase::Recovery) news.octets = mss_;
        if (duplicates_ == kDuplicatesOfLoss && phase_ == Phase::Open) board_.lose_front(mss_);
    }
}

// RFC 8985 section 7.4.2: the probe may have repaired a loss that nobody would have noticed.
void Sender::check_tail_probe(const Ack& ack, const News& news) {
    if (tail_end_ == 0 || una_ < tail_end_) return;
    const bool needless = !tail_again_ || news.repeated || (news.duplicate && ack.sack.empty());
    if (!needless && una_ == tail_end_) return;  // the report of a repetition may follow
    tail_end_ = 0;
    if (!needless && phase_ == Phase::Open) congestion_.on_repaired_tail();
}

// Congestion control: the phases and the window.
void Sender::respond(const News& news, Instant now) {
    const bool left = leave_phase();
    if (phase_ == Phase::Open && board_.lost() > 0) enter_recovery();
    if (phase_ == Phase::Recovery)
        congestion_.on_delivered_in_recovery(news.octets, pipe(), news.progress);
    else if (news.progress && window_used_ && !left)
        congestion_.on_delivered(news.octets, rtt_.srtt(), now);
}

void Sender::enter_recovery() {
    phase_ = Phase::Recovery;
    recover_ = nxt_;
    sent_again_ = 0;
    may_undo_ = true;
    at_once_ = true;
    tail_end_ = 0;
    tail_probe_ = false;
    congestion_.enter_recovery(flight());
}

// True: a recovery is over.
bool Sender::leave_phase() {
    if (phase_ == Phase::Loss && una_ > recover_) phase_ = Phase::Open;
    if (phase_ != Phase::Recovery || una_ < recover_) return false;
    phase_ = Phase::Open;
    duplicates_ = 0;
    rack_.on_recovery_end();
    congestion_.leave_recovery();
    return true;
}

}  // namespace sallyport::tcp
