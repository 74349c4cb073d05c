// SPDX-License-Identifier: Apache-2.0
// What a text must look like, by the type of its row: names, devices, paths.
#pragma once
#include <string_view>

#include "config/field.h"

namespace sallyport::cfg {

// False, with a finding, when the text does not fit the row.
bool check_text_value(const Value& value, std::string_view text);

// A name of rules, groups, egress sets: a letter or digit, then letters, digits, '.', '_' and '-';
// 63 octets at most.
bool is_name(std::string_view text);
// The two sides of a label of Kubernetes: "app.kubernetes.io/name", "curl". A value may be empty.
bool is_label_key(std::string_view text);
bool is_label_value(std::string_view text);

// Whether YAML reads the text as itself without quotes, in each of its versions.
bool is_plain_text(std::string_view text);

}  // namespace sallyport::cfg
