// SPDX-License-Identifier: Apache-2.0
// name_cache.h, in virtual time.
#include "dataplane/resolve/name_cache.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace sallyport::dp {
namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr Duration kGrace = minutes(10);

IpAddr ip(const std::string& text) { return IpAddr::parse(text).value(); }

NameAnswer answer(std::string_view name, AnswerStatus status, Duration ttl,
                  const std::vector<std::string>& addresses = {}) {
    NameAnswer a;
    a.name.set(name);
    a.status = status;
    a.ttl = ttl;
    for (const std::string& text : addresses) a.addresses[a.count++] = ip(text);
    return a;
}

NameAnswer found(std::string_view name, Duration ttl, const std::vector<std::string>& addresses) {
    return answer(name, AnswerStatus::Found, ttl, addresses);
}

class NameCacheTest : public ::testing::Test {
   protected:
    NameCache& sized(std::uint32_t capacity) {
        storage = std::make_unique<NameCacheStorage>(capacity);
        cache = std::make_unique<NameCache>(*storage, SipKey{1, 2});
        return *cache;
    }
    // The entry of a name that was asked and answered now.
    NameEntryIndex answered(const NameAnswer& a) {
        const NameEntryIndex e = cache->find_or_make(a.name.view());
        EXPECT_TRUE(cache->should_ask(e, now));
        EXPECT_EQ(cache->store(a, now, kGrace), e);
        return e;
    }
    std::vector<IpAddr> addresses(NameEntryIndex e) {
        const auto span = cache->addresses(e);
        return {span.begin(), span.end()};
    }
    bool has(NameEntryIndex e, const std::string& address) {
        return cache->has_address(e, ip(address), now);
    }

    std::unique_ptr<NameCacheStorage> storage;
    std::unique_ptr<NameCache> cache;
    Instant now{seconds(1000)};
};

TEST_F(NameCacheTest, KnowsNothingAtFirst) {
    sized(4);
    EXPECT_EQ(cache->find("a.example"), kNoIndex);
    const NameEntryIndex e = cache->find_or_make("a.example");
    EXPECT_EQ(cache->find("a.example"), e);
    EXPECT_EQ(cache->find_or_make("a.example"), e);
    EXPECT_EQ(cache->find("b.example"), kNoIndex);
    EXPECT_EQ(cache->name(e), "a.example");
    EXPECT_EQ(cache->state(e, now), NameState::Asked);
    EXPECT_THAT(addresses(e), IsEmpty());
    EXPECT_EQ(cache->in_use(), 1U);
}

TEST_F(NameCacheTest, AsksOnceUntilTheAnswerComesOrIsForgotten) {
    sized(4);
    const NameEntryIndex e = cache->find_or_make("a.example");
    EXPECT_TRUE(cache->should_ask(e, now));
    EXPECT_FALSE(cache->should_ask(e, now + seconds(29)));
    EXPECT_TRUE(cache->should_ask(e, now + seconds(30)));
    cache->was_not_asked(e);
    EXPECT_TRUE(cache->should_ask(e, now + seconds(31)));
}

TEST_F(NameCacheTest, HoldsAnAnswerForItsTime) {
    sized(4);
    const NameEntryIndex e = answered(found("a.example", seconds(60), {"192.0.2.1", "2001:db8::1"}));
    EXPECT_EQ(cache->state(e, now), NameState::Found);
    EXPECT_THAT(addresses(e), ElementsAre(ip("192.0.2.1"), ip("2001:db8::1")));
    EXPECT_TRUE(has(e, "192.0.2.1"));
    EXPECT_FALSE(has(e, "192.0.2.2"));
    EXPECT_EQ(cache->state(e, now + seconds(60) - milliseconds(1)), NameState::Found);
    EXPECT_EQ(cache->state(e, now + seconds(60)), NameState::Expired);
    EXPECT_TRUE(cache->should_ask(e, now + seconds(60)));
}

