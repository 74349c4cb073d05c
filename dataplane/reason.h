// SPDX-License-Identifier: Apache-2.0
// Why something was denied, ended or dropped. One list (reasons.def) makes the enum, the text that
// operators see, the counters and the documentation.
#pragma once
#include <array>
#include <cstdint>
#include <string_view>

#include "tcpstack/wire/parse_error.h"

namespace sallyport::dp {

enum class Reason : std::uint8_t {
    None,
#define SP_REASON(name, text, help) name,
#include "dataplane/reasons.def"
#undef SP_REASON
};

struct ReasonInfo {
    std::string_view text, help;
};
inline constexpr std::array kReasons{
    ReasonInfo{"-", ""},
#define SP_REASON(name, text, help) ReasonInfo{text, help},
#include "dataplane/reasons.def"
#undef SP_REASON
};
inline constexpr std::size_t kReasonCount = kReasons.size();

constexpr std::string_view text(Reason r) { return kReasons[static_cast<std::size_t>(r)].text; }

// The list begins with the parse errors, in their order.
constexpr Reason reason_of(wire::ParseError e) { return static_cast<Reason>(e); }
static_assert(reason_of(wire::ParseError::ArpMalformed) == Reason::ArpMalformed);

}  // namespace sallyport::dp
