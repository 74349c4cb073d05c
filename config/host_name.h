// SPDX-License-Identifier: Apache-2.0
// Host names of rules, checked and normalised with the same rules as names from the wire
// (dataplane/inspect/host_name.h), so that a pattern that is accepted here can match there.
#pragma once
#include <cstdint>
#include <string_view>

#include "config/model.h"
#include "tcpstack/base/result.h"

namespace sallyport::cfg {

enum class HostError : std::uint8_t {
    Empty,
    TooLong,      // a label of more than 63 octets, or a name of more than 253
    BadLabel,     // empty, a character outside the set, a hyphen at an end
    NotAName,     // a scheme, a port or a path is written with it
    NotAscii,     // an internationalised name in its own letters
    IpLiteral,    // an address in any form that inet_aton takes, or an IPv6 address
    BadWildcard,  // '*' elsewhere than as the whole left-most label, or alone
};

// "Example.com." and "*.example.com": lower case, without the trailing dot. The mark is not set.
Result<HostPattern, HostError> parse_host(std::string_view text);

}  // namespace sallyport::cfg
