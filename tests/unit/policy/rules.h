// SPDX-License-Identifier: Apache-2.0
// Short ways to write rules and addresses in tests.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "config/model.h"
#include "dataplane/policy/compile.h"
#include "tcpstack/base/check.h"

namespace sallyport::test {

inline IpAddr address(std::string_view text) {
    const auto parsed = IpAddr::parse(text);
    SP_CHECK(parsed.has_value());
    return *parsed;
}
inline IpPrefix prefix(std::string_view text) {
    const auto parsed = IpPrefix::parse(text);
    SP_CHECK(parsed.has_value());
    return *parsed;
}

inline cfg::ProtocolPort tls(std::uint16_t port) {
    return {cfg::Protocol::Tls, port};
}
inline cfg::ProtocolPort http(std::uint16_t port) {
    return {cfg::Protocol::Http, port};
}

// For tls/443. A host that begins with "*." is a wildcard.
inline cfg::Rule rule_for(const std::vector<std::string>& hosts,
                          const std::vector<std::string>& sources) {
    cfg::Rule rule;
    for (const std::string& source : sources) rule.sources.push_back({prefix(source), {}});
    for (const std::string& host : hosts) {
        const bool wildcard = host.starts_with("*.");
        rule.hosts.push_back({wildcard ? host.substr(2) : host, wildcard, {}});
    }
    rule.protocols = {tls(443)};
    return rule;
}
inline cfg::Rule allow(const std::vector<std::string>& hosts,
                       const std::vector<std::string>& sources = {}) {
    return rule_for(hosts, sources);
}
inline cfg::Rule deny(const std::vector<std::string>& hosts,
                      const std::vector<std::string>& sources = {}) {
    cfg::Rule rule = rule_for(hosts, sources);
    rule.action = cfg::Action::Deny;
    return rule;
}
// For tests in which a name may have any address.
inline cfg::Rule kept(cfg::Rule rule) {
    rule.upstream.destination = cfg::Destination::Original;
    rule.upstream.networks = {prefix("0.0.0.0/0"), prefix("::/0")};
    return rule;
}
inline cfg::Rule with(cfg::Rule rule, std::vector<cfg::ProtocolPort> protocols) {
    rule.protocols = std::move(protocols);
    return rule;
}

inline cfg::Rule audit(cfg::Rule rule) {
    rule.mode = cfg::Mode::Audit;
    return rule;
}
// By address, for udp/53 unless said otherwise.
inline cfg::Rule allow_to(const std::vector<std::string>& networks,
                          const std::vector<std::string>& sources = {}) {
    cfg::Rule rule = rule_for({}, sources);
    for (const std::string& network : networks) rule.networks.push_back(prefix(network));
    rule.protocols = {{cfg::Protocol::Udp, 53}};
    return rule;
}
inline cfg::Rule deny_to(const std::vector<std::string>& networks,
                         const std::vector<std::string>& sources = {}) {
    cfg::Rule rule = allow_to(networks, sources);
    rule.action = cfg::Action::Deny;
    return rule;
}

inline dp::policy::PolicyTable table_of(const std::vector<cfg::Rule>& rules) {
    cfg::Model model;
    model.policy.rules = rules;
    return std::move(dp::policy::compile(model).policy);
}

}  // namespace sallyport::test
