// SPDX-License-Identifier: Apache-2.0
// How much may be in flight: CUBIC (RFC 9438) with the initial window of RFC 6928, HyStart++ (RFC 9406)
// in the first slow start, and Proportional Rate Reduction in recovery (RFC 6937). All counts are octets. When segments count as lost is the
// sender's business; here only the answer to it is decided, so that another algorithm can stand in
// its place.
#pragma once
#include <cstdint>

#include "tcpstack/base/time.h"
#include "tcpstack/tcp/hystart.h"

namespace sallyport::tcp {

class Congestion {
   public:
    static constexpr std::uint32_t kWindowMax = 1U << 30;  // no peer can offer more

    // `mss`: of payload, without options; > 0.
    void open(std::uint32_t mss);

    // What the path takes has changed; the window stays.
    void set_mss(std::uint32_t mss) { mss_ = mss; }

    std::uint32_t window() const { return window_; }
    std::uint32_t threshold() const { return threshold_; }
    bool in_slow_start() const { return window_ < threshold_; }

    // A round trip of a segment that was sent once; all below the offset `una` is acknowledged, all below
    // `nxt` was sent.
    void on_measurement(Duration rtt, std::uint64_t una, std::uint64_t nxt);
    // `octets` have arrived for the first time, outside recovery, and the window had been in use: a
    // window that nobody fills does not grow.
    void on_delivered(std::uint32_t octets, Duration srtt, Instant now);
    // Nothing has been sent for an RTO (RFC 5681 section 4.1).
    void on_idle();

    // A loss was noticed. `flight`: what was sent and is not acknowledged.
    void enter_recovery(std::uint32_t flight);
    // In recovery: `octets` have arrived, `pipe` are in flight still; `progress`: SND.UNA has moved,
    // so that the bound of slow start holds (RFC 6937).
    void on_delivered_in_recovery(std::uint32_t octets, std::uint32_t pipe, bool progress);
    void on_sent_in_recovery(std::uint32_t octets) { prr_out_ += octets; }
    void leave_recovery();
    // It was no loss: nothing that was sent again had been needed (RFC 4015's answer).
    void undo_recovery();
    // A probe of the tail has repaired the only loss there was (RFC 8985 section 7.4.2).
    void on_repaired_tail();

    // `again`: the same segment has timed out before.
    void on_timeout(bool again);

   private:
    std::uint32_t initial_window() const;
    // No loss has ended a slow start yet.
    bool in_first_slow_start() const { return threshold_ == kWindowMax; }
    void reduce();
    void begin_epoch(Instant now);
    std::uint64_t cubic(std::int64_t since_epoch_ms) const;
    void avoid_congestion(std::uint32_t octets, Duration srtt, Instant now);
    void grow(std::uint64_t octets);

    std::uint32_t mss_ = 536;
    std::uint32_t window_ = 536;
    std::uint32_t threshold_ = kWindowMax;
    HyStart hystart_;
    // RFC 9438: where the window stood at the last loss, and the cubic function around it.
    std::uint32_t w_max_ = 0;
    std::uint32_t w_est_ = 0;   // what Reno would have
    std::uint32_t origin_ = 0;  // of the cubic function
    std::int64_t k_ms_ = 0;
    Instant epoch_ = kNever;    // kNever: none has begun since the last loss
    std::uint32_t credit_ = 0;  // octets times MSS that are no whole octet of w_est_ yet
    // RFC 6937, and what undo_recovery() goes back to.
    std::uint32_t recover_flight_ = 1, prr_delivered_ = 0, prr_out_ = 0;
    std::uint32_t prior_window_ = 0, prior_threshold_ = 0, prior_w_max_ = 0;
};

}  // namespace sallyport::tcp
