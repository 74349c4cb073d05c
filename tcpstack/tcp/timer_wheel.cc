// SPDX-License-Identifier: Apache-2.0
#include "tcpstack/tcp/timer_wheel.h"

#include <algorithm>

namespace sallyport::tcp {

TimerWheel::TimerWheel(std::span<Node> nodes, Instant start) : nodes_(nodes), start_(start) {
    heads_.fill(kNoIndex);
}

std::uint64_t TimerWheel::tick_of(Instant t) const {
    return t <= start_ ? 0 : static_cast<std::uint64_t>((t - start_) / kTick);
}

void TimerWheel::arm(std::uint32_t index, Instant when) {
    cancel(index);
    const std::uint64_t due = tick_of(when) + 1;  // round up: never early
    const std::uint64_t tick = std::clamp(due, current_, current_ + kSlots - 2);
    link(index, static_cast<std::uint32_t>(tick % kSlots));
}

void TimerWheel::cancel(std::uint32_t index) {
    Node& node = nodes_[index];
    if (node.slot == kNoIndex) return;
    (node.prev == kNoIndex ? heads_[node.slot] : nodes_[node.prev].next) = node.next;
    if (node.next != kNoIndex) nodes_[node.next].prev = node.prev;
    node = Node{};
}

void TimerWheel::link(std::uint32_t index, std::uint32_t slot) {
    Node& node = nodes_[index];
    node = {.prev = kNoIndex, .next = heads_[slot], .slot = slot};
    if (node.next != kNoIndex) nodes_[node.next].prev = index;
    heads_[slot] = index;
}

std::uint32_t TimerWheel::next_due(Instant now, std::uint32_t& slots) {
    const std::uint64_t end = tick_of(now);
    for (; current_ <= end; ++current_) {
        const std::uint32_t index = heads_[current_ % kSlots];
        if (index != kNoIndex) {
            cancel(index);
            return index;
        }
        if (slots == 0) return kNoIndex;
        --slots;
    }
    return kNoIndex;
}

}  // namespace sallyport::tcp
