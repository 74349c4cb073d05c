// SPDX-License-Identifier: Apache-2.0
// What changes from one configuration to another, along the table of fields: keys by their values,
// rules and other named items by their names. Where something stands in a file is no difference.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "config/field.h"
#include "config/model.h"

namespace sallyport::cfg {

struct Difference {
    enum class Kind : std::uint8_t { Added, Removed, Changed };
    Kind kind = Kind::Changed;
    std::string path;           // "tcp.hello_timeout", "policy.rules[cnn].hosts", "egress[public]"
    std::string before, after;  // canonical, long ones cut; empty: not set
    Live live = Live::Reload;   // when it takes effect
};
std::string_view text(Difference::Kind kind);  // "added", "removed", "changed"

std::vector<Difference> differences(const Model& before, const Model& after);

}  // namespace sallyport::cfg
