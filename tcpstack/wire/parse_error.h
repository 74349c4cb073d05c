// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>

namespace sallyport::wire {

enum class ParseError : std::uint8_t {
    None,
#define SP_REASON(name, text, help) name,
#include "tcpstack/wire/parse_errors.def"
#undef SP_REASON
};

}  // namespace sallyport::wire
