// SPDX-License-Identifier: Apache-2.0
// How much may be in flight: RFC 5681 (Reno) with NewReno's rules for recovery (RFC 6582) and the
// initial window of RFC 6928. All counts are octets. When segments count as lost is the sender's
// business; here only the answer to it is decided, so that another algorithm can stand in its
// place.
#pragma once
#include <cstdint>

namespace sallyport::tcp {

class Congestion {
   public:
    static constexpr std::uint32_t kWindowMax = 1U << 30;  // no peer can offer more

    // `mss`: of payload, without options; > 0.
    void open(std::uint32_t mss);

    std::uint32_t window() const { return window_; }
    std::uint32_t threshold() const { return threshold_; }

    // `octets` have been acknowledged for the first time, outside recovery, and the window had been
    // in use: a window that nobody fills does not grow.
    void on_ack(std::uint32_t octets);
    // Nothing has been sent for an RTO (RFC 5681 section 4.1).
    void on_idle();

    // Three duplicate acknowledgements; `flight` as it was before limited transmit.
    void enter_recovery(std::uint32_t flight);
    // In recovery: another segment has left the network.
    void on_duplicate();
    // In recovery: `octets` acknowledged, and there is another hole behind them.
    void on_partial_ack(std::uint32_t octets);
    void leave_recovery(std::uint32_t flight);

    // `again`: the same segment has timed out before.
    void on_timeout(std::uint32_t flight, bool again);

   private:
    std::uint32_t initial_window() const;
    void set_threshold(std::uint32_t flight);
    void grow(std::uint32_t octets);

    std::uint32_t mss_ = 536;
    std::uint32_t window_ = 536;
    std::uint32_t threshold_ = kWindowMax;
    std::uint32_t acked_ = 0;  // in congestion avoidance, towards the next increase
};

}  // namespace sallyport::tcp
