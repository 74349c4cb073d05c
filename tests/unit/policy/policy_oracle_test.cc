// SPDX-License-Identifier: Apache-2.0
// Random policies against the order of policy_table.h written down as plainly as can be.
#include <gtest/gtest.h>

#include <string>
#include <tuple>
#include <vector>

#include "dataplane/policy/policy_table.h"
#include "tcpstack/base/rng.h"
#include "tests/unit/policy/rules.h"

namespace sallyport::dp::policy {
namespace {

using namespace test;

constexpr std::uint64_t kSeed = 7;

bool host_matches(const cfg::HostPattern& host, const std::string& name) {
    return host.wildcard ? name.ends_with("." + host.name) : name == host.name;
}

bool source_matches(const cfg::Rule& rule, const IpAddr& source) {
    bool any = rule.sources.empty();
    for (const cfg::Source& s : rule.sources) any = any || s.network.contains(source);
    return any;
}

bool service_matches(const cfg::Rule& rule, const Query& query) {
    const auto wanted =
        query.protocol == AppProtocol::Http ? cfg::Protocol::Http : cfg::Protocol::Tls;
    bool any = false;
    for (const cfg::ProtocolPort& p : rule.protocols)
        any = any || (p.port == query.port.number && p.protocol == wanted);
    return any;
}

// Longer name, exact, deny, earlier: the greatest wins.
using Rank = std::tuple<std::size_t, bool, bool, int>;

RuleId decide(const std::vector<cfg::Rule>& rules, const Query& query) {
    Rank best{};
    RuleId winner = kDefaultRule;
    for (std::size_t i = 0; i < rules.size(); ++i) {
        const cfg::Rule& rule = rules[i];
        if (!source_matches(rule, query.source) || !service_matches(rule, query)) continue;
        for (const cfg::HostPattern& host : rule.hosts) {
            if (!host_matches(host, std::string(query.name))) continue;
            const Rank rank{host.name.size(), !host.wildcard, rule.action == cfg::Action::Deny,
                            -static_cast<int>(i)};
            if (winner != kDefaultRule && rank <= best) continue;
            best = rank;
            winner = static_cast<RuleId>(i + 1);
        }
    }
    return winner;
}

class Dice {
   public:
    std::uint32_t below(std::uint32_t n) { return rng_.below(n); }
    bool coin() { return below(2) == 0; }

    // Names of few letters, so that they meet.
    std::string name() {
        std::string out(1, letter());
        for (std::uint32_t more = below(4); more-- > 0;) out = std::string(1, letter()) + "." + out;
        return out;
    }
    std::string source() { return "10.0." + std::to_string(below(4)) + "."; }

    cfg::Rule rule() {
        std::vector<std::string> hosts, sources;
        for (std::uint32_t n = 1 + below(3); n-- > 0;)
            hosts.push_back((coin() ? "*." : "") + name());
        for (std::uint32_t n = below(3); n-- > 0;)
            sources.push_back(coin() ? source() + "0/24" : source() + std::to_string(below(2)));
        const cfg::Rule rule = coin() ? allow(hosts, sources) : deny(hosts, sources);
        return with(rule, protocols());
    }

   private:
    std::vector<cfg::ProtocolPort> protocols() {
        switch (below(4)) {
            case 0: return {tls(443)};
            case 1: return {tls(443), tls(8443)};
            case 2: return {http(8443), tls(443)};
            default: return {http(443), tls(443), http(8443)};
        }
    }
    char letter() { return static_cast<char>('a' + below(3)); }
    Rng rng_{kSeed};
};

TEST(PolicyTable, AgreesWithThePlainRendering) {
    Dice dice;
    int decided = 0;
    for (int round = 0; round < 400; ++round) {
        std::vector<cfg::Rule> rules;
        for (std::uint32_t n = dice.below(12); n-- > 0;) rules.push_back(dice.rule());
        const PolicyTable table = table_of(rules);
        for (int i = 0; i < 40; ++i) {
            const std::string name = dice.name();
            const IpAddr source = address(dice.source() + std::to_string(dice.below(3)));
            const Port port{static_cast<std::uint16_t>(dice.coin() ? 443 : 8443)};
            const AppProtocol protocol = dice.coin() ? AppProtocol::Tls : AppProtocol::Http;
            const Query query{source, name, port, protocol};
            const RuleId expected = decide(rules, query);
            ASSERT_EQ(table.match(query).rule, expected)
                << "seed " << kSeed << " round " << round << " name " << name;
            decided += expected != kDefaultRule;
            // A connection that a rule would decide must have been let in.
            if (expected != kDefaultRule) {
                ASSERT_EQ(table.admit(source, port), Reason::None);
            }
        }
    }
    EXPECT_GT(decided, 2000) << "the rules must meet the names";
}

}  // namespace
}  // namespace sallyport::dp::policy
