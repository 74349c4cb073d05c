// SPDX-License-Identifier: Apache-2.0
#include "dataplane/policy/explain.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/unit/policy/rules.h"

namespace sallyport::dp::policy {
namespace {

using namespace test;
using namespace std::chrono_literals;
using testing::ElementsAre;

constexpr std::chrono::sys_seconds kNow = std::chrono::sys_days(2026y / 11 / 23) + 12h;

cfg::Rule named(std::string name, cfg::Rule rule) {
    rule.name = std::move(name);
    return rule;
}

Question ask(std::string name, std::string_view source = "10.10.0.5", std::uint16_t port = 443) {
    Question question;
    question.source = address(source);
    question.port = Port{port};
    question.name = std::move(name);
    return question;
}

Question ask_flow(std::string_view destination, std::uint16_t port = 53,
                  FlowProtocol flow = FlowProtocol::Udp) {
    Question question = ask("", "10.10.0.5", port);
    question.destination = address(destination);
    question.flow = flow;
    return question;
}

struct Asked {
    cfg::Model model;
    Explanation explanation;
    std::string why() const { return sentence(model, explanation); }
    std::string near() const {
        return explanation.nearest ? sentence(model, *explanation.nearest) : "-";
    }
};

Asked asked(std::vector<cfg::Rule> rules, const Question& question) {
    cfg::Model model;
    model.policy.rules = std::move(rules);
    const Generation generation = compile(model, {.at = kNow});
    Explanation explanation = explain(model, generation, question, {.at = kNow});
    return {std::move(model), std::move(explanation)};
}

TEST(Explain, NamesTheRuleAndThePatternThatMatched) {
    cfg::Rule rule = named("web", allow({"*.example", "*.b.example", "x.b.example"}));
    rule.hosts[1].mark = {.line = 7, .column = 3};
    const auto matched = [&](const std::string& name) {
        return asked({named("other", allow({"other.test"})), rule}, ask(name)).explanation;
    };
    EXPECT_EQ(matched("a.example").rule, 1U);
    EXPECT_EQ(matched("a.example").matched.by, MatchedBy::Wildcard);
    EXPECT_EQ(matched("a.example").matched.pattern, "*.example");
    EXPECT_EQ(matched("a.b.example").matched.pattern, "*.b.example");
    EXPECT_EQ(matched("a.b.example").matched.mark.line, 7);
    EXPECT_EQ(matched("x.b.example").matched.by, MatchedBy::Exact);
    EXPECT_EQ(matched("x.b.example").matched.pattern, "x.b.example");
    EXPECT_EQ(matched("a.example").terms_of, 1U);
    EXPECT_EQ(matched("a.example").way, Way::Inspect);
}

TEST(Explain, FindsTheNameInAList) {
    cfg::Rule rule = named("listed", allow({}));
    const auto list = std::make_shared<cfg::NameList>();
    list->add("a.example", false);
    list->add("b.example", true);
    rule.listed = list;
    EXPECT_EQ(asked({rule}, ask("x.b.example")).explanation.matched.pattern, "*.b.example");
    EXPECT_EQ(asked({rule}, ask("x.b.example")).explanation.matched.mark.line, 0);
    EXPECT_EQ(asked({rule}, ask("a.exmaple")).near(),
              "rule 'listed' has a.example, but differs in a character");
}

TEST(Explain, SaysItInASentence) {
    const cfg::Rule web = named("web", allow({"*.example"})), no = named("no", deny({"a.example"}));
    EXPECT_EQ(asked({web}, ask("a.example")).why(), "rule 'web' allows it by *.example");
    EXPECT_EQ(asked({web, no}, ask("a.example")).why(), "rule 'no' denies it by a.example");
    EXPECT_EQ(asked({web}, ask("a.test")).why(), "no rule allows it");
    EXPECT_EQ(asked({audit(web)}, ask("a.example")).why(),
              "only rule 'web', in audit, allows it by *.example");
    EXPECT_EQ(asked({web, audit(no)}, ask("a.example")).why(),
              "rule 'no', in audit, would deny it by a.example; rule 'web' allows it");
    EXPECT_EQ(asked({named("dns", allow_to({"192.0.2.0/24"}))}, ask_flow("192.0.2.9")).why(),
              "rule 'dns' allows it by 192.0.2.0/24");
    EXPECT_EQ(asked({named("dns", allow_to({"10.0.0.0/8"}))}, ask_flow("10.9.0.9")).why(),
              "rule 'dns' would allow it by 10.0.0.0/8, but this address is never dialled");
}

TEST(Explain, FollowsIdsOfAnyKind) {
    cfg::Model model;
    model.policy.rules = {named("a", allow({"a.example"})), named("b", allow({"b.example"}))};
    const std::vector<RuleId> ids{70, 12};
    const Generation generation = compile(model, {.rule_ids = ids});
    const Explanation e = explain(model, generation, ask("b.example"), {.rule_ids = ids});
    EXPECT_EQ(e.verdict.rule, 12U);
    EXPECT_EQ(e.rule, 1U);
    EXPECT_EQ(e.terms_of, 1U);
}

TEST(Explain, TakesAConnectionAsTheWorkersDo) {
    const cfg::Rule by_name = named("web", allow({"a.example"}));
    const cfg::Rule by_address =
        named("net", with(allow_to({"192.0.2.0/24"}), {{cfg::Protocol::Tcp, 443}}));
    const auto reason_of = [&](const Question& q) {
        return text(asked({by_name}, q).explanation.verdict.reason);
    };
    EXPECT_EQ(reason_of(ask("a.example", "10.10.0.5", 80)), text(Reason::PortNotAllowed));
    EXPECT_EQ(reason_of(ask("b.example")), text(Reason::SniNotAllowed));
    EXPECT_EQ(reason_of(ask("")), text(Reason::NoSni));
    Question q = ask("b.example");
    q.destination = address("192.0.2.9");
    EXPECT_EQ(asked({by_name, by_address}, q).explanation.way, Way::Translate);
    EXPECT_EQ(asked({by_name, by_address}, q).explanation.rule, 1U);
    q.destination = address("127.0.0.1");
    EXPECT_EQ(reason_of(q), text(Reason::DstReserved));
    EXPECT_EQ(asked({by_name}, q).near(), "-") << "no rule opens loopback";
    q.destination = address("192.168.0.1");
    EXPECT_EQ(reason_of(q), text(Reason::DstNotPublic));
}

TEST(Explain, NamesTheNearestRule) {
    cfg::Rule github = named("github", allow({"*.github.com"}, {"10.10.0.0/24"}));
    cfg::Rule expired = named("old", allow({"old.example"}));
    expired.expires = kNow;
    cfg::Rule nightly = named("night", allow({"night.example"}));
    nightly.schedule = {{0x7f, 0, 60}};
    const std::vector<cfg::Rule> rules{github,
                                       expired,
                                       nightly,
                                       named("mail", with(allow({"mail.example"}), {http(80)})),
                                       named("plain", with(allow({"plain.example"}), {http(443)})),
                                       named("no", deny({"a.github.com"})),
                                       named("dns", allow_to({"192.0.2.0/24"}))};
    const struct {
        std::string description;
        Question question;
        std::string nearest;
    } rows[] = {
        {"another source", ask("api.github.com", "10.9.0.1"),
         "rule 'github' has *.github.com, but is for other sources"},
        {"the name itself", ask("github.com"),
         "rule 'github' has *.github.com, but stands only for names below that one"},
        {"a letter too many", ask("api.githhub.com"),
         "rule 'github' has *.github.com, but differs in a character"},
        {"a denial that is more specific", ask("a.github.com"),
         "rule 'github' has *.github.com, but comes behind the rule that denies it"},
        {"an expired rule", ask("old.example"), "rule 'old' has old.example, but has expired"},
        {"a rule of the night", ask("night.example"),
         "rule 'night' has night.example, but does not hold at this time"},
        {"another port", ask("mail.example"),
         "rule 'mail' has mail.example, but is for other ports"},
        {"another protocol", ask("plain.example"),
         "rule 'plain' has plain.example, but is for another protocol on this port"},
        {"a sibling", ask("raw.old.example"),
         "rule 'old' has old.example, but is for another name of the same domain and has expired"},
        {"two at once", ask("api.githhub.com", "10.9.0.1"),
         "rule 'github' has *.github.com, but differs in a character and is for other sources"},
        {"nothing near", ask("cnn.test"), "-"},
        {"another network", ask_flow("198.51.100.1"),
         "rule 'dns' has 192.0.2.0/24, but is for other addresses"},
        {"another port of a network", ask_flow("192.0.2.9", 54),
         "rule 'dns' has 192.0.2.0/24, but is for other ports"},
    };
    for (const auto& row : rows)
        EXPECT_EQ(asked(rules, row.question).near(), row.nearest) << row.description;
}

TEST(Explain, ListsWhatIsMissedForPrograms) {
    const auto nearest =
        asked({named("a", allow({"a.example"}, {"10.9.0.0/16"}))}, ask("a.example", "10.8.0.1"))
            .explanation.nearest;
    ASSERT_TRUE(nearest);
    EXPECT_THAT(nearest->misses, ElementsAre(Miss::Source));
    EXPECT_EQ(nearest->rule, 0U);
}

TEST(NearMiss, KnowsOneEdit) {
    const struct {
        std::string_view a, b;
        bool one;
    } rows[] = {
        {"github.com", "github.com", false},
        {"github.com", "githhub.com", true},
        {"github.com", "gthub.com", true},
        {"github.com", "gihtub.com", true},
        {"github.com", "gitlub.com", true},
        {"github.com", "gitlab.com", false},
        {"github.com", "github.co", true},
        {"github.com", "xgithub.com", true},
        {"ab", "ba", true},
        {"ab", "cd", false},
        {"", "a", true},
        {"", "", false},
        {"a", "abc", false},
        {"abcd", "badc", false},
    };
    for (const auto& row : rows) {
        EXPECT_EQ(is_one_edit(row.a, row.b), row.one) << row.a << " " << row.b;
        EXPECT_EQ(is_one_edit(row.b, row.a), row.one) << row.b << " " << row.a;
    }
}

TEST(NearMiss, TakesTheLastTwoLabelsForWhatIsRegistered) {
    EXPECT_EQ(last_two_labels("a.b.example.com"), "example.com");
    EXPECT_EQ(last_two_labels("example.com"), "example.com");
    EXPECT_EQ(last_two_labels("com"), "");
    EXPECT_EQ(last_two_labels(""), "");
}

}  // namespace
}  // namespace sallyport::dp::policy
