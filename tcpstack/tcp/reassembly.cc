// SPDX-License-Identifier: Apache-2.0
#include "tcpstack/tcp/reassembly.h"

#include <algorithm>

namespace sallyport::tcp {

bool Reassembly::add(Range range) {
    SP_ASSERT(range.begin < range.end);
    if (range.end <= front_) return true;
    if (range.begin <= front_) {
        front_ = range.end;
        while (!ahead_.empty() && ahead_[0].begin <= front_) {
            front_ = std::max(front_, ahead_[0].end);
            ahead_.erase(0);
        }
        return true;
    }
    std::size_t at = 0;
    while (at < ahead_.size() && ahead_[at].end < range.begin) ++at;
    if (at == ahead_.size() || range.end < ahead_[at].begin) return ahead_.insert(at, range);
    Range& merged = ahead_[at];
    merged = {std::min(merged.begin, range.begin), std::max(merged.end, range.end)};
    while (at + 1 < ahead_.size() && ahead_[at + 1].begin <= ahead_[at].end) {
        ahead_[at].end = std::max(ahead_[at].end, ahead_[at + 1].end);
        ahead_.erase(at + 1);
    }
    return true;
}

std::uint32_t Reassembly::rebase() {
    const std::uint32_t by = front_;
    for (Range& range : ahead_) range = {range.begin - by, range.end - by};
    front_ = 0;
    return by;
}

}  // namespace sallyport::tcp
