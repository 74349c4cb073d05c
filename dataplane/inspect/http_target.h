// SPDX-License-Identifier: Apache-2.0
// The authority of a request and the target that may carry one (RFC 9112 section 3.2).
#pragma once
#include <cstdint>
#include <string_view>

#include "dataplane/inspect/host_name.h"
#include "dataplane/reason.h"

namespace sallyport::dp::inspect {

inline constexpr std::uint16_t kHttpPort = 80;

struct Authority {
    HostName host;           // normalised
    std::uint16_t port = 0;  // 0: none given
};

// `host` or `host:port`, nothing else: no user information, no escapes, a port of 1 to 65535
// without leading zeros. HostInvalid or IpLiteral otherwise.
Reason parse_authority(std::string_view text, Authority& out);

// A name and a port that lead to the same server; no port means 80.
bool is_same(const Authority& a, const Authority& b);

enum class TargetForm : std::uint8_t { Origin, Absolute, Asterisk };

struct Target {
    TargetForm form = TargetForm::Origin;
    Authority authority;  // of TargetForm::Absolute
};

// None, HttpAmbiguous, or what parse_authority says. The form of CONNECT is none of them.
Reason parse_target(std::string_view text, Target& out);

}  // namespace sallyport::dp::inspect
