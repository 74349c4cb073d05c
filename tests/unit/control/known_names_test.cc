// SPDX-License-Identifier: Apache-2.0
// known_names.h, in virtual time.
#include "control/known_names.h"

#include <gtest/gtest.h>

namespace sallyport::ctl {
namespace {

using dp::AnswerStatus;
using dp::Freshness;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;
using Kind = DnsReply::Kind;

struct KnownNamesTest : ::testing::Test {
    KnownNames names{{.ttl_floor = seconds(5), .ttl_ceiling = seconds(3600), .grace = minutes(10)},
                     4};
    Instant now{seconds(1000)};

    static DnsReply found(int last_octet, int ttl) {
        return {.kind = Kind::Found,
                .addresses = {Ipv4Addr{{192, 0, 2, static_cast<std::uint8_t>(last_octet)}}},
                .ttl = seconds(ttl)};
    }
    static DnsReply negative(std::optional<seconds> ttl) {
        return {.kind = Kind::NoName, .addresses = {}, .ttl = ttl};
    }
    static int last_octet(const dp::NameAnswer& a) {
        return a.count == 1 ? a.addresses[0].v4().octets[3] : -1;
    }
};

TEST_F(KnownNamesTest, AnswersForAsLongAsTheAnswerLives) {
    EXPECT_FALSE(names.answer("a", Freshness::Valid, now));
    EXPECT_EQ(names.learn("a", found(1, 60), now).ttl, seconds(60));
    const auto later = names.answer("a", Freshness::Valid, now + seconds(50));
    ASSERT_TRUE(later);
    EXPECT_EQ(later->status, AnswerStatus::Found);
    EXPECT_EQ(later->ttl, seconds(10));
    EXPECT_EQ(later->name.view(), "a");
    EXPECT_EQ(last_octet(*later), 1);
    EXPECT_FALSE(later->stale);
    EXPECT_FALSE(names.answer("a", Freshness::Valid, now + seconds(60)));
}

TEST_F(KnownNamesTest, ClampsTtls) {
    EXPECT_EQ(names.learn("a", found(1, 0), now).ttl, seconds(5));
    EXPECT_EQ(names.learn("a", found(1, 100'000), now).ttl, seconds(3600));
    EXPECT_EQ(names.learn("a", negative(std::nullopt), now).ttl, seconds(5));
    EXPECT_EQ(names.learn("a", negative(seconds(100'000)), now).ttl, seconds(3600));
    EXPECT_EQ(names.learn("a", negative(seconds(30)), now).ttl, seconds(30));
}

TEST_F(KnownNamesTest, ARefreshWantsMoreThanAnEighthOfTheLife) {
    names.learn("a", found(1, 80), now);
    EXPECT_TRUE(names.answer("a", Freshness::NotEnding, now + seconds(70)));
    EXPECT_FALSE(names.answer("a", Freshness::NotEnding, now + seconds(71)));
    EXPECT_TRUE(names.answer("a", Freshness::Valid, now + seconds(71)));
}

TEST_F(KnownNamesTest, OfTheNewestOnlyTheLastSecondWillDo) {
    names.learn("a", found(1, 80), now);
    EXPECT_EQ(names.answer("a", Freshness::Newest, now + seconds(1))->age, seconds(1));
    EXPECT_FALSE(names.answer("a", Freshness::Newest, now + milliseconds(1001)));
    EXPECT_EQ(names.answer("a", Freshness::Valid, now + seconds(60))->age, seconds(60));
    names.learn("a", {}, now + seconds(2));  // DNS fails
    EXPECT_EQ(names.answer("a", Freshness::Newest, now + seconds(3))->status, AnswerStatus::Failed);
    EXPECT_EQ(names.answer("a", Freshness::Valid, now + seconds(3))->status, AnswerStatus::Found);
}

TEST_F(KnownNamesTest, NegativeAnswersHoldForTheirTime) {
    names.learn("a", negative(seconds(30)), now);
    const auto answer = names.answer("a", Freshness::NotEnding, now + seconds(29));
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->status, AnswerStatus::NotFound);
    EXPECT_FALSE(names.answer("a", Freshness::Valid, now + seconds(30)));
}

TEST_F(KnownNamesTest, ServesAnEarlierAnswerWithinGraceWhileDnsFails) {
    names.learn("a", found(1, 60), now);
    now += seconds(60);
    const dp::NameAnswer stale = names.learn("a", {}, now);
    EXPECT_EQ(stale.status, AnswerStatus::Found);
    EXPECT_TRUE(stale.stale);
    EXPECT_EQ(last_octet(stale), 1);
    EXPECT_EQ(stale.ttl, seconds(30));
    now += minutes(10) - seconds(7);
    EXPECT_EQ(names.learn("a", {}, now).ttl, seconds(7));  // not beyond grace
    now += seconds(7);
    const dp::NameAnswer over = names.learn("a", {}, now);
    EXPECT_EQ(over.status, AnswerStatus::Failed);
    EXPECT_EQ(over.count, 0);
    EXPECT_EQ(over.ttl, seconds(5));
}

TEST_F(KnownNamesTest, NeverServesWhatDnsHasTakenBack) {
    names.learn("a", found(1, 60), now);
    names.learn("a", negative(seconds(5)), now + seconds(60));
    EXPECT_FALSE(names.stale("a", now + seconds(66)));
    EXPECT_EQ(names.learn("a", {}, now + seconds(66)).status, AnswerStatus::Failed);
}

TEST_F(KnownNamesTest, LeavesDnsAloneForAMomentAfterAFailure) {
    names.learn("a", {}, now);
    const auto failed = names.answer("a", Freshness::Valid, now + seconds(4));
    ASSERT_TRUE(failed);
    EXPECT_EQ(failed->status, AnswerStatus::Failed);
    EXPECT_EQ(failed->ttl, seconds(1));
    EXPECT_FALSE(names.answer("a", Freshness::Valid, now + seconds(5)));

    names.learn("b", found(1, 60), now);
    now += seconds(60);
    names.learn("b", {}, now);
    const auto stale = names.answer("b", Freshness::Valid, now + seconds(4));
    ASSERT_TRUE(stale);
    EXPECT_TRUE(stale->stale);
    EXPECT_FALSE(names.answer("b", Freshness::Valid, now + seconds(5)));
}

TEST_F(KnownNamesTest, AFailedRefreshLeavesTheAnswerAndSaysSo) {
    names.learn("a", found(1, 80), now);
    now += seconds(75);
    EXPECT_EQ(names.learn("a", {}, now).status, AnswerStatus::Failed);
    const auto still = names.answer("a", Freshness::Valid, now);
    ASSERT_TRUE(still);
    EXPECT_EQ(last_octet(*still), 1);
    EXPECT_EQ(names.answer("a", Freshness::NotEnding, now)->status, AnswerStatus::Failed);  // not again so soon
}

TEST_F(KnownNamesTest, RememberedNamesAreBounded) {
    for (const char* name : {"a", "b", "c", "d"}) names.learn(name, found(1, 60), now);
    EXPECT_TRUE(names.answer("a", Freshness::Valid, now));  // used
    names.learn("e", found(2, 60), now);         // in the place of b
    EXPECT_EQ(names.size(), 4U);
    EXPECT_FALSE(names.answer("b", Freshness::Valid, now));
    EXPECT_TRUE(names.answer("a", Freshness::Valid, now));
    EXPECT_EQ(last_octet(*names.answer("e", Freshness::Valid, now)), 2);
    names.forget_all();
    EXPECT_EQ(names.size(), 0U);
    EXPECT_FALSE(names.answer("a", Freshness::Valid, now));
}

TEST_F(KnownNamesTest, TellsWhatItKnowsAndSinceWhen) {
    EXPECT_FALSE(names.find("a", now));
    names.learn("a", found(1, 60), now);
    const auto known = names.find("a", now + seconds(61));
    ASSERT_TRUE(known);
    EXPECT_EQ(known->status, AnswerStatus::Found);
    EXPECT_EQ(known->addresses.size(), 1U);
    EXPECT_EQ(known->age, seconds(61));
    EXPECT_EQ(known->left, seconds(-1));
}

}  // namespace
}  // namespace sallyport::ctl
