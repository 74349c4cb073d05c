// SPDX-License-Identifier: Apache-2.0
#include "tcpstack/tcp/rtt.h"

#include <algorithm>

namespace sallyport::tcp {

void RttEstimator::on_measurement(Duration rtt) {
    if (!measured_) {  // (2.2)
        srtt_ = rtt;
        rttvar_ = rtt / 2;
        measured_ = true;
    } else {  // (2.3), in this order
        const Duration error = srtt_ > rtt ? srtt_ - rtt : rtt - srtt_;
        rttvar_ = (3 * rttvar_ + error) / 4;
        srtt_ = (7 * srtt_ + rtt) / 8;
    }
    rto_ = std::clamp(srtt_ + 4 * rttvar_, kMinRto, kMaxRto);
}

void RttEstimator::on_timeout() { rto_ = std::min(rto_ * 2, kMaxRto); }

}  // namespace sallyport::tcp
