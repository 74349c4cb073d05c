// SPDX-License-Identifier: Apache-2.0
#include "tcpstack/tcp/congestion.h"

#include <algorithm>

namespace sallyport::tcp {
namespace {

// RFC 9438 section 4: C = 0.4 segments per cubic second, beta = 0.7, and for the estimate of Reno
// alpha = 3 (1 - beta) / (1 + beta) = 9 / 17.
constexpr std::uint64_t kBetaTenths = 7;
constexpr std::uint64_t kAlphaNumerator = 9, kAlphaDenominator = 17;
// The cubic function is not followed further than a minute from its middle: it says more than any
// window then, and the numbers stay small.
constexpr std::int64_t kReachMs = 60'000;

std::uint32_t beta_of(std::uint32_t window) {
    return static_cast<std::uint32_t>(window * kBetaTenths / 10);
}

// The largest number whose cube is not above `n`.
std::uint64_t cube_root(std::uint64_t n) {
    std::uint64_t root = 0;
    for (int bit = 20; bit >= 0; --bit) {
        const std::uint64_t next = root | std::uint64_t{1} << bit;
        if (next * next * next <= n) root = next;
    }
    return root;
}

std::int64_t to_ms(Duration d) {
    return std::chrono::duration_cast<std::chrono::milliseconds>(d).count();
}

}  // namespace

void Congestion::open(std::uint32_t mss) {
    *this = Congestion{};
    mss_ = mss;
    window_ = initial_window();
}

// RFC 6928 section 2.
std::uint32_t Congestion::initial_window() const {
    constexpr std::uint32_t kSegments = 10, kOctets = 14600;
    return std::min(kSegments * mss_, std::max(2 * mss_, kOctets));
}

void Congestion::on_measurement(Duration rtt, std::uint64_t una, std::uint64_t nxt) {
    if (!in_first_slow_start()) return;
    hystart_.on_measurement(rtt);
    if (hystart_.on_progress(una, nxt)) threshold_ = window_;
}

void Congestion::on_delivered(std::uint32_t octets, Duration srtt, Instant now) {
    if (in_slow_start()) {
        // RFC 3465 section 2.2 without its limit L, as Linux does: receivers whose driver merges
        // segments acknowledge many at once, and would otherwise be served slowly.
        const std::uint32_t slow = std::min(octets, threshold_ - window_);
        grow(in_first_slow_start() ? hystart_.growth(slow) : slow);
        octets -= slow;
    }
    if (octets > 0) avoid_congestion(std::min(octets, window_), srtt, now);
}

// RFC 9438 section 4.8: a new epoch begins with the first growth behind a loss.
void Congestion::begin_epoch(Instant now) {
    epoch_ = now;
    w_est_ = window_;
    credit_ = 0;
    origin_ = std::max(w_max_, window_);
    const std::uint64_t below = origin_ - window_;
    k_ms_ = static_cast<std::int64_t>(cube_root(below * 2'500'000'000ULL / mss_));
}

// Equation 1, in octets.
std::uint64_t Congestion::cubic(std::int64_t since_epoch_ms) const {
    const std::int64_t d = std::clamp(since_epoch_ms - k_ms_, -kReachMs, kReachMs);
    const std::int64_t above = d * d * d / 2'500 * static_cast<std::int64_t>(mss_) / 1'000'000;
    const std::int64_t target = static_cast<std::int64_t>(origin_) + above;
    return target > 0 ? static_cast<std::uint64_t>(target) : 0;
}

// Sections 4.2 to 4.5.
void Congestion::avoid_congestion(std::uint32_t octets, Duration srtt, Instant now) {
    if (epoch_ == kNever) begin_epoch(now);
    const bool passed = w_est_ >= prior_window_;  // section 4.3: from there on alpha is one
    const std::uint64_t numerator = passed ? 1 : kAlphaNumerator;
    const std::uint64_t denominator = passed ? 1 : kAlphaDenominator;
    const std::uint64_t gained = std::uint64_t{octets} * mss_ * numerator / denominator + credit_;
    w_est_ = static_cast<std::uint32_t>(
        std::min<std::uint64_t>(w_est_ + gained / window_, kWindowMax));
    credit_ = static_cast<std::uint32_t>(gained % window_);

    const std::int64_t since = to_ms(now - epoch_);
    if (cubic(since) < w_est_) {
        if (w_est_ > window_) grow(w_est_ - window_);
        return;
    }
    const std::uint64_t target =
        std::clamp<std::uint64_t>(cubic(since + to_ms(srtt)), window_, std::uint64_t{window_} * 3 / 2);
    grow((target - window_) * octets / window_);
}

void Congestion::on_idle() {
    window_ = std::min(window_, initial_window());
    epoch_ = kNever;
}

// RFC 9438 sections 4.6 and 4.7.
void Congestion::reduce() {
    prior_window_ = window_;
    prior_threshold_ = threshold_;
    prior_w_max_ = w_max_;
    constexpr std::uint64_t kFastConvergenceTwentieths = 17;  // (1 + beta) / 2
    w_max_ = window_ < w_max_
                 ? static_cast<std::uint32_t>(window_ * kFastConvergenceTwentieths / 20)
                 : window_;
    threshold_ = std::max(beta_of(window_), 2 * mss_);
    epoch_ = kNever;
}

void Congestion::enter_recovery(std::uint32_t flight) {
    reduce();
    recover_flight_ = std::max(flight, mss_);
    prr_delivered_ = prr_out_ = 0;
}

// RFC 6937 section 3, with the bound SSRB while it goes on, CRB while more is lost.
void Congestion::on_delivered_in_recovery(std::uint32_t octets, std::uint32_t pipe, bool progress) {
    prr_delivered_ += octets;
    std::uint64_t may_send = 0;
    if (pipe > threshold_) {
        const std::uint64_t share =
            (std::uint64_t{prr_delivered_} * threshold_ + recover_flight_ - 1) / recover_flight_;
        may_send = share > prr_out_ ? share - prr_out_ : 0;
    } else {
        std::uint64_t bound = prr_delivered_ > prr_out_ ? prr_delivered_ - prr_out_ : 0;
        if (progress) bound = std::max<std::uint64_t>(bound, octets) + mss_;
        may_send = std::min<std::uint64_t>(threshold_ - pipe, bound);
    }
    // With nothing in flight one segment may always go, or nothing would ever arrive.
    window_ = static_cast<std::uint32_t>(
        std::clamp<std::uint64_t>(pipe + may_send, mss_, kWindowMax));
}

void Congestion::leave_recovery() {
    window_ = threshold_;
}

void Congestion::undo_recovery() {
    window_ = std::max(window_, prior_window_);
    threshold_ = prior_threshold_;
    w_max_ = prior_w_max_;
    epoch_ = kNever;
}

void Congestion::on_repaired_tail() {
    reduce();
    window_ = threshold_;
}

// RFC 5681 section 3.1.
void Congestion::on_timeout(bool again) {
    if (!again) reduce();
    window_ = mss_;
    epoch_ = kNever;
}

void Congestion::grow(std::uint64_t octets) {
    window_ = static_cast<std::uint32_t>(std::min<std::uint64_t>(window_ + octets, kWindowMax));
}

}  // namespace sallyport::tcp
