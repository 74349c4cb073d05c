// SPDX-License-Identifier: Apache-2.0
#include "tcpstack/tcp/congestion.h"

#include <algorithm>

namespace sallyport::tcp {

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

void Congestion::on_ack(std::uint32_t octets) {
    if (window_ < threshold_) {
        // RFC 3465 section 2.2 without its limit L, as Linux does: receivers whose driver merges
        // segments acknowledge many at once, and would otherwise be served slowly.
        grow(std::min(octets, threshold_ - window_));
        return;
    }
    acked_ += std::min(octets, window_);  // RFC 3465 section 2.1: one segment for each window
    if (acked_ < window_) return;
    acked_ -= window_;
    grow(mss_);
}

void Congestion::on_idle() {
    window_ = std::min(window_, initial_window());
}

void Congestion::enter_recovery(std::uint32_t flight) {
    set_threshold(flight);
    window_ = threshold_ + 3 * mss_;  // RFC 5681 section 3.2 (3): the three that were acknowledged
}

void Congestion::on_duplicate() {
    grow(mss_);
}

// RFC 6582 section 3.2 (3).
void Congestion::on_partial_ack(std::uint32_t octets) {
    window_ -= std::min(window_, octets);
    if (octets >= mss_) grow(mss_);
    window_ = std::max(window_, mss_);
}

// The first choice of RFC 6582 section 3.2 (3): no burst when little is in flight.
void Congestion::leave_recovery(std::uint32_t flight) {
    window_ = std::min(threshold_, std::max(flight, mss_) + mss_);
}

void Congestion::on_timeout(std::uint32_t flight, bool again) {
    if (!again) set_threshold(flight);
    window_ = mss_;
    acked_ = 0;
}

void Congestion::set_threshold(std::uint32_t flight) {
    threshold_ = std::max(flight / 2, 2 * mss_);  // RFC 5681 equation (4)
    acked_ = 0;
}

void Congestion::grow(std::uint32_t octets) {
    window_ = std::min(window_ + octets, kWindowMax);
}

}  // namespace sallyport::tcp
