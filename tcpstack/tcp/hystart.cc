// SPDX-License-Identifier: Apache-2.0
#include "tcpstack/tcp/hystart.h"

#include <algorithm>

namespace sallyport::tcp {
namespace {

using namespace std::chrono_literals;

// RFC 9406 section 4.3.
constexpr Duration kGrowthMin = 4ms, kGrowthMax = 16ms;
constexpr int kGrowthDivisor = 8;
constexpr std::uint8_t kSamples = 8;
constexpr std::uint32_t kConservativeDivisor = 4;
constexpr std::uint8_t kConservativeRounds = 5;

}  // namespace

void HyStart::on_measurement(Duration rtt) {
    if (phase_ == Phase::Over) return;
    round_ = std::min(round_, rtt);
    samples_ = static_cast<std::uint8_t>(std::min<int>(samples_ + 1, kSamples));
    if (samples_ == kSamples) judge();
}

// Section 4.2.
void HyStart::judge() {
    if (phase_ == Phase::Conservative) {
        if (round_ < baseline_) phase_ = Phase::Standard;
        return;
    }
    if (last_round_ == kNone) return;
    const Duration growth = std::clamp<Duration>(last_round_ / kGrowthDivisor, kGrowthMin, kGrowthMax);
    if (round_ < last_round_ + growth) return;
    phase_ = Phase::Conservative;
    baseline_ = round_;
    rounds_ = 0;
}

bool HyStart::on_progress(std::uint64_t una, std::uint64_t nxt) {
    if (phase_ == Phase::Over || una < round_end_) return false;
    round_end_ = nxt;
    last_round_ = round_;
    round_ = kNone;
    samples_ = 0;
    if (phase_ != Phase::Conservative || ++rounds_ < kConservativeRounds) return false;
    phase_ = Phase::Over;
    return true;
}

std::uint32_t HyStart::growth(std::uint32_t octets) const {
    return phase_ == Phase::Conservative ? octets / kConservativeDivisor : octets;
}

}  // namespace sallyport::tcp
