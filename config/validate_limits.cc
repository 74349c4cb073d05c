// SPDX-License-Identifier: Apache-2.0
// What one source may use of a rule lies within what the rule may use.
#include <cstdint>
#include <string>

#include "config/validate.h"

namespace sallyport::cfg {
namespace {

void check_limit(const PlacedRule& at, std::string_view key, std::uint64_t rule,
                 std::uint64_t source) {
    if (rule == 0 || source <= rule) return;
    const std::string path = child_path(at.at("limits.per_source"), key);
    if (!at.report.is_clean(path) || !at.is_clean(child_path("limits", key))) return;
    at.say(FindingCode::NoEffect, path,
           {"the limit of one source is larger than that of the rule and never reached"});
}

}  // namespace

void validate_limits(const PlacedRule& at) {
    const Quota& rule = at.rule.limits.rule;
    const Quota& source = at.rule.limits.source;
    check_limit(at, "max_connections", rule.max_connections, source.max_connections);
    check_limit(at, "new_per_second", rule.new_per_second, source.new_per_second);
    check_limit(at, "bytes_per_second", rule.bytes_per_second, source.bytes_per_second);
    check_limit(at, "bytes", rule.bytes, source.bytes);
}

}  // namespace sallyport::cfg
