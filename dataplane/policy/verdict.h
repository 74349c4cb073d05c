// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>

#include "dataplane/reason.h"

namespace sallyport::dp::policy {

using RuleId = std::uint32_t;                 // unique over generations; names live in control
inline constexpr RuleId kDefaultRule = 0;     // no rule matched

enum class Decision : std::uint8_t { Allow, Deny, WouldDeny };
enum class Answer : std::uint8_t { Drop, Reset, Alert };
enum class AppProtocol : std::uint8_t { Tls, Http };

struct Verdict {
    Decision decision = Decision::Deny;
    Reason reason = Reason::SniNotAllowed;  // None when allowed
    RuleId rule = kDefaultRule;
    Answer answer = Answer::Drop;           // of a denial
    std::uint16_t egress = 0;               // index into Settings::egress
    bool allow_private = false;
};

}  // namespace sallyport::dp::policy
