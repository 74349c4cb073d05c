// SPDX-License-Identifier: Apache-2.0
#include "dataplane/policy/egress_set.h"

#include <algorithm>

namespace sallyport::dp {

std::span<const PublicAddress> find(std::span<const PublicAddress> sorted, const IpAddr& address) {
    const auto [first, last] =
        std::equal_range(sorted.begin(), sorted.end(), PublicAddress{address, 0, 0},
                                              PublicAddress::before);
    return {first, last};
}

}  // namespace sallyport::dp
