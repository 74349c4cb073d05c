// SPDX-License-Identifier: Apache-2.0
// The table of fields: every key of the configuration language, those of later versions included,
// so that none has to be renamed. Reader, range checks, dump, defaults and documentation follow it.
#pragma once
#include <algorithm>
#include <array>
#include <cstddef>
#include <span>
#include <string_view>
#include <vector>

#include "config/fields_gate.h"
#include "config/fields_names.h"
#include "config/fields_operation.h"
#include "config/fields_policy.h"
#include "config/fields_upstream.h"

namespace sallyport::cfg {

template <std::size_t... Sizes>
constexpr auto joined_fields(const std::array<Field, Sizes>&... parts) {
    std::array<Field, (Sizes + ...)> all{};
    auto* at = all.begin();
    ((at = std::copy(parts.begin(), parts.end(), at)), ...);
    return all;
}

inline constexpr auto kFields =
    joined_fields(kGateFields, kNamesFields, kPolicyFields, kUpstreamFields, kOperationFields);

// The row of a key below a table path ("" or "tcp" or "policy.rules[]"), or nullptr.
const Field* find_field(std::string_view parent, std::string_view key);
// The rows directly below a table path, in order.
std::vector<const Field*> fields_below(std::string_view parent);
// The last part of a row's path.
std::string_view key_of(const Field& field);
// The words that the row takes, if it is a choice.
std::span<const Choice> choices_of(const Field& field);
// How a value of the row is written, in words: "duration", "list of networks".
std::string type_name(const Field& field);

}  // namespace sallyport::cfg
