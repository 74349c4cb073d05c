// SPDX-License-Identifier: Apache-2.0
#include "tools/sallyctl/replay/byte_stream.h"

#include <algorithm>

namespace sallyport::replay {

// The number is near the front: sequence numbers are 32 bits wide, streams are longer.
std::int64_t ByteStream::position(std::uint32_t start, std::uint32_t sequence) const {
    const auto front = static_cast<std::int64_t>(front_);
    const std::uint32_t front_sequence = start + 1 + static_cast<std::uint32_t>(front_);
    return front + static_cast<std::int32_t>(sequence - front_sequence);
}

bool ByteStream::conflicts(std::uint64_t begin, Octets octets) const {
    const std::uint64_t end = begin + octets.size();
    auto part = ahead_.upper_bound(begin);
    if (part != ahead_.begin()) --part;
    for (; part != ahead_.end() && part->first < end; ++part) {
        const std::uint64_t from = std::max(begin, part->first);
        const std::uint64_t to = std::min(end, part->first + part->second.size());
        if (from >= to) continue;
        const auto known = Octets(part->second).subspan(from - part->first, to - from);
        if (!std::ranges::equal(known, octets.subspan(from - begin, to - from))) return true;
    }
    return false;
}

void ByteStream::keep_new_parts(std::uint64_t begin, Octets octets) {
    const std::uint64_t end = begin + octets.size();
    std::uint64_t at = begin;
    auto part = ahead_.upper_bound(begin);
    if (part != ahead_.begin()) {
        const auto& [first, held] = *std::prev(part);
        at = std::max(at, first + held.size());
    }
    while (at < end) {
        const std::uint64_t stop = part == ahead_.end() ? end : std::min(end, part->first);
        if (at < stop) {
            const Octets fresh = octets.subspan(at - begin, stop - at);
            ahead_.emplace_hint(part, at, std::vector<std::uint8_t>(fresh.begin(), fresh.end()));
            held_ += fresh.size();
        }
        if (part == ahead_.end()) return;
        at = std::max(at, part->first + part->second.size());
        ++part;
    }
}

void ByteStream::deliver(Octets octets, const Sink& sink) {
    front_ += octets.size();
    sink(octets);
}

ByteStream::Added ByteStream::add(std::uint32_t start, std::uint32_t sequence, Octets octets,
                                  const Sink& sink) {
    const std::int64_t where = position(start, sequence);
    const auto front = static_cast<std::int64_t>(front_);
    if (where < front) {
        const auto known = static_cast<std::uint64_t>(front - where);
        if (known >= octets.size()) return Added::Kept;
        octets = octets.subspan(known);
    }
    if (octets.empty()) return Added::Kept;
    if (where > front + kWindowMax) return Added::NoRoom;
    const auto begin = static_cast<std::uint64_t>(std::max(where, front));
    if (conflicts(begin, octets)) return Added::Conflict;
    if (begin == front_ && ahead_.empty()) return deliver(octets, sink), Added::Kept;
    if (begin != front_ && held_ + octets.size() > kAheadMax) return Added::NoRoom;
    keep_new_parts(begin, octets);
    while (!ahead_.empty() && ahead_.begin()->first == front_) {
        const auto part = ahead_.extract(ahead_.begin());
        held_ -= part.mapped().size();
        deliver(part.mapped(), sink);
    }
    return Added::Kept;
}

}  // namespace sallyport::replay
