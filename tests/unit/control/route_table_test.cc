// SPDX-License-Identifier: Apache-2.0
#include "control/route_table.h"

#include <gtest/gtest.h>

#include <cctype>
#include <set>
#include <string>
#include <utility>

namespace sallyport::ctl {
namespace {

TEST(RouteTable, EveryRouteIsDocumented) {
    for (const Route& r : routes()) {
        EXPECT_FALSE(r.help.empty()) << r.path;
        EXPECT_FALSE(r.reply.empty()) << r.path;
        for (const ReplyField& f : r.reply) EXPECT_TRUE(f.help.ends_with('.')) << f.key;
        for (const Parameter& p : r.parameters) {
            EXPECT_TRUE(p.help.ends_with('.')) << p.name;
            EXPECT_LE(p.least, p.otherwise);
            EXPECT_LE(p.otherwise, p.most);
        }
    }
}

TEST(RouteTable, NothingIsThereTwice) {
    std::set<std::pair<std::string_view, std::string_view>> calls;
    std::set<std::string_view> commands;
    for (const Route& r : routes()) {
        EXPECT_TRUE(calls.emplace(r.method, r.path).second) << r.path;
        const bool fresh = r.command.empty() || commands.insert(r.command).second;
        EXPECT_TRUE(fresh) << r.command;
        std::set<std::string_view> keys;
        for (const ReplyField& f : r.reply) EXPECT_TRUE(keys.insert(f.key).second) << f.key;
    }
}

TEST(RouteTable, KeysAreSnakeCase) {
    for (const Route& r : routes())
        for (const ReplyField& f : r.reply)
            for (const char c : f.key)
                EXPECT_TRUE(std::islower(static_cast<unsigned char>(c)) != 0 || c == '_') << f.key;
}

// A route without a word is reached by a command that does more than ask.
TEST(RouteTable, CommandsAreFoundByTheirWord) {
    for (const Route& r : routes()) {
        if (r.command.empty()) continue;
        EXPECT_EQ(find_command(r.command), &route(r.id));
    }
    EXPECT_EQ(find_command("nothing"), nullptr);
}

// Nothing that changes the gate may be reachable by GET.
TEST(RouteTable, GetOnlyLooks) {
    for (const Route& r : routes())
        EXPECT_TRUE(r.method != "GET" || r.role == Role::View) << r.path;
}

}  // namespace
}  // namespace sallyport::ctl
