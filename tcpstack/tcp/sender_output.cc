// SPDX-License-Identifier: Apache-2.0
// What is to be sent next.
#include <algorithm>

#include "tcpstack/tcp/sender.h"

namespace sallyport::tcp {

std::optional<Piece> Sender::next(std::uint64_t limit, std::uint32_t option_octets, Instant now) {
    const std::uint32_t room = mss_ - option_octets;
    std::optional<Piece> piece;
    if (again_) {
        again_ = timing_ = false;
        piece = lost_piece(room);
        if (piece) deadline_ = now + rtt_.rto();
    }
    if (!piece) piece = next_piece(data_end(limit), room, now);
    if (piece) count_sent(*piece, now);
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

// The first segment that the peer lacks.
std::optional<Piece> Sender::lost_piece(std::uint32_t room) const {
    const std::uint64_t outstanding = sent() > una_ ? sent() - una_ : 0;
    const auto length =
        static_cast<std::uint32_t>(std::min<std::uint64_t>({outstanding, room, wnd_}));
    const bool fin = max_ > fin_at_ && una_ + length == fin_at_;
    if (length == 0 && !fin) return std::nullopt;
    return Piece{una_, length, fin, length > 0 && length == outstanding};
}

std::optional<Piece> Sender::next_piece(std::uint64_t end, std::uint32_t room, Instant now) {
    const bool fin_follows = end == fin_at_;
    if (nxt_ > end || (nxt_ == end && !fin_follows)) {
        window_used_ = false;
        return std::nullopt;
    }
    if (una_ == max_ && now - sent_at_ > rtt_.rto()) congestion_.on_idle();
    const auto wanted = static_cast<std::uint32_t>(std::min<std::uint64_t>(end - nxt_, room));
    const std::optional<std::uint32_t> length = fitting(wanted, now);
    if (!length) return std::nullopt;
    Piece piece{nxt_, *length, false, *length > 0 && nxt_ + *length == end};
    // The FIN needs a place in the peer's window too, unless it is the probe.
    piece.fin = fin_follows && nxt_ + *length == end && (usable() > *length || *length == 0);
    return piece;
}

// How many of `wanted` octets (0: a FIN alone) may go now. Segments that are neither full nor the
// last wait, unless the window is half of the largest that the peer has offered and nothing else
// would open it (RFC 9293 section 3.8.6.2.1; Nagle's rule is not applied).
std::optional<std::uint32_t> Sender::fitting(std::uint32_t wanted, Instant now) {
    const std::uint64_t open = usable();
    if (probe_) {
        probe_ = false;
        return static_cast<std::uint32_t>(
            std::min<std::uint64_t>(wanted, std::max<std::uint64_t>(open, 1)));
    }
    if (open < std::max<std::uint32_t>(wanted, 1)) {
        window_used_ = false;
        if (nxt_ > una_) return std::nullopt;
        if (open > 0 && open >= wnd_max_ / 2) return static_cast<std::uint32_t>(open);
        start_persist(now);
        return std::nullopt;
    }
    // RFC 3042: the first two duplicate acknowledgements let a segment go each.
    const std::uint32_t extra = in_recovery_ ? 0 : std::uint32_t{duplicates_} * mss_;
    if (flight() + wanted > congestion_.window() + extra) {
        window_used_ = true;
        return std::nullopt;
    }
    return wanted;
}

void Sender::count_sent(const Piece& piece, Instant now) {
    const std::uint64_t end = piece.offset + piece.length + (piece.fin ? 1 : 0);
    if (una_ == max_) progress_at_ = now;
    // Karn: what has been sent before is not measured, and neither is what waits behind a loss.
    if (!timing_ && piece.offset >= max_ && !in_recovery_) {
        timing_ = true;
        timed_ = end;
        timed_at_ = now;
    }
    nxt_ = std::max(nxt_, end);
    max_ = std::max(max_, end);
    sent_at_ = now;
    if (timer_ != Timer::None) return;
    timer_ = Timer::Retransmit;
    deadline_ = now + rtt_.rto();
}

}  // namespace sallyport::tcp
