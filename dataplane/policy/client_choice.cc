// SPDX-License-Identifier: Apache-2.0
#include "dataplane/policy/client_choice.h"

#include <algorithm>

namespace sallyport::dp::policy {

Choice judge_choice(const Upstream& upstream, const IpAddr& chosen, bool known) {
    const auto is_chosen = [&](const Endpoint& e) { return e.address == chosen; };
    switch (upstream.destination) {
        case Destination::Original:
            return contains(upstream.networks, chosen) ? Choice::Keep : Choice::Refuse;
        case Destination::Static:
            return std::any_of(upstream.endpoints.begin(), upstream.endpoints.end(), is_chosen)
                       ? Choice::Keep
                       : Choice::Redirect;
        case Destination::Resolved: return known ? Choice::Keep : Choice::Redirect;
        case Destination::Verified:
            if (known) return Choice::Keep;
            return upstream.on_mismatch == OnMismatch::Deny ? Choice::Refuse : Choice::Redirect;
    }
    __builtin_unreachable();
}

}  // namespace sallyport::dp::policy
