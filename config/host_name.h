// SPDX-License-Identifier: Apache-2.0
// Host names of rules, checked and normalised with the same rules as names from the wire
// (dataplane/inspect/host_name.h), so that a pattern that is accepted here can match there.
#pragma once
#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "config/finding.h"
#include "config/model.h"
#include "tcpstack/base/result.h"

namespace sallyport::cfg {

enum class HostError : std::uint8_t {
    Empty,
    TooLong,      // a label of more than 63 octets, or a name of more than 253
    BadLabel,     // empty, a character outside the set, a hyphen at an end
    NotAName,     // a scheme, a port or a path is written with it
    BadIdn,       // letters beyond ASCII that IDNA 2008 (RFC 5891, UTS 46) does not take
    IpLiteral,    // an address in any form that inet_aton takes, or an IPv6 address
    BadWildcard,  // '*' elsewhere than as the whole left-most label, or alone
};

// RFC 1035 section 2.3.4, without the root's octets.
using HostBuffer = std::array<char, 253>;

struct NormalHost {
    std::string_view name;  // in the buffer; without the leading "*."
    bool wildcard = false;
};

// The same as parse_host without an allocation for a name of ASCII.
Result<NormalHost, HostError> normalise_host(std::string_view text, HostBuffer& buffer);

// "Example.com." and "*.example.com": lower case, without the trailing dot, and A-labels for
// letters beyond ASCII ("bücher.example" is xn--bcher-kva.example). The mark is not set.
Result<HostPattern, HostError> parse_host(std::string_view text);

// What a finding says of a name that failed.
struct HostFailure {
    FindingCode code;
    std::string message;  // behind the name as written
    std::string hint;
};
HostFailure describe(HostError error);

}  // namespace sallyport::cfg
