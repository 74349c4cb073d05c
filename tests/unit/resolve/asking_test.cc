// SPDX-License-Identifier: Apache-2.0
#include "dataplane/resolve/asking.h"

#include <gtest/gtest.h>

#include <string>

namespace sallyport::dp {
namespace {

using std::chrono::seconds;

struct Asking : ::testing::Test {
    NameCacheStorage storage{256};
    NameCache cache{storage, SipKey{1, 2}};
    Counters counters;
    Outbox outbox{counters};
    Instant now{seconds(1000)};

    NameEntryIndex use(std::string_view name) {
        const NameEntryIndex e = cache.find_or_make(name);
        ask_if_due(cache, e, 3, now, outbox);
        return e;
    }
};

TEST_F(Asking, PutsOneQuestionHoweverManySessionsUseTheName) {
    for (int i = 0; i < 10; ++i) use("a.example");
    ASSERT_EQ(outbox.queries.size(), 1U);
    EXPECT_EQ(outbox.queries[0].name.view(), "a.example");
    EXPECT_EQ(outbox.queries[0].worker, 3);
    EXPECT_EQ(outbox.queries[0].freshness, Freshness::Valid);
    EXPECT_EQ(counters.names_asked.value(), 1U);
}

TEST_F(Asking, SaysWhenItWantsABetterAnswerThanItHas) {
    const NameEntryIndex e = use("a.example");
    outbox.queries.clear();
    NameAnswer answer;
    answer.name.set("a.example");
    answer.status = AnswerStatus::Found;
    answer.ttl = seconds(80);
    answer.addresses[answer.count++] = IpAddr(Ipv4Addr{{192, 0, 2, 1}});
    cache.store(answer, now, seconds(600));
    now += seconds(70);
    ask_if_due(cache, e, 3, now, outbox);
    EXPECT_TRUE(outbox.queries.empty());
    now += seconds(1);
    ask_if_due(cache, e, 3, now, outbox);
    ASSERT_EQ(outbox.queries.size(), 1U);
    EXPECT_EQ(outbox.queries[0].freshness, Freshness::NotEnding);
}

TEST_F(Asking, SaysWhenOnlyTheNewestWillDo) {
    const NameEntryIndex e = use("a.example");
    outbox.queries.clear();
    NameAnswer answer;
    answer.name.set("a.example");
    answer.status = AnswerStatus::Found;
    answer.ttl = seconds(80);
    answer.addresses[answer.count++] = IpAddr(Ipv4Addr{{192, 0, 2, 1}});
    cache.store(answer, now, seconds(600));
    now += seconds(1);
    ASSERT_TRUE(cache.doubt(e, now, now));
    ask_if_due(cache, e, 3, now, outbox);
    ASSERT_EQ(outbox.queries.size(), 1U);
    EXPECT_EQ(outbox.queries[0].freshness, Freshness::Newest);
}

TEST_F(Asking, AQuestionThatFindsNoRoomIsPutAgainLater) {
    for (std::size_t i = 0; i < Outbox::kQueriesMax; ++i) use("n" + std::to_string(i) + ".example");
    EXPECT_EQ(counters.queries_delayed.value(), 0U);
    const NameEntryIndex e = use("late.example");
    EXPECT_EQ(counters.queries_delayed.value(), 1U);
    outbox.queries.clear();
    ask_if_due(cache, e, 3, now, outbox);
    ASSERT_EQ(outbox.queries.size(), 1U);
    EXPECT_EQ(outbox.queries[0].name.view(), "late.example");
}

}  // namespace
}  // namespace sallyport::dp
