// SPDX-License-Identifier: Apache-2.0
// Payload and FIN of the peer, and what is reported of octets ahead of a gap.
#include <algorithm>

#include "tcpstack/base/check.h"
#include "tcpstack/tcp/receiver.h"

namespace sallyport::tcp {
namespace {

std::uint32_t length_of(std::span<const std::uint8_t> payload) {
    return static_cast<std::uint32_t>(payload.size());
}

}  // namespace

void Receiver::note_ahead(std::uint64_t begin, std::uint64_t end) {
    SP_ASSERT(begin > received_ && begin < end);
    const Range range{static_cast<std::uint32_t>(begin - received_),
                      static_cast<std::uint32_t>(end - received_)};
    const bool noted = arrived_.add(range);
    SP_ASSERT(noted);
    (void)noted;
    note_recent(seq(begin));
}

void Receiver::on_unacceptable_text(SeqNum seq, std::uint32_t length) {
    if (before(seq, next())) note_duplicate(seq, seq + length);
    owe_ack();
}

Input Receiver::on_text(SeqNum seq, std::span<const std::uint8_t> payload, bool fin, ByteQueue& in,
                        ChunkPool& pool, Instant now) {
    if (payload.empty() && !fin) return Input::Accepted;
    // Relative to RCV.NXT; what is old, behind the window or behind the FIN is cut off.
    const std::int64_t begin = distance(next(), seq);
    const std::int64_t end = begin + static_cast<std::int64_t>(payload.size());
    const auto room = static_cast<std::int64_t>(std::min(edge_, fin_at_) - received_);
    const std::int64_t from = std::max<std::int64_t>(begin, 0), to = std::min(end, room);
    if (finished_ || from > begin || to < end) {
        if (begin < 0) note_duplicate(seq, earlier_of(next(), seq + length_of(payload)));
        owe_ack();
    }
    if (finished_ || end < 0) return Input::Accepted;
    const std::uint64_t fin_at = received_ + static_cast<std::uint64_t>(end);
    if (from < to) {
        const Range range{static_cast<std::uint32_t>(from), static_cast<std::uint32_t>(to)};
        const Input verdict = take(
            range, payload.subspan(static_cast<std::size_t>(from - begin), range.end - range.begin),
            in, pool, now);
        if (verdict != Input::Accepted) return verdict;
    }
    if (fin) note_fin(fin_at);
    return Input::Accepted;
}

// A FIN ahead of a gap waits until the gap is filled. It needs no room, so that it may stand at the
// very edge of the window. The first FIN counts, and none that octets have passed already.
void Receiver::note_fin(std::uint64_t at) {
    owe_ack();
    const bool possible = at <= edge_ && at >= received_ + arrived_.highest();
    if (fin_at_ == kNoFin && possible) fin_at_ = at;
    finished_ = received_ == fin_at_;
}

// `octets` stand at `range`, which is new at its beginning or lies ahead of a gap.
Input Receiver::take(Range range, std::span<const std::uint8_t> octets, ByteQueue& in,
                     ChunkPool& pool, Instant now) {
    if (differs(range, octets, in, pool)) return Input::Conflict;
    const bool gaps = !arrived_.ahead().empty();
    note_known(range);
    if (!keep(range, octets, in, pool)) return Input::NoBuffer;
    const bool bulk = full_ && octets.size() >= peer_mss_;
    full_ = octets.size() >= peer_mss_;
    peer_mss_ = std::max(peer_mss_, static_cast<std::uint16_t>(octets.size()));
    // RFC 5681 section 4.2: at once ahead of a gap and when one is filled, so that the peer learns
    // of losses and repairs.
    if (range.begin > 0 || gaps)
        owe_ack();
    else
        owe_for_text(bulk, now);
    if (range.begin > 0) note_recent(seq(received_ + range.begin));
    if (range.begin > 0 && !sack_ && owed_ahead_ < 0xff) ++owed_ahead_;
    if (arrived_.contiguous() > 0) owed_ahead_ = 0;
    received_ += arrived_.rebase();
    in.extend(received_);
    if (received_ == fin_at_) {
        finished_ = true;
        owe_ack();
    }
    return Input::Accepted;
}

// The first copy of an octet is the one that counts and may have been looked at: a different second
// one is an attack on whoever looks.
bool Receiver::differs(Range range, std::span<const std::uint8_t> octets, const ByteQueue& in,
                       const ChunkPool& pool) const {
    bool found = false;
    arrived_.for_each_known(range, [&](Range known) {
        const auto again = octets.subspan(known.begin - range.begin, known.end - known.begin);
        if (!found) found = !in.same(pool, received_ + known.begin, again);
    });
    return found;
}

bool Receiver::keep(Range range, std::span<const std::uint8_t> octets, ByteQueue& in,
                    ChunkPool& pool) {
    if (range.begin == 0) {
        if (!in.write(pool, received_, octets)) return false;
        return arrived_.add(range);  // never refused: it joins what is contiguous
    }
    Reassembly grown = arrived_;
    if (!grown.add(range) || !in.write(pool, received_ + range.begin, octets)) return false;
    arrived_ = grown;
    return true;
}

void Receiver::note_known(Range range) {
    bool first = true;
    arrived_.for_each_known(range, [&](Range known) {
        if (first) note_duplicate(seq(received_ + known.begin), seq(received_ + known.end));
        first = false;
    });
}

void Receiver::note_duplicate(SeqNum left, SeqNum right) {
    duplicate_ = {left, right};
}

const Range* Receiver::ahead_with(SeqNum at) const {
    const std::int32_t offset = distance(seq(received_), at);
    for (const Range& range : arrived_.ahead())
        if (offset >= 0 && range.begin <= static_cast<std::uint32_t>(offset) &&
            static_cast<std::uint32_t>(offset) < range.end)
            return &range;
    return nullptr;
}

void Receiver::note_recent(SeqNum at) {
    const Range* const grown = ahead_with(at);
    std::array<SeqNum, kRecentMax> recent{at};
    std::uint8_t count = 1;
    for (std::uint8_t i = 0; i < recent_count_ && count < kRecentMax; ++i) {
        const Range* const other = ahead_with(recent_[i]);
        if (other != nullptr && other != grown) recent[count++] = recent_[i];
    }
    recent_ = recent;
    recent_count_ = count;
}

void Receiver::put_ahead(const Range& range, std::size_t from, std::size_t blocks_max,
                         wire::TcpOptions& options) const {
    const wire::SackBlock block{seq(received_ + range.begin), seq(received_ + range.end)};
    if (options.sack.size() >= blocks_max) return;
    for (std::size_t i = from; i < options.sack.size(); ++i)
        if (options.sack[i] == block) return;
    (void)options.sack.push_back(block);  // there is room: blocks_max <= kSackBlocksMax
}

// RFC 2883 section 4: a duplicate comes first, and the range that it is part of again behind it, be
// they equal: a block that no other contains says that octets are new. RFC 2018 section 4: then the
// range that has grown last, then those that were reported before; the others fill what is left.
void Receiver::put_sack(std::size_t blocks_max, wire::TcpOptions& options) const {
    if (!sack_ || blocks_max == 0) return;
    if (duplicate_.left != duplicate_.right) (void)options.sack.push_back(duplicate_);
    const std::size_t from = options.sack.size();
    for (std::uint8_t i = 0; i < recent_count_; ++i)
        if (const Range* range = ahead_with(recent_[i]))
            put_ahead(*range, from, blocks_max, options);
    for (const Range& range : arrived_.ahead()) put_ahead(range, from, blocks_max, options);
}

}  // namespace sallyport::tcp
