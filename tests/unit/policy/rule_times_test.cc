// SPDX-License-Identifier: Apache-2.0
#include "dataplane/policy/rule_times.h"

#include <gtest/gtest.h>

#include "tcpstack/base/rng.h"
#include "tests/unit/policy/rules.h"

namespace sallyport::dp::policy {
namespace {

using namespace test;
using namespace std::chrono_literals;
using std::chrono::sys_days;
using std::chrono::sys_seconds;

constexpr sys_seconds kMonday = sys_days(2026y / 11 / 23);  // 0:00
constexpr sys_seconds kNoon = kMonday + 12h;
constexpr std::uint8_t kMondays = 1, kWeekdays = 0x1f, kSundays = 0x40, kDaily = 0x7f;
constexpr std::uint16_t at_hour(int hour) {
    return static_cast<std::uint16_t>(60 * hour);
}

cfg::Rule in(std::vector<cfg::TimeWindow> schedule) {
    cfg::Rule rule = allow({"a.example"});
    rule.schedule = std::move(schedule);
    return rule;
}

TEST(RuleTimes, HoldWithinTheirWindows) {
    const struct {
        std::string description;
        cfg::TimeWindow window;
        sys_seconds at;
        bool holds;
    } rows[] = {
        {"within", {kDaily, at_hour(8), at_hour(18)}, kNoon, true},
        {"at the beginning", {kDaily, at_hour(12), at_hour(18)}, kNoon, true},
        {"a second before it", {kDaily, at_hour(12), at_hour(18)}, kNoon - 1s, false},
        {"a second before the end", {kDaily, at_hour(8), at_hour(12)}, kNoon - 1s, true},
        {"at the end", {kDaily, at_hour(8), at_hour(12)}, kNoon, false},
        {"the whole day", {kMondays, 0, 1440}, kMonday, true},
        {"the whole day to its last second", {kMondays, 0, 1440}, kMonday + 24h - 1s, true},
        {"not the next day", {kMondays, 0, 1440}, kMonday + 24h, false},
        {"not the day before", {kMondays, 0, 1440}, kMonday - 1s, false},
        {"on Sunday", {kSundays, 0, 1440}, kMonday - 1s, true},
        {"on a weekday", {kWeekdays, 0, 1440}, kMonday + 4 * 24h, true},
        {"not at the weekend", {kWeekdays, 0, 1440}, kMonday + 5 * 24h, false},
        {"over midnight, before", {kMondays, at_hour(22), at_hour(6)}, kMonday + 23h, true},
        {"over midnight, behind", {kMondays, at_hour(22), at_hour(6)}, kMonday + 29h, true},
        {"over midnight, at the end", {kMondays, at_hour(22), at_hour(6)}, kMonday + 30h, false},
        {"over midnight belongs to the day it began",
         {kMondays, at_hour(22), at_hour(6)},
         kMonday + 5h,
         false},
        {"from Sunday night into Monday", {kSundays, at_hour(22), at_hour(6)}, kMonday + 5h, true},
        {"a whole day from noon", {kMondays, at_hour(12), at_hour(12)}, kMonday + 35h, true},
    };
    for (const auto& row : rows)
        EXPECT_EQ(holds(in({row.window}), row.at), row.holds) << row.description;
    EXPECT_TRUE(holds(in({}), kNoon));
    EXPECT_TRUE(holds(in({{kMondays, 0, 60}, {kMondays, at_hour(11), at_hour(13)}}), kNoon));
}

TEST(RuleTimes, ExpireAtTheirMoment) {
    cfg::Rule rule = in({{kDaily, 0, 1440}});
    rule.expires = kNoon;
    EXPECT_TRUE(holds(rule, kNoon - 1s));
    EXPECT_FALSE(holds(rule, kNoon));
    EXPECT_TRUE(has_expired(rule, kNoon + 1h));
    EXPECT_TRUE(is_scheduled(rule, kNoon + 1h));
}

TEST(RuleTimes, NameTheNextChange) {
    const auto next = [](std::vector<cfg::Rule> rules, sys_seconds at) {
        cfg::Model model;
        model.policy.rules = std::move(rules);
        return next_change(model, at);
    };
    const cfg::Rule office = in({{kWeekdays, at_hour(8), at_hour(18)}});
    cfg::Rule expiring = allow({"a.example"});
    expiring.expires = kNoon + 2h;
    EXPECT_EQ(next({allow({"a.example"})}, kNoon), std::nullopt);
    EXPECT_EQ(next({office}, kNoon), kMonday + 18h);
    EXPECT_EQ(next({office}, kMonday + 18h), kMonday + 32h) << "the moment itself is behind";
    EXPECT_EQ(next({office}, kMonday + 4 * 24h + 18h), kMonday + 7 * 24h + 8h)
        << "over the weekend";
    EXPECT_EQ(next({office, expiring}, kNoon), kNoon + 2h);
    EXPECT_EQ(next({expiring}, kNoon + 2h), std::nullopt);
    EXPECT_EQ(next({in({{kDaily, 0, 1440}})}, kNoon), std::nullopt) << "always is no change";
    EXPECT_EQ(next({in({{kMondays, 0, 720}, {kMondays, 720, 1440}})}, kMonday), kMonday + 24h)
        << "windows that meet";
    cfg::Rule gone = office;
    gone.expires = kMonday;
    EXPECT_EQ(next({gone}, kNoon), std::nullopt) << "an expired rule has no schedule any more";
}

// Minute by minute: between two changes nothing changes, and at each something does.
TEST(RuleTimes, ChangeExactlyWhenTheySay) {
    Rng rng(5);
    for (int round = 0; round < 30; ++round) {
        cfg::Rule rule = in({});
        for (std::uint32_t n = 1 + rng.below(3); n-- > 0;)
            rule.schedule.push_back({static_cast<std::uint8_t>(1 + rng.below(127)),
                                     static_cast<std::uint16_t>(rng.below(1440)),
                                     static_cast<std::uint16_t>(rng.below(1441))});
        if (rng.below(2) == 0) rule.expires = kMonday + std::chrono::minutes(rng.below(20'000));
        cfg::Model model;
        model.policy.rules = {rule};
        std::optional<sys_seconds> next = next_change(model, kMonday);
        for (sys_seconds at = kMonday + 1min; at < kMonday + 14 * 24h; at += 1min) {
            const bool changes = holds(rule, at) != holds(rule, at - 1s);
            ASSERT_EQ(changes, next == at) << "seed 5 round " << round;
            if (changes) next = next_change(model, at);
        }
    }
}

TEST(RuleTimes, DecideWhatIsCompiled) {
    cfg::Model model;
    model.policy.rules = {in({{kMondays, at_hour(8), at_hour(18)}}), deny({"*.example"})};
    model.policy.rules[0].limits.rule.max_connections = 7;
    const Query query{address("10.10.0.5"), "a.example", Port{443}, AppProtocol::Tls};
    const auto rule_at = [&](std::optional<sys_seconds> at) {
        return compile(model, {.at = at}).policy.match(query).rule;
    };
    EXPECT_EQ(rule_at(kNoon), 1U);
    EXPECT_EQ(rule_at(kMonday), 2U);
    EXPECT_EQ(rule_at(std::nullopt), 1U) << "time is not asked for";
    const PolicyTable asleep = std::move(compile(model, {.at = kMonday}).policy);
    ASSERT_NE(asleep.terms_of(1), nullptr) << "its terms are known all the same";
    EXPECT_EQ(asleep.terms_of(1)->rule.max_connections, 7U);
    EXPECT_EQ(asleep.terms_of(3), nullptr);
    model.policy.rules = {in({{kMondays, at_hour(8), at_hour(18)}})};
    const PolicyTable closed = std::move(compile(model, {.at = kMonday}).policy);
    EXPECT_EQ(text(closed.admit(address("10.10.0.5"), Port{443})), text(Reason::PortNotAllowed));
}

}  // namespace
}  // namespace sallyport::dp::policy
