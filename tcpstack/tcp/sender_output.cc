// SPDX-License-Identifier: Apache-2.0
// What is to be sent next.
#include <algorithm>

#include "tcpstack/tcp/sender.h"

namespace sallyport::tcp {

std::optional<Piece> Sender::next(std::uint64_t limit, std::uint32_t option_octets, Instant now) {
    if (now >= mss_again_at_ && phase_ == Phase::Open) {
        mss_again_at_ = kNever;
        use_mss(mss_agreed_);
    }
    const std::uint32_t room = mss_ - option_octets;
    const std::uint64_t end = data_end(limit);
    const bool probe = probe_;
    std::optional<Piece> piece;
    if (timer_ == Timer::Persist) {
        piece = persist_piece(end, room);
    } else {
        piece = lost_piece(end, room, now);
        if (!piece && board_.lost() == 0) piece = new_piece(end, room, now);
        if (!piece && tail_probe_) piece = tail_piece(end, room);
    }
    if (piece) count_sent(*piece, probe, now);
    return piece;
}

// Octets may be sent below it; what has been sent once may be sent again.
std::uint64_t Sender::data_end(std::uint64_t limit) const {
    return std::max(std::min(limit, fin_at_), sent());
}

// What the peer's window leaves from nxt_ on.
std::uint64_t Sender::usable() const {
    const std::uint64_t edge = una_ + wnd_;
    return edge > nxt_ ? edge - nxt_ : 0;
}

// In persist: the first octet that the peer lacks, or all that a small window takes, or the FIN. What
// has been sent was in the window then, and goes again as a whole segment though the peer has taken
// the window back, be it only by rounding (RFC 7323 section 2.4).
std::optional<Piece> Sender::persist_piece(std::uint64_t end, std::uint32_t room) {
    if (!probe_) return std::nullopt;
    probe_ = false;
    const std::uint64_t behind = end > una_ ? end - una_ : 0;
    const std::uint32_t known = std::min(static_cast<std::uint32_t>(sent() - una_), room);
    const auto length = static_cast<std::uint32_t>(
        std::min<std::uint64_t>(behind, std::max({wnd_, known, 1U})));
    Piece piece{una_, std::min(length, room), false, false};
    piece.fin = length == 0 && end == fin_at_;
    piece.push = piece.length > 0 && piece.length == behind;
    if (length == 0 && !piece.fin) return std::nullopt;
    return piece;
}

// Octets that were sent, as they may go again.
Piece Sender::piece_of_sent(std::uint64_t offset, std::uint32_t length) const {
    Piece piece{offset, length, false, false};
    if (offset + length > fin_at_) {
        piece.length -= 1;
        piece.fin = true;
    }
    piece.push = piece.length > 0 && offset + piece.length == sent();
    return piece;
}

std::optional<Piece> Sender::lost_piece(std::uint64_t end, std::uint32_t room, Instant now) {
    const auto place = board_.first_lost();
    if (!place) return std::nullopt;
    const std::uint64_t offset = una_ + place->begin;
    const std::uint32_t open = wnd_ > place->begin ? wnd_ - place->begin : 0;
    const std::uint32_t most = std::min(room, open);
    const std::uint32_t length = std::min(place->length, most);
    if (length == 0) {
        start_persist(now);
        return std::nullopt;
    }
    if (!at_once_ && !may_add(length)) return std::nullopt;
    at_once_ = false;
    Piece piece = piece_of_sent(offset, length);
    // A segment that would be short takes new octets along.
    if (offset + length == nxt_ && !piece.fin && end > nxt_) {
        piece.length = static_cast<std::uint32_t>(std::min<std::uint64_t>(most, end - offset));
        piece.push = offset + piece.length == end;
    }
    return piece;
}

std::optional<Piece> Sender::new_piece(std::uint64_t end, std::uint32_t room, Instant now) {
    const bool fin_follows = end == fin_at_;
    if (nxt_ > end || (nxt_ == end && !fin_follows)) {
        window_used_ = false;
        return std::nullopt;
    }
    if (una_ == nxt_ && now - sent_at_ > rtt_.rto()) congestion_.on_idle();
    const auto wanted = static_cast<std::uint32_t>(std::min<std::uint64_t>(end - nxt_, room));
    const std::optional<std::uint32_t> length = fitting(wanted, now);
    if (!length) return std::nullopt;
    tail_probe_ = false;
    Piece piece{nxt_, *length, false, *length > 0 && nxt_ + *length == end};
    // The FIN needs a place in the peer's window too.
    piece.fin = fin_follows && nxt_ + *length == end && usable() > *length;
    return piece;
}

// RFC 8985 section 7.3: new octets, as far as the peer's window lets them go, else the last ones.
std::optional<Piece> Sender::tail_piece(std::uint64_t end, std::uint32_t room) {
    tail_probe_ = false;
    const std::uint64_t fresh = std::min<std::uint64_t>({end > nxt_ ? end - nxt_ : 0, room, usable()});
    tail_again_ = fresh == 0;
    if (fresh > 0) return Piece{nxt_, static_cast<std::uint32_t>(fresh), false, nxt_ + fresh == end};
    const std::uint32_t length = std::min(flight(), room);
    return piece_of_sent(nxt_ - length, length);
}

// How many of `wanted` octets (0: a FIN alone) may go now. Segments that are neither full nor the
// last wait, unless the window is half of the largest that the peer has offered and nothing else
// would open it (RFC 9293 section 3.8.6.2.1; Nagle's rule is not applied).
std::optional<std::uint32_t> Sender::fitting(std::uint32_t wanted, Instant now) {
    const std::uint64_t open = usable();
    if (open < std::max<std::uint32_t>(wanted, 1)) {
        window_used_ = false;
        if (nxt_ > una_) return std::nullopt;
        if (open > 0 && open >= wnd_max_ / 2) return static_cast<std::uint32_t>(open);
        start_persist(now);
        return std::nullopt;
    }
    if (!may_add(wanted)) return std::nullopt;
    return wanted;
}

bool Sender::may_add(std::uint32_t octets) {
    if (pipe() + octets <= congestion_.window()) return true;
    window_used_ = true;
    return false;
}

// In flight, by the scoreboard; without SACK each duplicate acknowledgement tells of a segment that
// has arrived (RFC 3042 and RFC 6582 in one).
std::uint32_t Sender::pipe() const {
    const std::uint32_t arrived = std::uint32_t{duplicates_} * mss_;
    return board_.in_flight() > arrived ? board_.in_flight() - arrived : 0;
}

void Sender::count_sent(const Piece& piece, bool probe, Instant now) {
    const std::uint32_t octets = piece.length + (piece.fin ? 1 : 0);
    if (una_ == nxt_ && timer_ != Timer::Persist) {
        progress_at_ = now;
        rto_at_ = now + rtt_.rto();
        rack_.on_nothing_in_flight();
    }
    const std::uint64_t end = piece.offset + octets;
    // It may lie across what was sent and what was not; then nothing of it is measured.
    const std::uint64_t again_end = std::min(end, nxt_);
    if (piece.offset < again_end) {
        const auto repeated = static_cast<std::uint32_t>(again_end - piece.offset);
        board_.resend(static_cast<std::uint32_t>(piece.offset - una_), repeated, micros(now));
        sent_again_ += repeated;
        if (timer_ != Timer::TailProbe) rto_at_ = now + rtt_.rto();
    }
    if (end > nxt_) {
        board_.add(static_cast<std::uint32_t>(end - nxt_), micros(now), probe || piece.offset < again_end);
        nxt_ = end;
    }
    if (phase_ == Phase::Recovery) congestion_.on_sent_in_recovery(octets);
    sent_at_ = now;
    set_timer(now);
}

}  // namespace sallyport::tcp
