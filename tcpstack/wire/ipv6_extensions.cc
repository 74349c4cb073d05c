// SPDX-License-Identifier: Apache-2.0
#include "tcpstack/wire/ipv6_extensions.h"

#include <algorithm>

#include "tcpstack/wire/ipv6.h"

namespace sallyport::wire {
namespace {

using Octets = std::span<const std::uint8_t>;

// The headers of the allow list, and those that the IANA registry has beside them.
constexpr std::uint8_t kHopByHop = 0, kRouting = 43, kDestinationOptions = 60;
constexpr std::uint8_t kMobility = 135, kHip = 139, kShim6 = 140, kTrial1 = 253, kTrial2 = 254;

constexpr std::uint8_t kPad1 = 0, kPadN = 1, kRouterAlert = 5;
constexpr std::size_t kRouterAlertLength = 4;
constexpr std::size_t kPaddingMax = 7;  // more than any alignment wants

bool is_extension(std::uint8_t next_header) {
    constexpr std::uint8_t kAll[] = {kHopByHop, kRouting, kNextHeaderFragment, kDestinationOptions,
                                     kMobility, kHip,     kShim6,              kTrial1, kTrial2};
    return std::find(std::begin(kAll), std::end(kAll), next_header) != std::end(kAll);
}

bool all_zero(Octets octets) {
    return std::all_of(octets.begin(), octets.end(), [](std::uint8_t o) { return o == 0; });
}

// Section 4.2: type, length of the data, data; Pad1 is its type alone. Sets `alerted` where there is a
// router alert.
bool options_are_harmless(Octets options, bool hop_by_hop, bool& alerted) {
    std::size_t padding = 0;  // in a row
    for (std::size_t at = 0; at < options.size();) {
        const Octets rest = options.subspan(at);
        const bool pad1 = rest[0] == kPad1;
        if (!pad1 && rest.size() < 2) return false;
        const std::size_t length = pad1 ? 1 : std::size_t{2} + rest[1];
        if (length > rest.size()) return false;
        if (rest[0] == kRouterAlert) {
            if (!hop_by_hop || alerted || length != kRouterAlertLength) return false;
            alerted = true;
            padding = 0;
        } else {
            const bool zeros = pad1 || (rest[0] == kPadN && all_zero(rest.subspan(2, length - 2)));
            padding += length;
            if (!zeros || padding > kPaddingMax) return false;
        }
        at += length;
    }
    return true;
}

// The length of an options header at the front of `octets`; 0: it is none that may be here.
std::size_t options_header(Octets octets, bool hop_by_hop, bool& alerted) {
    if (octets.size() < 8) return 0;
    const std::size_t length = (std::size_t{octets[1]} + 1) * 8;
    if (length > std::min(octets.size(), kExtensionOctetsMax)) return 0;
    return options_are_harmless(octets.subspan(2, length - 2), hop_by_hop, alerted) ? length : 0;
}

}  // namespace

ExtensionHeaders read_extensions(std::uint8_t next_header, Octets octets) {
    ExtensionHeaders found{.allowed = false, .protocol = next_header};
    for (const std::uint8_t kind : {kHopByHop, kDestinationOptions}) {
        if (found.protocol != kind) continue;
        const Octets rest = octets.subspan(found.length);
        const std::size_t length = options_header(rest, kind == kHopByHop, found.router_alert);
        if (length == 0) return found;
        found.protocol = rest[0];
        found.length += length;
    }
    if (found.protocol == kNextHeaderFragment) {
        if (octets.size() - found.length < sizeof(Ipv6FragmentHeader)) return found;
        found.protocol = octets[found.length];
        found.length += sizeof(Ipv6FragmentHeader);
        found.has_fragment = true;
    }
    found.allowed = !is_extension(found.protocol) && found.length <= kExtensionOctetsMax;
    return found;
}

}  // namespace sallyport::wire
