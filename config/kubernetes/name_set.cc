// SPDX-License-Identifier: Apache-2.0
#include "config/kubernetes/name_set.h"

#include <algorithm>

namespace sallyport::cfg::kubernetes {
namespace {

std::string reversed(std::string_view name) {
    return {name.rbegin(), name.rend()};
}

}  // namespace

void NameSet::add(const HostPattern& host, std::size_t owner) {
    Entry& entry = entries_[{reversed(host.name), host.wildcard}];
    entry.host = host;
    entry.owners.push_back(owner);
}

void NameSet::add_owners(const std::string& name, bool wildcard, const HostPattern& names,
                         std::vector<Match>& out) const {
    const auto found = entries_.find({name, wildcard});
    if (found == entries_.end()) return;
    for (const std::size_t owner : found->second.owners) out.push_back({names, owner});
}

std::vector<NameSet::Match> NameSet::intersect(const HostPattern& host) const {
    std::vector<Match> out;
    const std::string name = reversed(host.name);
    add_owners(name, host.wildcard, host, out);
    // The wildcards above it.
    for (std::size_t dot = name.rfind('.'); dot != std::string::npos && dot > 0;
         dot = name.rfind('.', dot - 1))
        add_owners(name.substr(0, dot), true, host, out);
    if (!host.wildcard) return out;
    // What is below it.
    const std::string below = name + '.';
    for (auto at = entries_.lower_bound({below, false});
         at != entries_.end() && at->first.first.starts_with(below); ++at)
        for (const std::size_t owner : at->second.owners) out.push_back({at->second.host, owner});
    return out;
}

std::vector<NameSet::Match> NameSet::all() const {
    std::vector<Match> out;
    for (const auto& [key, entry] : entries_)
        for (const std::size_t owner : entry.owners) out.push_back({entry.host, owner});
    return out;
}

}  // namespace sallyport::cfg::kubernetes