TEST_F(NameCacheTest, AsksAgainWhenAnEighthOfTheLifeIsLeft) {
    sized(4);
    const NameEntryIndex e = answered(found("a.example", seconds(80), {"192.0.2.1"}));
    EXPECT_FALSE(cache->should_ask(e, now + seconds(70)));
    now += seconds(71);
    EXPECT_TRUE(cache->should_ask(e, now));
    EXPECT_FALSE(cache->should_ask(e, now));
    EXPECT_EQ(cache->state(e, now), NameState::Found);  // and is in use all the while
    cache->store(found("a.example", seconds(80), {"192.0.2.1"}), now, kGrace);
    EXPECT_EQ(cache->state(e, now + seconds(79)), NameState::Found);
}

TEST_F(NameCacheTest, AnAddressCountsUntilGraceAfterTheLastAnswerThatHadIt) {
    sized(4);
    const NameEntryIndex e = answered(found("cdn.example", seconds(60), {"192.0.2.1", "192.0.2.2"}));
    const Instant first_ends = now + seconds(60);
    now += seconds(60);
    cache->store(found("cdn.example", seconds(60), {"192.0.2.2", "192.0.2.3"}), now, kGrace);
    EXPECT_THAT(addresses(e), ElementsAre(ip("192.0.2.2"), ip("192.0.2.3")));
    EXPECT_TRUE(has(e, "192.0.2.1"));
    now = first_ends + kGrace - milliseconds(1);
    EXPECT_TRUE(has(e, "192.0.2.1"));
    now = first_ends + kGrace;
    EXPECT_FALSE(has(e, "192.0.2.1"));
    EXPECT_TRUE(has(e, "192.0.2.2"));  // the second answer had it as well
    now += seconds(60);
    EXPECT_FALSE(has(e, "192.0.2.2"));
}

// A name whose answer changes every minute, looked up for an hour: what a client learned within
// the last grace always counts, and what is older never does.
TEST_F(NameCacheTest, RotationNeverDeniesAClientOfTheLastGrace) {
    sized(4);
    const auto address = [](int minute) { return "198.51.100." + std::to_string(minute); };
    const NameEntryIndex e = answered(found("cdn.example", seconds(60), {address(0)}));
    for (int minute = 1; minute < 60; ++minute) {
        now += seconds(60);
        cache->store(found("cdn.example", seconds(60), {address(minute)}), now, kGrace);
        for (int age = 0; age <= minute; ++age)
            EXPECT_EQ(has(e, address(minute - age)), age <= 10) << minute << " " << age;
    }
}

TEST_F(NameCacheTest, KeepsTheMostRecentAddressesWhenThereAreTooMany) {
    sized(4);
    const auto block = [](int n) {
        std::vector<std::string> addresses;
        for (int i = 0; i < 32; ++i)
            addresses.push_back("10." + std::to_string(n) + ".0." + std::to_string(i));
        return addresses;
    };
    const NameEntryIndex e = answered(found("big.example", seconds(60), block(0)));
    cache->store(found("big.example", seconds(60), block(1)), now, kGrace);
    cache->store(found("big.example", seconds(60), block(2)), now, kGrace);
    EXPECT_EQ(addresses(e).size(), 32U);
    EXPECT_TRUE(has(e, "10.2.0.31"));
    EXPECT_TRUE(has(e, "10.1.0.31"));
    EXPECT_FALSE(has(e, "10.0.0.0"));
}

TEST_F(NameCacheTest, RepeatedAddressesCountOnce) {
    sized(4);
    const NameEntryIndex e =
        answered(found("a.example", seconds(60), {"192.0.2.1", "192.0.2.1", "192.0.2.2"}));
    EXPECT_THAT(addresses(e), ElementsAre(ip("192.0.2.1"), ip("192.0.2.2")));
}

TEST_F(NameCacheTest, ANegativeAnswerForgetsEveryAddress) {
    sized(4);
    const NameEntryIndex e = answered(found("a.example", seconds(60), {"192.0.2.1"}));
    cache->store(answer("a.example", AnswerStatus::NotFound, seconds(30)), now, kGrace);
    EXPECT_EQ(cache->state(e, now), NameState::NotFound);
    EXPECT_THAT(addresses(e), IsEmpty());
    EXPECT_FALSE(has(e, "192.0.2.1"));
    EXPECT_FALSE(cache->should_ask(e, now + seconds(29)));
    EXPECT_TRUE(cache->should_ask(e, now + seconds(30)));
    EXPECT_EQ(cache->state(e, now + seconds(30)), NameState::Expired);
}

