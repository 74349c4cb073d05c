// SPDX-License-Identifier: Apache-2.0
#include "dataplane/outbox.h"

#include "tests/unit/path/outbox_fixture.h"

namespace sallyport::dp {
namespace {

using OutboxTest = OutboxFixture;

TEST_F(OutboxTest, HandsOutItsStockAndThenCounts) {
    refill(2);
    Frame f;
    EXPECT_TRUE(outbox.take_empty(f));
    EXPECT_EQ(f.length, 0);
    EXPECT_GE(f.capacity, 1500);
    EXPECT_TRUE(outbox.take_empty(f));
    EXPECT_FALSE(outbox.take_empty(f));
    EXPECT_EQ(counters.of(Reason::NoBuffer), 1U);
}

TEST_F(OutboxTest, SentFrameLeavesByThePortThatIsNamed) {
    outbox.send(frame_of({1, 2}, kInsidePort), kOutsidePort);
    const auto frames = take_sent(kOutsidePort);
    ASSERT_EQ(frames.size(), 1U);
    EXPECT_EQ(frames[0].port, kOutsidePort);
    EXPECT_TRUE(take_sent(kInsidePort).empty());
}

TEST_F(OutboxTest, FullPortFreesAndCounts) {
    const Frame f = frame_of({1});
    for (std::size_t i = 0; i < Outbox::kFramesMax; ++i) outbox.send(f, kInsidePort);
    EXPECT_EQ(freed(), 0U);
    outbox.send(f, kInsidePort);
    EXPECT_EQ(freed(), 1U);
    EXPECT_EQ(counters.of(Reason::TxFull), 1U);
}

TEST_F(OutboxTest, DropFreesAndCountsTheReason) {
    outbox.drop(frame_of({1}), Reason::NoSession);
    EXPECT_EQ(freed(), 1U);
    EXPECT_EQ(counters.of(Reason::NoSession), 1U);
}

TEST_F(OutboxTest, HandOverRemembersTheOwnerAndNeverGrows) {
    const Frame f = frame_of({1});
    for (std::size_t i = 0; i < Outbox::kFramesMax; ++i) outbox.hand_over(f, 3);
    EXPECT_EQ(outbox.to_hand_over[0].owner, 3);
    outbox.hand_over(f, 3);
    EXPECT_EQ(freed(), 1U);
    EXPECT_EQ(counters.of(Reason::HandoverFull), 1U);
}

TEST_F(OutboxTest, RecordThatDoesNotFitIsCountedAsLost) {
    for (std::size_t i = 0; i < Outbox::kRecordsMax; ++i) outbox.log({});
    EXPECT_EQ(counters.log_records_lost.value(), 0U);
    outbox.log({});
    EXPECT_EQ(counters.log_records_lost.value(), 1U);
}

}  // namespace
}  // namespace sallyport::dp
