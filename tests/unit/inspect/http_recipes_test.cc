// SPDX-License-Identifier: Apache-2.0
// Every recipe is judged twice: only the real name is allowed, and only the other one. What must
// work is allowed by the first policy and denied by the second. What servers read differently is
// denied by both, and by a policy that allows both names too.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "dataplane/inspect/http_target.h"
#include "tests/support/http_oracle.h"
#include "tests/support/http_reader.h"
#include "tests/unit/inspect/http_recipes.h"
#include "tests/unit/policy/rules.h"

namespace sallyport::dp::inspect {
namespace {

using namespace test;

policy::PolicyTable table_for(const std::vector<std::string>& names) {
    return table_of({with(allow(names), {http(80)})});
}

bool is_allowed(const policy::PolicyTable& table, const ReadMessage& m) {
    const policy::Query query{address("10.10.0.5"), m.host, Port{m.port == 0 ? kHttpPort : m.port},
                              policy::AppProtocol::Http};
    return table.match(query).decision == policy::Decision::Allow;
}

// As a relay does: every request is judged by its own Host.
std::string verdict(std::string_view stream, const policy::PolicyTable& table) {
    std::string letters;
    for (const ReadMessage& m : read_whole(stream)) {
        if (m.head == HeadStatus::NeedMore) return letters + 'U';
        if (!m.is_accepted() || !is_allowed(table, m)) return letters + 'D';
        if (m.body == BodyStatus::Bad) return letters + 'B';
        letters += 'A';
    }
    return letters;
}

// What the gate says about the last request that it read.
Reason reason_of(std::string_view stream) {
    const ReadMessage m = read_whole(stream).back();
    if (m.head == HeadStatus::Bad) return Reason::HttpAmbiguous;
    if (m.head == HeadStatus::TooLarge) return Reason::RequestHeadTooLarge;
    return m.reason;
}

std::string title(const HttpRecipe& recipe) {
    return recipe.id + " " + recipe.description;
}

TEST(HttpRecipes, EveryRowIsThere) {
    const auto all = http_recipes();
    for (int row = 1; row <= 58; ++row) {
        const std::string id = (row < 10 ? "H0" : "H") + std::to_string(row);
        const auto has_id = [&](const HttpRecipe& recipe) { return recipe.id == id; };
        EXPECT_TRUE(std::ranges::any_of(all, has_id)) << id;
    }
}

TEST(HttpRecipes, OnlyTheRealNameIsAllowed) {
    const auto table = table_for({"real.example"});
    for (const HttpRecipe& recipe : http_recipes())
        EXPECT_EQ(verdict(recipe.stream, table), recipe.with_real) << title(recipe);
}

TEST(HttpRecipes, OnlyTheOtherNameIsAllowed) {
    const auto table = table_for({"fake.example"});
    for (const HttpRecipe& recipe : http_recipes())
        EXPECT_EQ(verdict(recipe.stream, table), recipe.with_other) << title(recipe);
}

TEST(HttpRecipes, BothNamesAllowedOpensNothingMore) {
    const auto table = table_for({"real.example", "fake.example"});
    for (const HttpRecipe& recipe : http_recipes()) {
        if (recipe.reason == Reason::None) continue;
        EXPECT_EQ(verdict(recipe.stream, table), recipe.with_real) << title(recipe);
    }
}

TEST(HttpRecipes, EachRefusalHasItsReason) {
    for (const HttpRecipe& recipe : http_recipes())
        EXPECT_EQ(text(reason_of(recipe.stream)), text(recipe.reason)) << title(recipe);
}

// The first line alone is never accepted when the head is refused for it.
TEST(HttpRecipes, TheRequestLineIsRefusedEarly) {
    int early = 0;
    for (const HttpRecipe& recipe : http_recipes()) {
        for (const ReadMessage& m : read_whole(recipe.stream)) {
            if (m.line_reason == Reason::None) continue;
            ++early;
            EXPECT_NE(m.head, HeadStatus::NeedMore) << title(recipe);
            if (m.head != HeadStatus::Done) continue;
            EXPECT_EQ(m.reason, m.line_reason) << title(recipe);
        }
    }
    EXPECT_GT(early, 20);
}

// Every message of what must work, read by http-parser as well.
TEST(HttpRecipes, HttpParserReadsTheSame) {
    int compared = 0;
    for (const HttpRecipe& recipe : http_recipes()) {
        if (!recipe.must_work()) continue;
        std::string_view rest = recipe.stream;
        for (const ReadMessage& m : read_whole(recipe.stream)) {
            HttpOracle oracle(HTTP_REQUEST, false);
            oracle.read(rest);
            EXPECT_EQ(disagreement(m, oracle), "") << title(recipe);
            rest.remove_prefix(m.head_size + m.body_taken);
            ++compared;
        }
    }
    EXPECT_GT(compared, 25);
}

}  // namespace
}  // namespace sallyport::dp::inspect
