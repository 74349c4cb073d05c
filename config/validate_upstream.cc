// SPDX-License-Identifier: Apache-2.0
// Where a rule's sessions go: what each destination takes, and addresses that cannot be reached.
#include <string>

#include "config/address_text.h"
#include "config/networks.h"
#include "config/units.h"
#include "config/validate.h"

namespace sallyport::cfg {
namespace {

bool may_reach_private(const PlacedRule& at) {
    return at.rule.allow_private || at.model.policy.allow_private;
}

void check_static(const PlacedRule& at) {
    if (at.rule.upstream.destination != Destination::Static || at.is_set("endpoints")) return;
    at.say(FindingCode::MissingEndpoints, at.at("destination"),
           {"'endpoints' is missing in " + at.path, "like [203.0.113.9, \"203.0.113.10:8443\"]"});
}

void check_original(const PlacedRule& at) {
    if (at.rule.upstream.destination != Destination::Original || !at.is_clean("networks")) return;
    if (!at.is_set("networks"))
        at.say(FindingCode::MissingNetworks, at.at("destination"),
               {"'networks' is missing in " + at.path,
                "the client's address is taken as it is, inside the networks of the rule only"});
    for (std::size_t i = 0; i < at.rule.networks.size(); ++i)
        if (at.rule.networks[i].length() == 0 && !at.rule.wide)
            at.say(FindingCode::WholeInternet, item_path(at.at("networks"), i),
                   {"any address passes with any name that the rule allows",
                    "write 'wide: true' in the rule to keep it"});
}

void check_address(const PlacedRule& at, const IpPrefix& network, const std::string& path) {
    if (is_private_use(network) && !may_reach_private(at) && at.is_clean("private"))
        at.say(FindingCode::PrivateAddress, path,
               {"private addresses are refused", "write 'private: true' in the rule to reach it"});
}

void check_endpoints(const PlacedRule& at) {
    if (!at.is_clean("endpoints")) return;
    const auto& endpoints = at.rule.upstream.endpoints;
    for (std::size_t i = 0; i < endpoints.size(); ++i) {
        const IpAddr& address = endpoints[i].address;
        const std::string path = item_path(at.at("endpoints"), i);
        if (is_special(address))
            at.say(FindingCode::UnusableAddress, path,
                   {address_text(address) + " cannot be the address of a server"});
        else
            check_address(at, IpPrefix(address, address.is_v4() ? 32 : 128), path);
    }
}

void check_networks(const PlacedRule& at) {
    if (!at.is_clean("networks")) return;
    for (std::size_t i = 0; i < at.rule.networks.size(); ++i)
        check_address(at, at.rule.networks[i], item_path(at.at("networks"), i));
}

void check_timeout(const PlacedRule& at) {
    const auto& timeout = at.rule.upstream.connect_timeout;
    if (!timeout || *timeout <= at.model.tcp.setup_timeout) return;
    if (!at.is_clean("connect_timeout") || !at.report.is_clean("tcp.setup_timeout")) return;
    at.say(FindingCode::NoEffect, at.at("connect_timeout"),
           {"connect_timeout is longer than tcp.setup_timeout (" +
            format_duration(at.model.tcp.setup_timeout) + ") and never reached"});
}

}  // namespace

void validate_upstream(const PlacedRule& at) {
    if (at.rule.action == Action::Deny) return;  // nothing goes anywhere
    check_endpoints(at);
    check_networks(at);
    check_timeout(at);
    if (!at.is_clean("destination")) return;
    check_static(at);
    check_original(at);
}

}  // namespace sallyport::cfg
