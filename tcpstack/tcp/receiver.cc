// SPDX-License-Identifier: Apache-2.0
#include "tcpstack/tcp/receiver.h"

#include <algorithm>

#include "tcpstack/base/check.h"

namespace sallyport::tcp {

void Receiver::open(const ConnectionStart& start, Instant now) {
    *this = Receiver{};
    base_ = start.irs + 1 - static_cast<std::uint32_t>(start.receive_from);
    received_ = start.receive_from + start.received;
    edge_ = limit_ = received_ + start.offered;
    window_max_ = start.offered;
    acked_ = next();
    ts_recent_ = start.ts_recent;
    ts_recent_at_ = now;
    shift_ = start.rcv_shift;
    sack_ = start.sack;
    quick_ = quick_max_ = start.quick_acks;
    if (start.owes_ack) owe_for_text(false, now);
}

SeqNum Receiver::next() const {
    return seq(next_offset());
}

std::uint32_t Receiver::window() const {
    return edge_ > next_offset() ? static_cast<std::uint32_t>(edge_ - next_offset()) : 0;
}

// More liberal than the RFC's table at both ends, as Linux is. A peer that has used its whole
// window acknowledges from the number behind it, and what ends at RCV.NXT is only old: the ACK
// field of both counts, their payload does not.
bool Receiver::is_acceptable(SeqNum seq, std::uint32_t length) const {
    const std::int64_t begin = distance(next(), seq);
    return begin + length >= 0 && begin <= window();
}

bool Receiver::is_in_window(SeqNum seq) const {
    return seq.in_window(next(), window());
}

bool Receiver::is_older(TsVal val, Instant now) const {
    return before(val, ts_recent_) && now - ts_recent_at_ <= kTsRecentLife;
}

// RFC 7323 section 4.3 (2): SEG.SEQ <= Last.ACK.sent, so that a delayed acknowledgement echoes the
// first segment that it covers, and what lies ahead of a gap echoes nothing.
void Receiver::update_ts_recent(SeqNum seq, TsVal val, Instant now) {
    if (is_older(val, now) || before(acked_, seq)) return;
    ts_recent_ = val;
    ts_recent_at_ = now;
}

void Receiver::owe_challenge(Instant now) {
    if (now < challenge_at_) return;
    challenge_at_ = now + kChallengeInterval;
    ack_now_ = true;
}

// RFC 5681 section 4.2: at least every second segment. A peer at its beginning gets more, so that
// its window opens, and so that what Nagle's rule holds back there comes at once. So does one that sends
// bulk: it waits for nothing else, and a segment left over would take a part of its window for a round
// trip or forty milliseconds.
void Receiver::owe_for_text(bool bulk, Instant now) {
    if (now - text_at_ > kQuickAfter) quick_ = quick_max_;
    text_at_ = now;
    if (++unacked_ >= 2 || quick_ > 0 || bulk)
        ack_now_ = true;
    else
        ack_at_ = now + kDelayedAck;
    if (quick_ > 0) --quick_;
}

// Who answers soon is in a conversation: the answers carry the acknowledgements.
void Receiver::note_answer(Instant now) {
    if (now - text_at_ < kDelayedAck) quick_ = 0;
}

std::uint64_t Receiver::promised() const {
    const std::uint64_t edge = std::max(edge_, limit_);
    return finished_ || edge <= received_ ? 0 : edge - received_;
}

void Receiver::on_deadline(Instant now) {
    if (now < ack_at_) return;
    ack_at_ = kNever;
    ack_now_ = true;
}

// With a scaled window every acknowledgement rounds what is left. It rounds up, since the edge must
// not move back; part of the room is kept for that.
std::uint64_t Receiver::goal() const {
    constexpr std::uint64_t kReserveMax = 4096;
    if (limit_ <= next_offset()) return limit_;
    if (shift_ == 0) return limit_;
    return limit_ - std::min((limit_ - next_offset()) / 8, kReserveMax);
}

// What the window field says to put the edge at `edge` >= edge_, or a little below. If even the
// room that was kept for rounding is used up (by very many small segments), the edge seems to move
// back by less than a unit, as RFC 7323 section 2.4 allows; what was promised is still accepted.
std::uint32_t Receiver::field_for(std::uint64_t edge) const {
    constexpr std::uint64_t kFieldMax = 0xffff;
    const std::uint64_t octets = edge > next_offset() ? edge - next_offset() : 0;
    auto field = static_cast<std::uint32_t>(std::min(octets >> shift_, kFieldMax));
    const bool takes_back = edge_of(field) < edge_;
    if (takes_back && field < kFieldMax && edge_of(field + 1) <= limit_) ++field;
    return field;
}

// RFC 9293 section 3.8.6.2.2: the edge stays until it can move by a segment or half of the window.
std::uint16_t Receiver::acknowledge() {
    const std::uint64_t step = std::clamp<std::uint64_t>(window_max_ / 2, 1, peer_mss_);
    const std::uint64_t to = goal();
    const std::uint32_t field = field_for(to >= edge_ + step ? to : edge_);
    edge_ = std::max(edge_, edge_of(field));
    window_max_ = std::max(window_max_, field << shift_);
    acked_ = next();
    ack_at_ = kNever;
    if (owed_ahead_ > 0) --owed_ahead_;
    ack_now_ = owed_ahead_ > 0;
    unacked_ = 0;
    duplicate_ = {};
    return static_cast<std::uint16_t>(field);
}

// As long as the peer has half of a window it goes on, and the next acknowledgement tells it more.
// Below that, a segment of its own is worth two segments of window; one, if the peer cannot send
// even that.
void Receiver::offer(std::uint32_t room) {
    limit_ = received_ + room;
    if (finished_ || window() > window_max_ / 2) return;
    const std::uint32_t segments = window() < peer_mss_ ? peer_mss_ : 2U * peer_mss_;
    const std::uint32_t worth = std::clamp<std::uint32_t>(window_max_ / 2, 1, segments);
    const std::uint64_t to = goal();
    if (to >= edge_ && edge_of(field_for(to)) >= edge_ + worth) ack_now_ = true;
}

}  // namespace sallyport::tcp
