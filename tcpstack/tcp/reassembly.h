// SPDX-License-Identifier: Apache-2.0
// Which octets of a stream have arrived: the contiguous front and up to sixteen ranges ahead of it.
// Offsets count from the first octet; no bytes are kept here.
#pragma once
#include <cstdint>

#include "tcpstack/base/fixed_vector.h"

namespace sallyport::tcp {

struct Range {
    std::uint32_t begin = 0, end = 0;  // [begin, end)
    friend constexpr bool operator==(const Range&, const Range&) = default;
};

class Reassembly {
   public:
    static constexpr std::size_t kRangesMax = 16;

    std::uint32_t contiguous() const { return front_; }
    std::uint32_t highest() const { return ahead_.empty() ? front_ : ahead_[ahead_.size() - 1].end; }
    // Ahead of the front, ascending, with gaps between them.
    const FixedVector<Range, kRangesMax>& ahead() const { return ahead_; }

    // Notes that `range` (not empty) has arrived. False, and nothing changed, when it would need a
    // seventeenth range.
    [[nodiscard]] bool add(Range range);

    // From now on offsets count from the first octet that has not arrived: a stream may be longer
    // than an offset can say. Returns contiguous() as it was.
    std::uint32_t rebase();

    // The parts of `range` that had arrived before; used to compare bytes before add().
    template <class Visit>  // void(Range)
    void for_each_known(Range range, Visit&& visit) const {
        visit_overlap({0, front_}, range, visit);
        for (const Range& r : ahead_) visit_overlap(r, range, visit);
    }
    // The parts of `range` that had not arrived before.
    template <class Visit>
    void for_each_new(Range range, Visit&& visit) const {
        std::uint32_t at = range.begin < front_ ? front_ : range.begin;
        for (const Range& r : ahead_) {
            if (at >= range.end) return;
            if (r.end <= at) continue;
            const std::uint32_t stop = r.begin < range.end ? r.begin : range.end;
            if (at < stop) visit(Range{at, stop});
            at = at > r.end ? at : r.end;
        }
        if (at < range.end) visit(Range{at, range.end});
    }

   private:
    template <class Visit>
    static void visit_overlap(Range known, Range range, Visit&& visit) {
        const Range both{known.begin > range.begin ? known.begin : range.begin,
                         known.end < range.end ? known.end : range.end};
        if (both.begin < both.end) visit(both);
    }
    std::uint32_t front_ = 0;
    FixedVector<Range, kRangesMax> ahead_;
};

}  // namespace sallyport::tcp