TEST_F(NameCacheTest, AFailureIsHeldForItsTime) {
    sized(4);
    const NameEntryIndex e = answered(answer("a.example", AnswerStatus::Failed, seconds(5)));
    EXPECT_EQ(cache->state(e, now), NameState::Failed);
    EXPECT_FALSE(cache->should_ask(e, now + seconds(4)));
    EXPECT_EQ(cache->state(e, now + seconds(5)), NameState::Expired);
    EXPECT_TRUE(cache->should_ask(e, now + seconds(5)));
}

TEST_F(NameCacheTest, AFailedRefreshLeavesAGoodAnswer) {
    sized(4);
    const NameEntryIndex e = answered(found("a.example", seconds(80), {"192.0.2.1"}));
    now += seconds(71);
    ASSERT_TRUE(cache->should_ask(e, now));
    cache->store(answer("a.example", AnswerStatus::Failed, seconds(5)), now, kGrace);
    EXPECT_EQ(cache->state(e, now), NameState::Found);
    EXPECT_FALSE(cache->should_ask(e, now + seconds(4)));
    EXPECT_TRUE(cache->should_ask(e, now + seconds(5)));
    EXPECT_EQ(cache->state(e, now + seconds(9)), NameState::Expired);
}

TEST_F(NameCacheTest, AfterAFailureOldAddressesStillCountButAreNotDialled) {
    sized(4);
    const NameEntryIndex e = answered(found("a.example", seconds(60), {"192.0.2.1"}));
    now += seconds(60);
    cache->store(answer("a.example", AnswerStatus::Failed, seconds(5)), now, kGrace);
    EXPECT_EQ(cache->state(e, now), NameState::Failed);
    EXPECT_THAT(addresses(e), IsEmpty());
    EXPECT_TRUE(has(e, "192.0.2.1"));
    now += kGrace;
    EXPECT_FALSE(has(e, "192.0.2.1"));
}

TEST_F(NameCacheTest, StaleAnswersDoNotProlongTheGrace) {
    sized(4);
    const NameEntryIndex e = answered(found("a.example", seconds(60), {"192.0.2.1"}));
    const Instant ends = now + seconds(60);
    EXPECT_FALSE(cache->is_stale(e));
    NameAnswer stale = found("a.example", seconds(30), {"192.0.2.1"});
    stale.stale = true;
    for (now = ends; now < ends + kGrace; now += seconds(30)) cache->store(stale, now, kGrace);
    EXPECT_TRUE(cache->is_stale(e));
    EXPECT_EQ(now, ends + kGrace);
    EXPECT_FALSE(has(e, "192.0.2.1"));
    cache->store(found("a.example", seconds(60), {"192.0.2.1"}), now, kGrace);
    EXPECT_FALSE(cache->is_stale(e));
    EXPECT_TRUE(has(e, "192.0.2.1"));
}

TEST_F(NameCacheTest, AStaleAnswerKeepsTheGraceThatItsAddressesHad) {
    sized(4);
    const NameEntryIndex e = answered(found("a.example", seconds(60), {"192.0.2.1"}));
    now += seconds(60);
    NameAnswer stale = found("a.example", seconds(30), {"192.0.2.1"});
    stale.stale = true;
    cache->store(stale, now, kGrace);
    now += kGrace - milliseconds(1);
    EXPECT_TRUE(has(e, "192.0.2.1"));
}

