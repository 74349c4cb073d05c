// SPDX-License-Identifier: Apache-2.0
// What is checked before any YAML is read: size, encoding, hidden characters, directives.
#pragma once
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "config/finding.h"

namespace sallyport::cfg {

class Report;
class SourceText;

struct BadCharacter {
    std::size_t at = 0;
    FindingCode code = FindingCode::NotUtf8;  // or ControlCharacter
    std::string message, hint;
};

// The first character that may not stand in a text, if there is one.
std::optional<BadCharacter> find_bad_character(std::string_view text);

// False: there is a finding and the text must not be read further.
bool check_text(const SourceText& source, Report& report);

}  // namespace sallyport::cfg
