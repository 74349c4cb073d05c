// SPDX-License-Identifier: Apache-2.0
// What the library accepts silently, and what must become of it.
#include "config/parse_yaml.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "tests/unit/config/support.h"

namespace sallyport::cfg::test {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

struct Parsed {
    std::optional<Node> root;  // of the first document
    std::size_t documents = 0;
    std::vector<Finding> findings;
};

Parsed parse(std::string_view text) {
    Report report;
    std::size_t room = kMaxNodes;
    auto roots = parse_yaml(report.open(text, "x.yaml"), report, room);
    Parsed parsed;
    if (roots) {
        parsed.documents = roots->size();
        parsed.root = std::move(roots->front());
    }
    parsed.findings = report.take();
    return parsed;
}

TEST(ParseYaml, KeepsTextsListsAndMapsWithTheirPlaces) {
    const Parsed parsed = parse("a: [x, \"y z\"]\nbc:\n  d: 'q'\n");
    ASSERT_TRUE(parsed.root);
    ASSERT_EQ(parsed.root->items.size(), 2U);
    const Node& list = parsed.root->items[0];
    EXPECT_EQ(list.key, "a");
    ASSERT_EQ(list.items.size(), 2U);
    EXPECT_FALSE(list.items[0].quoted);
    EXPECT_EQ(list.items[1].text, "y z");
    EXPECT_TRUE(list.items[1].quoted);
    EXPECT_EQ(list.items[1].where.mark, (Mark{1, 8}));
    EXPECT_EQ(list.items[1].where.end_column, 12);
    const Node& map = parsed.root->items[1];
    EXPECT_EQ(map.key_where.mark, (Mark{2, 1}));
    EXPECT_EQ(map.key_where.end_column, 2);
    EXPECT_EQ(map.items[0].where.mark, (Mark{3, 6}));
}

TEST(ParseYaml, FindsDuplicateKeysWithBothPlaces) {
    const Parsed parsed = parse("a: 1\nb: {c: 1, c: 2}\na: 3\n");
    ASSERT_THAT(codes_of(parsed.findings), ElementsAre("SP1311", "SP1311"));
    EXPECT_EQ(parsed.findings[0].path, "b.c");
    EXPECT_EQ(parsed.findings[1].mark, (Mark{3, 1}));
    EXPECT_THAT(parsed.findings[1].message, HasSubstr("first defined at 1:1"));
}

TEST(ParseYaml, GivesEveryDocument) {
    EXPECT_EQ(parse("").documents, 1U);
    EXPECT_EQ(parse("---\na: 1\n").documents, 1U);
    EXPECT_EQ(parse("a: 1\n...\n").documents, 1U);
    EXPECT_EQ(parse("a: 1\n---\na: 1\n").documents, 2U);
    EXPECT_EQ(parse("---\n---\n").documents, 2U);
    EXPECT_THAT(codes_of(parse("a: 1\n---\na: 1\n").findings), IsEmpty());
    EXPECT_THAT(codes_of(parse("a: 1\n---\nb: 1\nb: 2\n").findings), ElementsAre("SP1311"));
}

TEST(ParseYaml, LimitsTheNumberOfValues) {
    Report report;
    std::size_t room = 3;
    EXPECT_TRUE(parse_yaml(report.open("[a, b]", "x.yaml"), report, room));
    EXPECT_EQ(room, 0U);
    EXPECT_FALSE(parse_yaml(report.open("a", "y.yaml"), report, room));
    EXPECT_THAT(codes_of(report.take()), ElementsAre("SP1007"));
}

TEST(ParseYaml, LimitsTheNumberOfDocuments) {
    std::string text;
    for (std::size_t i = 0; i < kMaxDocuments; ++i) text += "--- x\n";
    EXPECT_EQ(parse(text).documents, kMaxDocuments);
    EXPECT_THAT(codes_of(parse(text + "--- x\n").findings), ElementsAre("SP1007"));
}

TEST(ParseYaml, RefusesAnchorsAliasesMergeKeysAndTags) {
    EXPECT_THAT(codes_of(parse("a: &x 1\nb: *x\n").findings), ElementsAre("SP1104", "SP1104"));
    EXPECT_THAT(codes_of(parse("<<: {a: 1}\n").findings), ElementsAre("SP1105"));
    EXPECT_THAT(codes_of(parse("a: !!int 1\n").findings), ElementsAre("SP1106"));
    EXPECT_THAT(codes_of(parse("a: ! 1\n").findings), ElementsAre("SP1106"));
    EXPECT_THAT(codes_of(parse("a: !x [1]\n").findings), ElementsAre("SP1106"));
}

TEST(ParseYaml, TakesAQuotedMergeKeyForAnOrdinaryOne) {
    EXPECT_THAT(codes_of(parse("\"<<\": 1\n").findings), IsEmpty());
}

TEST(ParseYaml, ExplainsAWildcardWithoutQuotes) {
    const Parsed parsed = parse("hosts: [*.example.com]\n");
    ASSERT_THAT(codes_of(parsed.findings), ElementsAre("SP1104"));
    EXPECT_THAT(parsed.findings[0].hint, HasSubstr("\"*.example.com\""));
}

TEST(ParseYaml, StopsAtItsDepthBeforeTheLibraryDoes) {
    std::string deep;
    for (std::size_t i = 0; i < kMaxDepth; ++i) deep = "[" + deep + "]";
    EXPECT_THAT(codes_of(parse(deep).findings), IsEmpty());
    EXPECT_THAT(codes_of(parse("[" + deep + "]").findings), ElementsAre("SP1102"));
    std::string rows = "a:\n";
    for (int i = 0; i < 5000; ++i) rows += "- ";
    EXPECT_THAT(codes_of(parse(rows).findings), ElementsAre("SP1102"));
}

TEST(ParseYaml, CannotBeMadeToExpandAliases) {
    std::string text = "a: &a [x, x]\n";
    for (char c = 'b'; c <= 'z'; ++c) {
        text += std::string(1, c) + ": &" + c + " [*" + static_cast<char>(c - 1) + ", *" +
                static_cast<char>(c - 1) + "]\n";
    }
    const Parsed parsed = parse(text);
    EXPECT_EQ(parsed.findings.size(), 26U + 2U * 25U);
}

TEST(ParseYaml, PlacesSyntaxErrors) {
    const Parsed parsed = parse("a: 1\nb: [1, 2\n");
    ASSERT_THAT(codes_of(parsed.findings), ElementsAre("SP1101"));
    EXPECT_FALSE(parsed.root);
    EXPECT_EQ(parsed.findings[0].hint, "a ']' is missing");
}

TEST(ParseYaml, PlacesAnAbsentValueAtItsKey) {
    const Parsed parsed = parse("a:\nb: 1\n");
    ASSERT_TRUE(parsed.root);
    EXPECT_EQ(parsed.root->items[0].kind, Node::Kind::Null);
    EXPECT_EQ(parsed.root->items[0].where.mark, (Mark{1, 1}));
}

TEST(ParseYaml, WantsTextsAsKeys) {
    EXPECT_THAT(codes_of(parse("[a]: 1\n").findings), ElementsAre("SP1108"));
    EXPECT_THAT(codes_of(parse("~: 1\n").findings), ElementsAre("SP1108"));
}

}  // namespace
}  // namespace sallyport::cfg::test
