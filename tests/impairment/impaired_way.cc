// SPDX-License-Identifier: Apache-2.0
#include "tests/impairment/impaired_way.h"

#include <algorithm>

#include "tcpstack/wire/ethernet.h"

namespace sallyport::test {
namespace {

constexpr std::size_t kEthernetOctets = sizeof(wire::EthernetHeader);

bool is_ip(const Frame& frame) {
    if (frame.size() <= kEthernetOctets) return false;
    const int type = frame[12] << 8 | frame[13];
    return type == wire::kEthertypeIpv4 || type == wire::kEthertypeIpv6;
}

}  // namespace

bool ImpairedWay::is_later(const Waiting& a, const Waiting& b) {
    return a.due != b.due ? a.due > b.due : a.order > b.order;
}

bool ImpairedWay::happens(Chance chance) {
    constexpr double kAll = 1ULL << 53;
    return static_cast<double>(rng_.next() >> 11) < chance * kAll;
}

// Always as many draws, so that one setting does not change what another does.
ImpairedWay::Fate ImpairedWay::draw(std::size_t octets) {
    Fate fate{};
    if (happens(in_burst_ ? impairment_.burst.leave : impairment_.burst.enter)) {
        in_burst_ = !in_burst_;
        if (in_burst_) ++counts_.bursts;
    }
    fate.lost_in_burst = happens(impairment_.burst.loss) && in_burst_;
    fate.lost = happens(impairment_.loss);
    fate.corrupted = happens(impairment_.corrupt);
    fate.duplicated = happens(impairment_.duplicate);
    fate.held_back = happens(impairment_.reorder);
    fate.jitter = impairment_.jitter * rng_.below(1001) / 1000;
    fate.bit = rng_.below(static_cast<std::uint32_t>((octets - kEthernetOctets) * 8));
    return fate;
}

// When it has passed the limited rate; none: the queue before it is full.
std::optional<Instant> ImpairedWay::transmit(std::size_t octets, Instant now) {
    if (impairment_.rate == 0) return now;
    while (!transmissions_.empty() && transmissions_.front() <= now) transmissions_.pop_front();
    // The first of them is on its way out already.
    if (transmissions_.size() > impairment_.queue) return std::nullopt;
    const Instant begin = transmissions_.empty() ? now : transmissions_.back();
    const auto bits = static_cast<std::uint64_t>(octets) * 8;
    transmissions_.push_back(begin + std::chrono::nanoseconds(bits * 1'000'000'000 / impairment_.rate));
    return transmissions_.back();
}

void ImpairedWay::put(Frame frame, Instant now) {
    ++counts_.arrived;
    counts_.arrived_octets += frame.size();
    if (!is_ip(frame)) return schedule(std::move(frame), now + impairment_.delay);
    const Fate fate = draw(frame.size());
    const std::optional<Instant> out = transmit(frame.size(), now);
    if (!out) {
        ++counts_.queue_full;
        return;
    }
    if (fate.lost || fate.lost_in_burst) {
        ++(fate.lost_in_burst ? counts_.lost_in_bursts : counts_.lost);
        return;
    }
    if (fate.corrupted) {
        ++counts_.corrupted;
        frame[kEthernetOctets + fate.bit / 8] ^= static_cast<std::uint8_t>(1U << fate.bit % 8);
    }
    latest_due_ = std::max(latest_due_, *out + impairment_.delay + fate.jitter);
    if (fate.held_back) ++counts_.held_back;
    const Instant due = latest_due_ + (fate.held_back ? impairment_.reorder_by : Duration{});
    if (fate.duplicated) {
        ++counts_.duplicated;
        schedule(frame, due);
    }
    schedule(std::move(frame), due);
}

void ImpairedWay::schedule(Frame frame, Instant due) {
    waiting_.push_back({due, order_++, counts_.arrived, std::move(frame)});
    std::ranges::push_heap(waiting_, is_later);
}

std::optional<Frame> ImpairedWay::take(Instant now) {
    if (due() > now) return std::nullopt;
    std::ranges::pop_heap(waiting_, is_later);
    Waiting next = std::move(waiting_.back());
    waiting_.pop_back();
    if (next.arrival < highest_left_) ++counts_.overtaken;
    highest_left_ = std::max(highest_left_, next.arrival);
    ++counts_.left;
    counts_.left_octets += next.frame.size();
    return std::move(next.frame);
}

}  // namespace sallyport::test
