// SPDX-License-Identifier: Apache-2.0
#include "control/suggestions.h"

#include <algorithm>

#include "control/registrable.h"

namespace sallyport::ctl {
namespace {

using dp::Reason;

template <class T>
bool has(const std::vector<T>& list, const T& item) {
    return std::ranges::find(list, item) != list.end();
}

bool is_subdomain(std::string_view host, std::string_view domain) {
    return host.size() > domain.size() && host.ends_with(domain) &&
           host[host.size() - domain.size() - 1] == '.';
}

// Exact names, or a wildcard and, since that never stands for the domain itself, the domain.
std::vector<std::string> patterns(const std::map<std::string, std::uint64_t>& hosts,
                                  const std::string& domain, std::size_t wildcard_above) {
    std::vector<std::string> out;
    std::size_t below = 0;
    for (const auto& [host, count] : hosts)
        if (is_subdomain(host, domain)) ++below;
    const bool as_wildcard = !domain.empty() && below > wildcard_above;
    for (const auto& [host, count] : hosts)
        if (!as_wildcard || !is_subdomain(host, domain)) out.push_back(host);
    if (as_wildcard) out.push_back("*." + domain);
    return out;
}

constexpr Reason kAllowable[] = {
    Reason::SniNotAllowed,  Reason::HostNotAllowed, Reason::PortNotAllowed,
    Reason::SourceNotAllowed, Reason::DstNotAllowed, Reason::DstNotPublic,
    Reason::UdpDenied,      Reason::IcmpDenied,     Reason::ProtocolMismatch,
};

bool is_named(const cfg::ProtocolPort& service) {
    return service.protocol == cfg::Protocol::Tls || service.protocol == cfg::Protocol::Http;
}

// Rules that differ in their services alone become one.
void merge_into(std::vector<Candidate>& out, Candidate next) {
    const auto at = std::ranges::find_if(out, [&](const Candidate& c) {
        return c.source == next.source && c.domain == next.domain && c.hosts == next.hosts &&
               c.networks == next.networks && c.needs_private == next.needs_private;
    });
    if (at == out.end()) {
        out.push_back(std::move(next));
        return;
    }
    at->protocols.push_back(next.protocols.front());
    at->count += next.count;
    at->first = std::min(at->first, next.first);
    at->last = std::max(at->last, next.last);
    for (const auto& [reason, count] : next.reasons) at->reasons[reason] += count;
}

}  // namespace

bool Suggestions::can_be_allowed(Reason reason) {
    return std::ranges::find(kAllowable, reason) != std::end(kAllowable);
}

auto Suggestions::find_or_make(const Key& key, const std::string& host,
                               const std::optional<IpPrefix>& network) -> Group* {
    const auto at = groups_.find(key);
    const bool is_known = at != groups_.end() && (network ? has(at->second.networks, *network)
                                                          : at->second.hosts.contains(host));
    if (is_known) return &at->second;
    if (entries_ == kEntriesMax) return nullptr;
    ++entries_;
    Group& group = groups_[key];
    if (network) group.networks.push_back(*network);
    return &group;
}

void Suggestions::add(const Wanted& wanted) {
    const bool by_name = is_named(wanted.service);
    if (!can_be_allowed(wanted.reason) || (by_name && wanted.name.empty())) {
        ++hopeless_[wanted.reason];
        return;
    }
    const unsigned length = wanted.source.is_v4() ? kSourceLength4 : kSourceLength6;
    Key key{IpPrefix(wanted.source, length), {}, wanted.service};
    std::optional<IpPrefix> network;
    if (by_name)
        key.domain = registrable_domain(wanted.name);
    else
        network = IpPrefix(wanted.destination, wanted.destination.is_v4() ? 32 : 128);
    if (by_name && key.domain.empty()) key.domain = wanted.name;
    Group* group = find_or_make(key, wanted.name, network);
    if (group == nullptr) {
        ++left_out_;
        return;
    }
    if (by_name) ++group->hosts[wanted.name];
    group->needs_private = group->needs_private || wanted.reason == Reason::DstNotPublic;
    group->first = group->count == 0 ? wanted.at : std::min(group->first, wanted.at);
    group->last = std::max(group->last, wanted.at);
    ++group->count;
    ++group->reasons[wanted.reason];
}

std::vector<Candidate> Suggestions::candidates(std::size_t wildcard_above) const {
    std::vector<Candidate> out;
    for (const auto& [key, g] : groups_) {
        // A name that is a public suffix itself stands alone.
        const std::string domain(registrable_domain(key.domain));
        merge_into(out, {key.source, key.domain, patterns(g.hosts, domain, wildcard_above),
                         g.networks, {key.service}, g.needs_private, g.count, g.first, g.last,
                         g.reasons});
    }
    std::ranges::sort(out, [](const Candidate& a, const Candidate& b) {
        const auto rest = [](const Candidate& c) {
            return std::tuple(c.source.address().octets(), std::string_view(c.domain),
                              c.protocols.front().protocol, c.protocols.front().port);
        };
        return a.count != b.count ? a.count > b.count : rest(a) < rest(b);
    });
    return out;
}

}  // namespace sallyport::ctl
