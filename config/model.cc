// SPDX-License-Identifier: Apache-2.0
#include "config/model.h"

#include <algorithm>
#include <tuple>

namespace sallyport::cfg {

bool operator==(const Rule& a, const Rule& b) {
    const auto plain = [](const Rule& r) {
        return std::tie(r.name, r.sources, r.hosts, r.hosts_from, r.networks, r.protocols, r.action,
                        r.answer, r.egress, r.allow_private, r.wide, r.mode, r.upstream, r.split, r.expires,
                        r.schedule, r.limits, r.imported, r.mark);
    };
    const bool same_list =
        a.listed == b.listed || (a.listed && b.listed && *a.listed == *b.listed);
    return same_list && plain(a) == plain(b);
}

std::vector<IpPrefix> source_networks(const Model& model, const Rule& rule) {
    std::vector<IpPrefix> out;
    for (const Source& source : rule.sources) {
        if (source.group.empty()) {
            out.push_back(source.network);
            continue;
        }
        const auto group = std::ranges::find(model.groups, source.group, &Group::name);
        if (group != model.groups.end())  // validate refuses another name
            out.insert(out.end(), group->networks.begin(), group->networks.end());
    }
    return out;
}

}  // namespace sallyport::cfg
