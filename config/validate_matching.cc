// SPDX-License-Identifier: Apache-2.0
// What a rule matches by: names go with tls and http, networks with tcp, udp and icmp. A key of the
// other kind would narrow nothing, so it is refused.
#include <algorithm>
#include <string>
#include <string_view>

#include "config/rule_keys.h"
#include "config/schema.h"
#include "config/validate.h"

namespace sallyport::cfg {
namespace {

// Beside 'action: deny' a key only has no effect; elsewhere it would be a promise that is not kept.
void refuse_clashes(const PlacedRule& at) {
    for (const Field* field : fields_below("policy.rules[]")) {
        const std::string_view key = key_of(*field);
        if (!at.is_set(key)) continue;
        const std::string_view clash = clash_of(at.rule, key);
        if (clash.empty()) continue;
        const bool denies = at.rule.action == Action::Deny && clash == "'action: deny'";
        at.say(denies ? FindingCode::NoEffect : FindingCode::DoesNotFit, at.at(key),
               {'\'' + std::string(key) + "' does not go with " + std::string(clash),
                denies ? "leave it out" : "leave it out, or write another rule"});
    }
}

void check_missing(const PlacedRule& at, bool layer4) {
    if (layer4 && !at.is_set("networks"))
        at.say(FindingCode::MissingNetworks, at.at("protocols"),
               {"'networks' is missing in " + at.path,
                "tcp, udp and icmp are judged by the server's address"});
    if (!layer4 && !at.is_set("hosts") && !at.is_set("hosts_from"))
        at.say(FindingCode::MissingKey, at.path,
               {"'hosts' is missing in " + at.path,
                "tls and http are judged by name: write hosts, or hosts_from"});
}

}  // namespace

void validate_matching(const PlacedRule& at) {
    if (at.rule.protocols.empty() || !at.is_clean("protocols")) return;
    const auto layer4 =
        std::ranges::count_if(at.rule.protocols, is_layer4, &ProtocolPort::protocol);
    if (layer4 != 0 && layer4 != std::ssize(at.rule.protocols)) {
        at.say(FindingCode::MixedProtocols, at.at("protocols"),
               {"tls and http stand beside tcp, udp or icmp",
                "write two rules: one with hosts, one with networks"});
        return;
    }
    check_missing(at, layer4 != 0);
    if (at.is_clean("destination") && at.is_clean("action")) refuse_clashes(at);
}

}  // namespace sallyport::cfg
