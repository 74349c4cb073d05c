// SPDX-License-Identifier: Apache-2.0
// Wildcards that open more than their authors may think.
#include <string>
#include <string_view>
#include <utility>

#include "config/public_suffix.h"
#include "config/validate.h"

namespace sallyport::cfg {
namespace {

bool is_top_level(std::string_view name) {
    return name.find('.') == std::string_view::npos;
}

constexpr std::string_view kConfirm = "write 'wide: true' in the rule to keep it";

void check_hosts(const PlacedRule& at) {
    for (std::size_t i = 0; i < at.rule.hosts.size(); ++i) {
        if (auto wide = wide_pattern(at.rule.hosts[i]))
            at.say(wide->code, item_path(at.at("hosts"), i),
                   {std::move(wide->message), std::string(kConfirm)});
    }
}

// One finding for a file: the first name, and how many there are.
void check_list(const PlacedRule& at) {
    std::size_t wide = 0;
    std::string first;
    for (std::size_t i = 0; i < at.rule.listed->size(); ++i) {
        const NameList::Item item = (*at.rule.listed)[i];
        if (!item.wildcard || !(is_top_level(item.name) || is_public_suffix(item.name))) continue;
        if (wide++ == 0) first = item.name;
    }
    if (wide == 0) return;
    at.say(FindingCode::PublicSuffix, at.at("hosts_from"),
           {"the file has wildcards over public suffixes: " + std::to_string(wide) +
                ", the first '*." + first + '\'',
            std::string(kConfirm)});
}

}  // namespace

void validate_hosts(const PlacedRule& at) {
    // What denies may be as wide as it likes.
    if (at.rule.wide || at.rule.action == Action::Deny) return;
    if (at.is_clean("hosts")) check_hosts(at);
    if (at.rule.listed) check_list(at);
}

}  // namespace sallyport::cfg
