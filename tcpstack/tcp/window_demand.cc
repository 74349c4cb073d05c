// SPDX-License-Identifier: Apache-2.0
#include "tcpstack/tcp/window_demand.h"

#include <algorithm>

namespace sallyport::tcp {

void WindowDemand::open(std::uint64_t received, std::uint64_t edge, Instant now) {
    *this = WindowDemand{};
    read_ = received;
    edge_ = edge;
    round_at_ = now;
}

// Not below a millisecond: timestamps say no more, and the round would be shorter than a burst.
void WindowDemand::note_round_trip(Duration rtt) {
    rtt_ = std::min(rtt_, std::max<Duration>(rtt, std::chrono::milliseconds(1)));
}

void WindowDemand::on_promise(std::uint64_t edge, Instant now) {
    const bool grown = edge > edge_;
    edge_ = std::max(edge_, edge);
    if (!grown || promised_at_ != kNever) return;
    awaited_ = edge_;
    promised_at_ = now;
}

void WindowDemand::on_received(std::uint64_t received, Instant now) {
    if (promised_at_ == kNever || received < awaited_) return;
    note_round_trip(now - promised_at_);
    promised_at_ = kNever;
}

// A round that was looked at late counts in proportion. A sender in slow start doubles what it sends
// in each round: the window has to be ahead of that.
void WindowDemand::on_read(std::uint64_t read, Instant now) {
    const Duration passed = now - round_at_;
    if (rtt_ == kUnknown || passed < rtt_) return;
    const auto in_all = static_cast<double>(read > read_ ? read - read_ : 0);
    const auto round = static_cast<std::uint64_t>(in_all * static_cast<double>(rtt_.count()) /
                                                  static_cast<double>(passed.count()));
    const std::uint64_t growth = round > last_round_ ? round - last_round_ : 0;
    octets_ = std::max(octets_, 2 * (round + growth));
    read_ = read;
    last_round_ = round;
    round_at_ = now;
}

}  // namespace sallyport::tcp