TEST_F(NameCacheTest, AnAnswerInDoubtIsAskedForOnceASecond) {
    sized(4);
    const NameEntryIndex e = answered(found("a.example", minutes(5), {"192.0.2.1"}));
    EXPECT_FALSE(cache->doubt(e, now, now)) << "DNS has spoken since then";
    now += milliseconds(999);
    EXPECT_TRUE(cache->doubt(e, now, now));
    EXPECT_FALSE(cache->should_ask(e, now)) << "too soon";
    now += milliseconds(1);
    EXPECT_EQ(cache->freshness_wanted(e, now), Freshness::Newest);
    EXPECT_TRUE(cache->should_ask(e, now));
    EXPECT_FALSE(cache->should_ask(e, now)) << "one question for all that doubt it";
    EXPECT_EQ(cache->state(e, now), NameState::Found) << "others use it all the while";
    const Instant asked = now;
    now += milliseconds(10);
    cache->store(found("a.example", minutes(5), {"192.0.2.2"}), now, kGrace);
    EXPECT_FALSE(cache->doubt(e, asked, now));
    EXPECT_FALSE(cache->should_ask(e, now + seconds(1)));
    EXPECT_EQ(cache->freshness_wanted(e, now), Freshness::NotEnding);
}

TEST_F(NameCacheTest, AnAnswerIsAsOldAsTheResolverSays) {
    sized(4);
    NameAnswer known = found("a.example", minutes(5), {"192.0.2.1"});
    known.age = seconds(30);
    const NameEntryIndex e = answered(known);
    EXPECT_TRUE(cache->doubt(e, now - seconds(29), now)) << "another worker asked long ago";
    EXPECT_TRUE(cache->should_ask(e, now));
}

TEST_F(NameCacheTest, WhatDnsCannotMendIsNotDoubtedAgainAtOnce) {
    sized(4);
    const NameEntryIndex e = answered(found("a.example", minutes(5), {"192.0.2.1"}));
    now += seconds(2);
    ASSERT_TRUE(cache->doubt(e, now, now));
    ASSERT_TRUE(cache->should_ask(e, now));
    cache->store(answer("a.example", AnswerStatus::Failed, seconds(5)), now, kGrace);
    EXPECT_FALSE(cache->doubt(e, now + seconds(4), now + seconds(4)));
    now += seconds(5);
    EXPECT_TRUE(cache->doubt(e, now, now));
    NameAnswer stale = found("a.example", seconds(30), {"192.0.2.1"});
    stale.stale = true;
    stale.age = minutes(6);
    cache->store(stale, now, kGrace);
    EXPECT_FALSE(cache->doubt(e, now, now));
}

TEST_F(NameCacheTest, WhatOtherServersSaidBindsNothingNew) {
    sized(4);
    const NameEntryIndex e = answered(found("a.example", minutes(5), {"192.0.2.1", "192.0.2.2"}));
    cache->use_servers(7);
    EXPECT_EQ(cache->state(e, now), NameState::Expired);
    EXPECT_FALSE(has(e, "192.0.2.1"));
    EXPECT_TRUE(cache->had_address(e, ip("192.0.2.1"), now)) << "for a session that is there";
    EXPECT_TRUE(cache->should_ask(e, now));
    // What was on its way does not count, and the question is put again.
    EXPECT_EQ(cache->store(found("a.example", minutes(5), {"192.0.2.1"}), now, kGrace), kNoIndex);
    EXPECT_EQ(cache->state(e, now), NameState::Expired);
    EXPECT_TRUE(cache->should_ask(e, now));
    NameAnswer anew = found("a.example", minutes(5), {"192.0.2.2", "192.0.2.3"});
    anew.servers = 7;
    EXPECT_EQ(cache->store(anew, now, kGrace), e);
    EXPECT_EQ(cache->state(e, now), NameState::Found);
    EXPECT_FALSE(has(e, "192.0.2.1"));
    EXPECT_TRUE(has(e, "192.0.2.2")) << "the new ones have it as well";
    EXPECT_TRUE(has(e, "192.0.2.3"));
    EXPECT_TRUE(cache->had_address(e, ip("192.0.2.1"), now));
    anew.addresses[0] = ip("192.0.2.4");
    cache->store(anew, now, kGrace);
    EXPECT_FALSE(has(e, "192.0.2.1")) << "whatever comes after";
    EXPECT_TRUE(has(e, "192.0.2.2"));
    EXPECT_FALSE(cache->had_address(e, ip("192.0.2.1"), now + minutes(5) + kGrace));
}

