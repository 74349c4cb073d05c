// SPDX-License-Identifier: Apache-2.0
// Denied and audited sessions from text: records of sallyctl replay (a JSON object a line), or the
// access log in Istio's form. Both may be mixed.
#pragma once
#include <cstdint>
#include <functional>
#include <istream>
#include <string>
#include <string_view>

#include "control/suggestions.h"

namespace sallyport::ctl {

struct WantedCounts {
    std::uint64_t lines = 0;
    std::uint64_t unreadable = 0;  // of the lines
    std::uint64_t allowed = 0;     // that nothing has to be done for
};

WantedCounts read_wanted(std::istream& in, const std::function<void(const Wanted&)>& add);

}  // namespace sallyport::ctl
