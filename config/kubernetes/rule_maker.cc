// SPDX-License-Identifier: Apache-2.0
#include "config/kubernetes/rule_maker.h"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <map>
#include <utility>

#include "config/kubernetes/values.h"
#include "config/public_suffix.h"

namespace sallyport::cfg::kubernetes {
namespace {

constexpr std::uint64_t kTotalWeightMax = std::numeric_limits<std::int32_t>::max();
constexpr std::uint64_t kShareScale = 1000;  // so that shares of a backend's servers stay whole

// The shares of all servers together: of a backend that is alone, its own; of several, each
// backend's share shared out to its servers.
void add_shares(std::vector<Upstream>& all, std::vector<Upstream> some, const Backend& backend,
                bool alone) {
    std::uint64_t total = 0;
    for (const Upstream& upstream : some) total += upstream.weight;
    for (Upstream& upstream : some) {
        if (!alone)
            upstream.weight = static_cast<std::uint32_t>(
                std::max<std::uint64_t>(1, backend.weight * kShareScale * upstream.weight /
                                               std::max<std::uint64_t>(total, 1)));
        all.push_back(std::move(upstream));
    }
}

void fit_weights(std::vector<Upstream>& upstreams) {
    std::uint64_t total = 0;
    for (const Upstream& upstream : upstreams) total += upstream.weight;
    if (total <= kTotalWeightMax) return;
    for (Upstream& upstream : upstreams)
        upstream.weight = static_cast<std::uint32_t>(
            std::max<std::uint64_t>(1, upstream.weight * kTotalWeightMax / total));
}

// Names with equal sources make one rule.
struct Group {
    Sources sources;
    std::vector<HostPattern> names;
};

std::vector<Group> groups_of(const std::map<std::string, Sources>& sources,
                             const std::map<std::string, HostPattern>& names) {
    std::vector<Group> groups;
    for (const auto& [text, of_name] : sources) {
        auto group = std::ranges::find(groups, of_name, &Group::sources);
        if (group == groups.end()) group = groups.insert(groups.end(), Group{of_name, {}});
        group->names.push_back(names.at(text));
    }
    return groups;
}

// The client's own name is what is resolved anyway.
void simplify(Rule& rule) {
    const bool one_name = rule.hosts.size() == 1 && !rule.hosts.front().wildcard;
    if (one_name && rule.upstream.resolve == rule.hosts.front().name) rule.upstream.resolve.clear();
}

}  // namespace

void RuleMaker::tell(FindingCode code, const Span& where, const std::string& path, Said said) {
    if (told_.insert(path + '\n' + said.message).second)
        report_.add(code, where, path, std::move(said));
}

void RuleMaker::tell_of_wide_names(const RouteRule& route, const Rule& rule) {
    for (const HostPattern& host : rule.hosts)
        if (auto wide = wide_pattern(host))
            tell(wide->code, route.where, route.path,
                 {std::move(wide->message), "list the names that are meant"});
}

bool RuleMaker::is_mesh_leg(const RouteRule& route) const {
    return std::ranges::any_of(route.backends, [&](const Backend& backend) {
        return !inventory_.hosts.contains(backend.host) && is_own_service(inventory_, backend.host);
    });
}

const GatewayObject* RuleMaker::gateway_of(const RouteRule& route, const ParentRef& parent) {
    const GatewayObject* gateway = find_gateway(inventory_, parent);
    const std::string name = parent.name_space + '/' + parent.name;
    if (gateway == nullptr) {
        route.object->not_accepted.push_back({"NoMatchingParent", "there is no Gateway " + name});
        tell(FindingCode::DanglingReference, parent.where, parent.path,
             {"there is no Gateway '" + name + '\'', "the route opens nothing"});
    } else if (!gateway->ours) {
        route.object->not_ours.push_back(route.path + " (Gateway " + name + ')');
        return nullptr;
    }
    return gateway;
}

std::optional<RuleMaker::Servers> RuleMaker::servers_of(const RouteRule& route,
                                                        std::uint16_t port, Exports exports) {
    Servers servers;
    bool resolved = true;
    const auto shares = std::ranges::count_if(
        route.backends, [](const Backend& backend) { return backend.weight > 0; });
    for (const Backend& backend : route.backends) {
        if (backend.weight == 0) continue;
        const bool all = exports == Exports::All;
        auto found = resolve(inventory_, backend, route.protocol, port, all);
        if (!found) {
            resolved = false;
            if (!all) continue;  // such clients do not see the subset
            route.object->not_resolved.push_back({found.error().reason, found.error().message});
            tell(found.error().code, backend.where, backend.path,
                 {found.error().message,
                  found.error().hint.empty() ? "the route opens nothing" : found.error().hint});
            continue;
        }
        if (!has_one_audience(route, backend, found->exported, servers)) resolved = false;
        servers.entries.push_back(found->entry);
        if (found->host->wildcard) servers.within.push_back(*found->host);
        add_shares(servers.upstreams, std::move(found->upstreams), backend, shares == 1);
    }
    fit_weights(servers.upstreams);
    if (shares == 0)
        tell(FindingCode::OpensNothing, route.where, route.path,
             {"no backend has a share of the sessions", "the route opens nothing"});
    return resolved && shares > 0 ? std::optional(std::move(servers)) : std::nullopt;
}

// Settings that are for some clients only can be told apart from those for all others, but not those
// of two DestinationRules from each other.
bool RuleMaker::has_one_audience(const RouteRule& route, const Backend& backend,
                                 const Sources& exported, Servers& servers) {
    if (exported.every || exported == servers.audience) return true;
    if (!servers.audience.every) {
        route.object->not_resolved.push_back({"UnsupportedValue", "exportTo differs"});
        tell(FindingCode::RefusedField, backend.where, backend.path,
             {"the DestinationRules of the route's hosts have different 'exportTo'",
              "export them to the same namespaces"});
        return false;
    }
    servers.audience = exported;
    return true;
}

std::optional<std::string> RuleMaker::merge(const RouteRule& route, const Rule& rule) {
    if (route_path_ != route.path) return std::nullopt;
    for (Made& made : of_this_route_) {
        Rule& other = rules_.at(made.position);
        if (other.sources != rule.sources || other.upstream != rule.upstream ||
            other.split != rule.split || other.networks != rule.networks)
            continue;
        if (other.protocols == rule.protocols) {
            for (const HostPattern& host : rule.hosts)
                if (made.hosts.insert(text_of(host)).second) other.hosts.push_back(host);
            return other.name;
        }
        if (!std::ranges::equal(other.hosts, rule.hosts, {}, text_of, text_of)) continue;
        for (const ProtocolPort& protocol : rule.protocols)
            if (std::ranges::find(other.protocols, protocol) == other.protocols.end())
                other.protocols.push_back(protocol);
        return other.name;
    }
    return std::nullopt;
}

void RuleMaker::add_rule(const RouteRule& route, const Attached& attached, const Servers& servers,
                         const Sources& sources, Rule rule) {
    tell_of_wide_names(route, rule);
    if (sources.is_nobody() && !servers.audience.every) return;
    if (sources.is_nobody())
        return tell(FindingCode::OpensNothing, route.where, route.path,
                    {"no workload that is known may use the route",
                     "see exportTo, sourceLabels, and kubernetes.workloads of the native form"});
    for (const IpPrefix& network : sources.networks) rule.sources.push_back({network, {}});
    rule.protocols = {{route.protocol, attached.listener->port}};
    if (servers.upstreams.size() == 1)
        rule.upstream = servers.upstreams.front();
    else
        rule.split = servers.upstreams;
    rule.upstream.weight = 1;
    rule.mark = route.where.mark;
    simplify(rule);
    std::optional<std::string> name = merge(route, rule);
    if (!name) {
        if (route_path_ != route.path) of_this_route_.clear();
        route_path_ = route.path;
        Made made{.position = rules_.size(), .hosts = {}};
        for (const HostPattern& host : rule.hosts) made.hosts.insert(text_of(host));
        of_this_route_.push_back(std::move(made));
        name = rules_.add(std::move(rule), *route.object, route.index, route.given_name);
    }
    route.object->rules.push_back(*name);
    attached.gateway->object->rules.push_back(*name);
    for (const ServiceEntry* entry : servers.entries) entry->object->rules.push_back(*name);
}

void RuleMaker::open_names(const RouteRule& route, const Attached& attached,
                           const Servers& servers) {
    std::map<std::string, Sources> sources;
    std::map<std::string, HostPattern> names;
    for (const NameSet::Match& match : attached.names) {
        const ServiceEntry& entry = inventory_.entries[match.owner];
        const bool on_port = std::ranges::find(servers.entries, &entry) != servers.entries.end() ||
                             entry.find_port(attached.listener->port) != nullptr;
        const bool within = std::ranges::all_of(
            servers.within, [&](const HostPattern& host) { return covers(host, match.names); });
        if (!on_port || !within) continue;
        const std::string text = text_of(match.names);
        names.try_emplace(text, match.names);
        const auto [known, fresh] = sources.try_emplace(text, entry.sources);
        if (!fresh) known->second.widen(entry.sources);
    }
    if (names.empty())
        tell(FindingCode::OpensNothing, route.where, route.path,
             {"no ServiceEntry has the names of the route on port " +
                  std::to_string(attached.listener->port),
              "the route opens nothing"});
    for (Group& group : groups_of(sources, names)) {
        Sources allowed = route.sources;
        allowed.narrow(servers.audience);
        allowed.narrow(group.sources);
        for (const ServiceEntry* entry : servers.entries) allowed.narrow(entry->sources);
        Rule rule;
        rule.hosts = std::move(group.names);
        add_rule(route, attached, servers, allowed, std::move(rule));
    }
}

void RuleMaker::open_networks(const RouteRule& route, const Attached& attached,
                              const Servers& servers) {
    const ServiceEntry& entry = *servers.entries.front();
    const bool named = std::ranges::any_of(attached.names, [&](const NameSet::Match& match) {
        return &inventory_.entries[match.owner] == &entry;
    });
    Rule rule;
    rule.networks =
        route.subnets.empty() ? entry.addresses : intersection(entry.addresses, route.subnets);
    if (!named || rule.networks.empty() || servers.upstreams.size() > 1)
        return tell(FindingCode::OpensNothing, route.where, route.path,
                    {"the route of TCP leads to no network, or to several entries",
                     "one ServiceEntry with addresses, some of them in destinationSubnets"});
    Sources allowed = route.sources;
    allowed.narrow(servers.audience);
    allowed.narrow(entry.sources);
    add_rule(route, attached, servers, allowed, std::move(rule));
}

void RuleMaker::open(const RouteRule& route, const Attached& attached, const Servers& servers) {
    if (route.protocol == Protocol::Tcp)
        open_networks(route, attached, servers);
    else
        open_names(route, attached, servers);
}

// The rule for the clients that a DestinationRule is exported to stands before that for all others,
// who go without its settings: of equal names the first rule wins.
void RuleMaker::open_on(const RouteRule& route, const Attached& attached) {
    const std::uint16_t port = attached.listener->port;
    const auto servers = servers_of(route, port, Exports::All);
    if (!servers) return;
    open(route, attached, *servers);
    if (servers->audience.every) return;
    if (const auto rest = servers_of(route, port, Exports::ToEverybody)) open(route, attached, *rest);
}

// Of a VirtualService, each route and match is carried out here or elsewhere by itself.
void RuleMaker::raise(const RouteRule& route) {
    Object& object = *route.object;
    if (object.kind != Kind::VirtualService) return raise_objections(object, object.path, report_);
    raise_objections(object, route.path, report_, route.matches_path);
    raise_objections(object, route.match_path, report_);
    raise_objections(object, object.path + ".spec.exportTo", report_);
}

void RuleMaker::add(const RouteRule& route) {
    if (is_mesh_leg(route)) {
        route.object->not_ours.push_back(route.path);
        return;
    }
    for (const ParentRef& parent : route.parents) {
        const GatewayObject* gateway = gateway_of(route, parent);
        if (gateway == nullptr) continue;
        raise(route);
        Outcome refusal;
        const std::vector<Attached> listeners =
            attach(inventory_, route, *gateway, parent, refusal);
        if (listeners.empty()) {
            route.object->not_accepted.push_back(refusal);
            tell(FindingCode::OpensNothing, route.where, route.path,
                 {refusal.message, "the route opens nothing"});
        }
        for (const Attached& attached : listeners) {
            route.object->accepted = true;
            open_on(route, attached);
        }
    }
}

}  // namespace sallyport::cfg::kubernetes
