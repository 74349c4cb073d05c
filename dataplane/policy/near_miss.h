// SPDX-License-Identifier: Apache-2.0
// The rule that comes nearest to allowing what was denied, and what keeps it from doing so.
#pragma once
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/model.h"
#include "dataplane/policy/policy_table.h"

namespace sallyport::dp::policy {

struct Question;

enum class Miss : std::uint8_t {
    Beaten,    // it matches, but a rule that denies comes before it
    Source,    // it is for other clients
    Port,      // it has not this port
    Protocol,  // it has the port with another protocol
    Expired,
    Schedule,     // it holds at other times
    Apex,         // a wildcard, which never stands for the name below which it is
    OneEdit,      // a name that differs in one character, or in the order of two
    SameDomain,   // another name of the same registrable part
    Destination,  // it is for other addresses
};

struct NearMiss {
    std::size_t rule = 0;      // index into Model::policy.rules
    std::vector<Miss> misses;  // one at least
    std::string pattern;       // the nearest of its hosts or networks, as written
};

// The part of a name that somebody registered, such as example.co.uk; an empty one when there is
// none. A caller who has the public suffix list knows better than the last two labels.
using RegistrablePart = std::string_view (*)(std::string_view name);
std::string_view last_two_labels(std::string_view name);

// nullopt: no rule that allows comes near.
std::optional<NearMiss> nearest_rule(const cfg::Model& model, const Question& question,
                                     std::optional<std::chrono::sys_seconds> at,
                                     RegistrablePart registrable);

// "rule 'github' has *.github.com, but is for other sources"
std::string sentence(const cfg::Model& model, const NearMiss& near);

// Whether one insertion, deletion, replacement or swap of neighbours leads from one to the other.
bool is_one_edit(std::string_view a, std::string_view b);

}  // namespace sallyport::dp::policy
