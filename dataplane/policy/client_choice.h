// SPDX-License-Identifier: Apache-2.0
// What binding says of the address that the client chose. The one rule for it: workers, explain and
// replay ask here.
#pragma once
#include <cstdint>

#include "dataplane/policy/terms.h"

namespace sallyport::dp::policy {

enum class Choice : std::uint8_t {
    Keep,      // one of those that the session may go to
    Redirect,  // not one of them: the session goes to another
    Refuse,    // not one of them, and the session goes nowhere (DstMismatch)
};

// `known`: whether the gate itself has the address for the name; counts where the name binds.
Choice judge_choice(const Upstream& upstream, const IpAddr& chosen, bool known);

}  // namespace sallyport::dp::policy
