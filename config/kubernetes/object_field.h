// SPDX-License-Identifier: Apache-2.0
// One row of the table of a kind: a key of its objects, what stands there, and what becomes of it.
// A key without a row is unknown, which is a finding: a field is never ignored by accident.
#pragma once
#include <cstdint>
#include <span>
#include <string_view>

namespace sallyport::cfg::kubernetes {

enum class Shape : std::uint8_t {
    Map,       // with the rows `below`
    Maps,      // a list of such maps
    Text,      // one value
    Texts,     // a list of values
    Number,    // decimal, 0 to 2^32 - 1
    Boolean,   // true or false
    Labels,    // a map of texts
    Numbers,   // a map of numbers
    Anything,  // is not looked into
};

enum class Treatment : std::uint8_t {
    Honoured,
    Described,  // says something about the object or its past, nothing about access
    Warned,     // has no effect here, and nobody gets further without it
    Refused,    // narrows, redirects or rewrites in a way that is not built
};

struct ObjectField {
    std::string_view key;
    Shape shape = Shape::Anything;
    Treatment treatment = Treatment::Honoured;
    std::string_view why = {};  // of Warned and Refused
    std::span<const ObjectField> below = {};
};

}  // namespace sallyport::cfg::kubernetes
