// SPDX-License-Identifier: Apache-2.0
#include "config/reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/config/support.h"

namespace sallyport::cfg::test {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

std::vector<Finding> findings_of(std::string_view more) {
    return load_text(with(more), "x.yaml").findings;
}

TEST(Reader, ProposesTheKeyThatWasMeantAndListsTheKnownOnes) {
    const auto findings = findings_of("workers: {conut: 1}\n");
    ASSERT_THAT(codes_of(findings), ElementsAre("SP1203"));
    EXPECT_EQ(findings[0].path, "workers.conut");
    EXPECT_EQ(findings[0].message, "unknown key 'conut' in workers");
    EXPECT_EQ(findings[0].hint, "did you mean 'count'?  known keys: count, cpus, idle");
}

TEST(Reader, DoesNotAlsoMissAKeyThatIsMisspelt) {
    EXPECT_THAT(codes_of(findings_of("policy: {rules: [{nmae: x, hosts: [a.example], "
                                     "protocols: [tls/443]}]}\n")),
                ElementsAre("SP1203"));
}

TEST(Reader, KnowsTheKeysOfLaterVersions) {
    const auto findings = findings_of("tls: {ech: nonsense}\n");
    ASSERT_THAT(codes_of(findings), ElementsAre("SP1204"));
    EXPECT_EQ(findings[0].path, "tls.ech");
}

TEST(Reader, DoesNotAlsoMissAHostThatIsMisspelt) {
    EXPECT_THAT(codes_of(findings_of("policy: {rules: [{name: x, hosst: [a.example], "
                                     "protocols: [tls/443]}]}\n")),
                ElementsAre("SP1203"));
}

TEST(Reader, NamesThePathOfAnItem) {
    const auto findings = findings_of(
        "policy:\n"
        "  rules:\n"
        "    - {name: a, hosts: [a.example], protocols: [tls/443]}\n"
        "    - {name: b, hosts: [b.example, \"\"], protocols: [tls/443]}\n");
    ASSERT_EQ(findings.size(), 1U);
    EXPECT_EQ(findings[0].path, "policy.rules[1].hosts[1]");
    EXPECT_EQ(findings[0].mark, (Mark{9, 36}));
}

TEST(Reader, ReadsNothingOfAFileInAnotherLanguage) {
    const auto findings = load_text("spec: {}\napiVersion: v1\n", "x").findings;
    EXPECT_THAT(codes_of(findings), ElementsAre("SP1210"));
}

TEST(Reader, AsksForTheVersion) {
    const auto findings = load_text("gateway: {name: x}\n", "x").findings;
    ASSERT_THAT(codes_of(findings), ElementsAre("SP1202", "SP1202", "SP1202"));
    EXPECT_THAT(findings[0].hint, HasSubstr("apiVersion: sallyport/v1"));
}

TEST(Reader, RefusesEmptyLists) {
    EXPECT_THAT(codes_of(findings_of("policy: {rules: []}\n")), ElementsAre("SP1211"));
}

TEST(Reader, AcceptsAnEmptySection) {
    EXPECT_THAT(findings_of("policy: {}\ntcp: {}\n"), IsEmpty());
}

TEST(Reader, NeverProposesAKeyOfALaterVersionAsKnown) {
    EXPECT_THAT(findings_of("control: {foo: 1}\n")[0].hint, Not(HasSubstr("listen")));
}

}  // namespace
}  // namespace sallyport::cfg::test
