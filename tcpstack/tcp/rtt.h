// SPDX-License-Identifier: Apache-2.0
// The retransmission timeout: RFC 6298, with Linux's lower bound of 200 ms in place of one second.
#pragma once
#include "tcpstack/base/time.h"

namespace sallyport::tcp {

class RttEstimator {
   public:
    static constexpr Duration kInitialRto = std::chrono::seconds(1);  // (2.1)
    static constexpr Duration kMinRto = std::chrono::milliseconds(200);
    static constexpr Duration kMaxRto = std::chrono::seconds(60);     // (2.5)

    Duration rto() const { return rto_; }
    Duration srtt() const { return srtt_; }  // zero before the first measurement
    bool is_measured() const { return measured_; }
    // A measurement of an octet that was sent once (Karn's algorithm, section 3).
    void on_measurement(Duration rtt);
    void on_timeout();  // (5.5): back off

   private:
    Duration srtt_{}, rttvar_{}, rto_ = kInitialRto;
    bool measured_ = false;
};

}  // namespace sallyport::tcp