TEST_F(NameCacheTest, AFailureOfTheFormerServersDoesNotKeepFromAskingTheNewOnes) {
    sized(4);
    const NameEntryIndex e = answered(found("a.example", seconds(80), {"192.0.2.1"}));
    now += seconds(71);
    ASSERT_TRUE(cache->should_ask(e, now));
    cache->store(answer("a.example", AnswerStatus::Failed, seconds(5)), now, kGrace);
    EXPECT_FALSE(cache->should_ask(e, now));
    cache->use_servers(7);
    EXPECT_TRUE(cache->should_ask(e, now));
}

TEST_F(NameCacheTest, AnAnswerThatNobodyAskedForIsNotKept) {
    sized(4);
    EXPECT_EQ(cache->store(found("a.example", seconds(60), {"192.0.2.1"}), now, kGrace), kNoIndex);
    EXPECT_EQ(cache->find("a.example"), kNoIndex);
    EXPECT_EQ(cache->in_use(), 0U);
}

TEST_F(NameCacheTest, TheLeastRecentlyUsedMakesRoom) {
    sized(3);
    const NameEntryIndex a = answered(found("a.example", seconds(60), {"192.0.2.1"}));
    cache->find_or_make("b.example");
    cache->find_or_make("c.example");
    cache->find_or_make("a.example");
    cache->find_or_make("d.example");  // in the place of b
    EXPECT_EQ(cache->find("b.example"), kNoIndex);
    EXPECT_EQ(cache->find("a.example"), a);
    cache->next_turn(cache->find("c.example"));
    cache->find_or_make("e.example");  // in the place of a
    EXPECT_EQ(cache->find("a.example"), kNoIndex);
    EXPECT_NE(cache->find("c.example"), kNoIndex);
    EXPECT_EQ(cache->in_use(), 3U);
    // Nothing of the one before is left in a place that is taken again.
    const NameEntryIndex e = cache->find("e.example");
    EXPECT_EQ(cache->state(e, now), NameState::Asked);
    EXPECT_FALSE(has(e, "192.0.2.1"));
}

TEST_F(NameCacheTest, EntriesWithWaitingSessionsStay) {
    sized(2);
    const NameEntryIndex a = cache->find_or_make("a.example");
    const NameEntryIndex b = cache->find_or_make("b.example");
    EXPECT_EQ(cache->waiting(a), kNoIndex);
    cache->waiting(a) = 7;
    const NameEntryIndex c = cache->find_or_make("c.example");
    EXPECT_EQ(c, b);
    EXPECT_EQ(cache->find("a.example"), a);
    EXPECT_EQ(cache->waiting(a), 7U);
    cache->waiting(c) = 8;
    EXPECT_EQ(cache->find_or_make("d.example"), kNoIndex);
    EXPECT_EQ(cache->find("d.example"), kNoIndex);
    cache->waiting(a) = kNoIndex;
    EXPECT_EQ(cache->find_or_make("d.example"), a);
    EXPECT_EQ(cache->waiting(a), kNoIndex);
}

TEST_F(NameCacheTest, CountsTurns) {
    sized(2);
    const NameEntryIndex e = cache->find_or_make("a.example");
    EXPECT_EQ(cache->next_turn(e), 0U);
    EXPECT_EQ(cache->next_turn(e), 1U);
}

// Every entry is found again under its own name while many others come and go.
TEST_F(NameCacheTest, KeepsItsBucketsInOrder) {
    sized(64);
    const auto name = [](int i) { return "n" + std::to_string(i) + ".example"; };
    for (int i = 0; i < 10'000; ++i) {
        const NameEntryIndex e = cache->find_or_make(name(i));
        ASSERT_NE(e, kNoIndex);
        for (int j = std::max(0, i - 63); j <= i; ++j) ASSERT_NE(cache->find(name(j)), kNoIndex);
        if (i >= 64) {
            ASSERT_EQ(cache->find(name(i - 64)), kNoIndex);
        }
    }
    EXPECT_EQ(cache->in_use(), 64U);
}

TEST_F(NameCacheTest, TakesNamesOfFullLength) {
    sized(2);
    const std::string name(kNameMax, 'x');
    const NameEntryIndex e = cache->find_or_make(name);
    EXPECT_EQ(cache->name(e), name);
    EXPECT_EQ(cache->find(name), e);
}

}  // namespace
}  // namespace sallyport::dp
