// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>

#include "dataplane/reason.h"

namespace sallyport::dp::policy {

using RuleId = std::uint32_t;                 // unique over generations; names live in control
inline constexpr RuleId kDefaultRule = 0;     // no rule matched

enum class Decision : std::uint8_t { Allow, Deny, WouldDeny };
enum class Answer : std::uint8_t { Drop, Reset, Alert };
enum class AppProtocol : std::uint8_t { Tls, Http };      // that say a name
enum class FlowProtocol : std::uint8_t { Tcp, Udp, Icmp };  // of layer-4 rules

inline constexpr std::uint32_t kNoTerms = 0xffff'ffff;

struct Verdict {
    Decision decision = Decision::Deny;
    // Why denied; why it would be (WouldDeny); None when allowed.
    Reason reason = Reason::SniNotAllowed;
    RuleId rule = kDefaultRule;
    Answer answer = Answer::Drop;           // of a denial
    std::uint16_t egress = 0;               // index into Settings::egress
    bool allow_private = false;
    std::uint32_t terms = kNoTerms;         // of PolicyTable::terms(), unless denied
};

}  // namespace sallyport::dp::policy
