// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <map>
#include <string>

#include "config/address_text.h"
#include "config/networks.h"
#include "config/shown.h"
#include "config/validate.h"

namespace sallyport::cfg {
namespace {

struct Context {
    const Model& model;
    Report& report;
    std::map<std::string, std::string> names;      // of sets, with the path of each
    std::map<std::string, std::string> addresses;  // of sets, with the path of each

    void say(FindingCode code, const std::string& path, Said said) const {
        report.add(code, report.where(path), path, std::move(said));
    }
};

std::string line_of(const Context& context, const std::string& path) {
    return "line " + std::to_string(context.report.where(path).mark.line);
}

void check_name(Context& context, const EgressSet& set, const std::string& path) {
    if (set.name.empty()) return;
    const auto [first, fresh] = context.names.try_emplace(set.name, path);
    if (!fresh)
        context.say(FindingCode::DuplicateName, path + ".name",
                    {"another set is named " + shown(set.name) + " (" +
                     line_of(context, first->second + ".name") + ')'});
}

bool is_inside(Context& context, const IpAddr& address, const std::string& path) {
    if (context.model.inside.empty() || !context.report.is_clean("ports.inside")) return false;
    for (const PlacedNetwork& inside : reachable(context.model.inside.front(), "ports.inside")) {
        if (!inside.network.contains(address)) continue;
        context.say(FindingCode::EgressInside, path,
                    {address_text(address) + " is in an inside network (" + inside.path + ", " +
                     line_of(context, inside.path) + ')'});
        return true;
    }
    return false;
}

// What the outside port makes of the address: nobody else may own it there.
bool is_taken_outside(Context& context, const IpAddr& address, const std::string& path) {
    if (context.model.outside.empty() || !context.report.is_clean("ports.outside")) return false;
    const Port& outside = context.model.outside.front();
    for (const PlacedNetwork& link : on_link(outside, "ports.outside")) {
        if (!is_network_or_broadcast(link.network, address)) continue;
        context.say(
            FindingCode::UnusableAddress, path,
            {address_text(address) + " is the network or broadcast address of " + link.path});
        return true;
    }
    const bool neighbour =
        std::ranges::find(outside.next_hop, address) != outside.next_hop.end() ||
        std::ranges::find(outside.routes, address, &Route::via) != outside.routes.end();
    if (neighbour)
        context.say(FindingCode::UnusableAddress, path,
                    {address_text(address) + " is a next hop outside"});
    return neighbour;
}

void check_address(Context& context, const IpAddr& address, const std::string& path) {
    const auto [first, fresh] = context.addresses.try_emplace(address_text(address), path);
    if (!fresh)
        context.say(FindingCode::DuplicateItem, path,
                    {address_text(address) + " is in another set already (" +
                     line_of(context, first->second) + ')'});
    if (is_special(address))
        context.say(FindingCode::UnusableAddress, path,
                    {address_text(address) + " cannot be the address of a host"});
    else if (!is_inside(context, address, path))
        is_taken_outside(context, address, path);
}

void check_ports(Context& context, const EgressSet& set, const std::string& path) {
    const unsigned count = set.last_port - set.first_port + 1U;
    const bool clean =
        context.report.is_clean(path + ".ports") && context.report.is_clean("workers.count");
    if (!clean || count >= context.model.workers.count) return;
    context.say(FindingCode::TooFewPorts, path + ".ports",
                {std::to_string(count) + " ports for " +
                     std::to_string(context.model.workers.count) + " workers",
                 "each worker needs at least one port"});
}

const char* name_of(Family family) { return family == Family::V4 ? "IPv4" : "IPv6"; }

// What the port can send packets of: to its links, or beyond them by routes and default gateways.
bool leads_out(const Port& outside, Family family) {
    return has_family(reachable(outside, "ports.outside"), family) ||
           has_family(outside.next_hop, family);
}

// A family that clients have and the set has not, and one that the set has and no link carries.
void check_families(Context& context, const EgressSet& set, const std::string& path) {
    const Model& model = context.model;
    if (model.inside.empty() || model.outside.empty() || !context.report.is_clean("ports")) return;
    const auto clients = reachable(model.inside.front(), "ports.inside");
    for (const Family family : {Family::V4, Family::V6}) {
        const bool here = has_family(set.addresses, family);
        if (!here && has_family(clients, family))
            context.say(FindingCode::FamilyWithoutWay, path + ".addresses",
                        {std::string("no ") + name_of(family) + " address for " + name_of(family) +
                             " clients",
                         "add one"});
        if (here && !leads_out(model.outside.front(), family))
            context.say(FindingCode::FamilyWithoutWay, path + ".addresses",
                        {std::string("the outside port has no ") + name_of(family) +
                             " address, network, route or next_hop",
                         "nothing of that family leaves by this set"});
    }
}

}  // namespace

void validate_egress(const Model& model, Report& report) {
    Context context{model, report, {}, {}};
    for (std::size_t i = 0; i < model.egress.size(); ++i) {
        const EgressSet& set = model.egress[i];
        const std::string path = item_path("egress", i);
        check_name(context, set, path);
        check_ports(context, set, path);
        if (!report.is_clean(path + ".addresses")) continue;
        for (std::size_t j = 0; j < set.addresses.size(); ++j)
            check_address(context, set.addresses[j], item_path(path + ".addresses", j));
        check_families(context, set, path);
    }
}

}  // namespace sallyport::cfg
