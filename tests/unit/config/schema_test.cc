// SPDX-License-Identifier: Apache-2.0
// The table against the model and against the language.
#include "config/schema.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <string>
#include <type_traits>
#include <variant>

#include "tests/unit/config/support.h"

namespace sallyport::cfg::test {
namespace {

// Calls `use(bound, owner)` with a default owner for a row that has a place in the model.
template <class Use>
void visit_bound(const Field& field, Use use) {
    std::visit(
        [&]<class A>(const A& access) {
            if constexpr (!std::is_same_v<A, std::monostate>)
                [&]<class Owner>(const Bound<Owner>& bound) { use(bound, Owner{}); }(access);
        },
        field.access);
}

TEST(Schema, HasEveryKeyOfTheLanguage) {
    const char* const keys[] = {"gateway.name",
                                "workers.count",
                                "workers.cpus",
                                "workers.idle",
                                "memory.sessions",
                                "memory.relay_bytes",
                                "memory.hold_bytes",
                                "memory.hugepages",
                                "ports.inside",
                                "ports.outside",
                                "ports.{inside,outside}.device",
                                "ports.{inside,outside}.addresses",
                                "ports.{inside,outside}.networks",
                                "ports.{inside,outside}.routes",
                                "ports.{inside,outside}.next_hop",
                                "ports.{inside,outside}.mtu",
                                "ports.{inside,outside}.vlan",
                                "ports.{inside,outside}.queues",
                                "tcp.client_mss",
                                "tcp.hello_timeout",
                                "tcp.hello_bytes",
                                "tcp.connect_timeout",
                                "tcp.setup_timeout",
                                "tcp.idle_timeout",
                                "tcp.transitory_timeout",
                                "tcp.user_timeout",
                                "tcp.keepalive",
                                "tcp.timestamps",
                                "tls.hrr",
                                "tls.ech",
                                "fragments",
                                "egress[].name",
                                "egress[].addresses",
                                "egress[].ports",
                                "resolver.servers",
                                "resolver.source",
                                "resolver.device",
                                "resolver.ttl_floor",
                                "resolver.ttl_ceiling",
                                "resolver.grace",
                                "resolver.timeout",
                                "resolver.new_names_per_second",
                                "groups[].name",
                                "groups[].networks",
                                "policy.default.action",
                                "policy.default.answer",
                                "policy.default.private",
                                "policy.rules[].name",
                                "policy.rules[].sources",
                                "policy.rules[].hosts",
                                "policy.rules[].hosts_from",
                                "policy.rules[].networks",
                                "policy.rules[].protocols",
                                "policy.rules[].action",
                                "policy.rules[].mode",
                                "policy.rules[].egress",
                                "policy.rules[].answer",
                                "policy.rules[].destination",
                                "policy.rules[].on_mismatch",
                                "policy.rules[].cross_family",
                                "policy.rules[].endpoints",
                                "policy.rules[].private",
                                "policy.rules[].expires",
                                "policy.rules[].schedule",
                                "policy.rules[].limits",
                                "policy.rules[].limits.max_connections",
                                "policy.rules[].limits.new_per_second",
                                "policy.rules[].limits.bytes_per_second",
                                "policy.rules[].limits.bytes",
                                "policy.rules[].limits.per_source.bytes",
                                "policy.rules[].balance",
                                "policy.rules[].connect_timeout",
                                "policy.rules[].idle_timeout",
                                "policy.rules[].max_duration",
                                "policy.rules[].wide",
                                "policy.on_reload",
                                "kubernetes.selector",
                                "kubernetes.gateway_classes",
                                "kubernetes.workloads[].namespace",
                                "kubernetes.workloads[].labels",
                                "kubernetes.workloads[].networks",
                                "control.state",
                                "control.socket",
                                "control.listen",
                                "control.groups",
                                "log.access.path",
                                "log.access.format",
                                "log.access.query",
                                "log.level"};
    std::set<std::string_view> known;
    for (const Field& field : kFields) known.insert(field.path);
    for (const char* key : keys) EXPECT_TRUE(known.contains(key)) << key;
}

TEST(Schema, HasOneRowForEachPathBelowAnotherRow) {
    std::set<std::string_view> seen;
    for (const Field& field : kFields) {
        EXPECT_TRUE(seen.insert(field.path).second) << field.path;
        const std::string_view path = field.path;
        const std::string_view parent =
            path.substr(0, path.find_last_of('.') == path.npos ? 0 : path.find_last_of('.'));
        bool found = parent.empty() || seen.contains(parent);
        for (const Field& other : kFields) found |= !other.record.empty() && other.record == parent;
        EXPECT_TRUE(found) << field.path << " has no row above it";
        EXPECT_EQ(find_field(parent, key_of(field)), &field);
    }
}

TEST(Schema, SaysTheDefaultsThatTheModelHas) {
    for (const Field& field : kFields)
        visit_bound(field, [&](const auto& bound, const auto& owner) {
            if (field.need == Need::Required) return;
            const std::optional<Node> value = bound.write(owner, field);
            EXPECT_EQ(value ? value->text : "", field.default_text) << field.path;
        });
}

// A limit beyond the member's type would be cut silently.
TEST(Schema, HasLimitsThatTheMembersHold) {
    for (const Field& field : kFields)
        visit_bound(field, [&](const auto& bound, auto owner) {
            const bool number = field.type == Type::Integer || field.type == Type::Size;
            if (!number || field.list) return;
            Report report;
            report.open("", "x");
            const std::string path(field.path);
            const Node most = encode(field.limits.max, field);
            bound.read(Value{most, field, path, report}, owner);
            EXPECT_EQ(bound.write(owner, field).value().text, most.text) << field.path;
            EXPECT_FALSE(report.has_errors());
        });
}

TEST(Schema, BindsEveryKeyThatIsSupportedAndNoOther) {
    for (const Field& field : kFields) {
        const bool bound = !std::holds_alternative<std::monostate>(field.access);
        const bool section = field.type == Type::Section;
        EXPECT_EQ(bound, field.later.empty() && !section) << field.path;
        EXPECT_EQ(field.type == Type::Choice, !choices_of(field).empty()) << field.path;
        EXPECT_TRUE(field.help.ends_with('.')) << field.path;
    }
}

TEST(Schema, NamesTypes) {
    EXPECT_EQ(type_name(field_of("tcp.hello_timeout")), "duration");
    EXPECT_EQ(type_name(field_of("policy.rules[].sources")), "list of networks or groups");
    EXPECT_EQ(key_of(field_of("ports.{inside,outside}.mtu")), "mtu");
    EXPECT_EQ(find_field("tcp", "nothing"), nullptr);
    EXPECT_EQ(fields_below("tls").size(), 2U);
}

}  // namespace
}  // namespace sallyport::cfg::test
