// SPDX-License-Identifier: Apache-2.0
// How the tables of fields are written.
#pragma once
#include <span>
#include <string_view>

#include "config/kubernetes/object_field.h"

namespace sallyport::cfg::kubernetes {

constexpr ObjectField honoured(std::string_view key, Shape shape,
                               std::span<const ObjectField> below = {}) {
    return {key, shape, Treatment::Honoured, {}, below};
}
constexpr ObjectField described(std::string_view key) {
    return {key, Shape::Anything, Treatment::Described, {}, {}};
}
constexpr ObjectField warned(std::string_view key, std::string_view why) {
    return {key, Shape::Anything, Treatment::Warned, why, {}};
}
constexpr ObjectField refused(std::string_view key, std::string_view why) {
    return {key, Shape::Anything, Treatment::Refused, why, {}};
}

// Reasons that more than one field has.
inline constexpr std::string_view kNoTermination =
    "TLS passes through this gate unopened; it neither ends nor begins it";
inline constexpr std::string_view kNoRewriting = "the gate sends on what it judged, unchanged";
inline constexpr std::string_view kHostOnly = "requests are judged by host and port alone";
inline constexpr std::string_view kNoMesh = "there is no mesh on this side of the gate";

}  // namespace sallyport::cfg::kubernetes
