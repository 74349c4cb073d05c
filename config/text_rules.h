// SPDX-License-Identifier: Apache-2.0
// What a text must look like, by the type of its row: names, devices, paths.
#pragma once
#include <string_view>

#include "config/field.h"

namespace sallyport::cfg {

// False, with a finding, when the text does not fit the row.
bool check_text_value(const Value& value, std::string_view text);

// Whether YAML reads the text as itself without quotes, in each of its versions.
bool is_plain_text(std::string_view text);

}  // namespace sallyport::cfg
