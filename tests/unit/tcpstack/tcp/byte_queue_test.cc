// SPDX-License-Identifier: Apache-2.0
#include "tcpstack/tcp/byte_queue.h"

#include <gtest/gtest.h>

#include <string>

#include "tcpstack/base/rng.h"
#include "tests/support/tcp_peer.h"

namespace sallyport::tcp {
namespace {

using test::octets_of;
using test::TestPool;

std::string text_of(const ByteQueue& queue, const ChunkPool& pool, std::uint64_t from,
                    std::uint64_t to) {
    std::string out(to - from, '\0');
    queue.read(pool, from, {reinterpret_cast<std::uint8_t*>(out.data()), out.size()});
    return out;
}

TEST(ByteQueue, HoldsNoChunkWhenEmpty) {
    TestPool pool(4);
    ByteQueue q;
    ASSERT_TRUE(q.append(*pool, octets_of("hello")));
    EXPECT_EQ(q.chunks_held(), 1U);
    q.release(*pool, 5);
    EXPECT_TRUE(q.empty());
    EXPECT_EQ(q.chunks_held(), 0U);
    EXPECT_EQ(pool->in_use(), 0U);
    ASSERT_TRUE(q.append(*pool, octets_of("again")));
    EXPECT_EQ(text_of(q, *pool, 5, 10), "again");
    q.clear(*pool);
    EXPECT_EQ(pool->in_use(), 0U);
    EXPECT_EQ(q.begin(), 10U);
}

TEST(ByteQueue, KeepsWhatLiesAheadWhenAllElseIsReleased) {
    TestPool pool(4);
    ByteQueue q;
    ASSERT_TRUE(q.append(*pool, octets_of("ab")));
    ASSERT_TRUE(q.write(*pool, 5, octets_of("fg")));
    q.release(*pool, 2);
    EXPECT_TRUE(q.empty());
    EXPECT_EQ(q.chunks_held(), 1U);
    ASSERT_TRUE(q.write(*pool, 2, octets_of("cde")));
    q.extend(7);
    EXPECT_EQ(text_of(q, *pool, 2, 7), "cdefg");
    q.clear(*pool);
    EXPECT_EQ(pool->in_use(), 0U);
}

// The longest queue, read and written at random places far apart, over many times its length.
TEST(ByteQueue, FindsEveryPlaceOfALongQueue) {
    constexpr std::uint64_t kLong = ByteQueue::kOctetsMax - kChunkOctets;
    TestPool pool(static_cast<std::uint32_t>(ByteQueue::kOctetsMax / kChunkOctets));
    ByteQueue q;
    Rng rng(5);
    const auto octet_at = [](std::uint64_t at) { return static_cast<char>(at / 1000 * 31 + at / 77); };
    const auto octets_at = [&](std::uint64_t at, std::uint32_t n) {
        std::string out(n, '\0');
        for (std::uint32_t i = 0; i < n; ++i) out[i] = octet_at(at + i);
        return out;
    };
    for (int round = 0; round < 12; ++round) {
        const std::uint64_t begin = q.begin(), end = begin + kLong;
        ASSERT_TRUE(q.write(*pool, end - 900, octets_of(octets_at(end - 900, 900))));
        for (std::uint64_t at = q.end(); at < end; at += 50'000) {
            const auto n = static_cast<std::uint32_t>(std::min<std::uint64_t>(50'000, end - at));
            ASSERT_TRUE(q.write(*pool, at, octets_of(octets_at(at, n))));
        }
        q.extend(end);
        for (int i = 0; i < 500; ++i) {
            const std::uint64_t at = begin + rng.below(static_cast<std::uint32_t>(kLong - 3000));
            ASSERT_EQ(text_of(q, *pool, at, at + 3000), octets_at(at, 3000));
        }
        q.release(*pool, begin + rng.below(static_cast<std::uint32_t>(kLong)));
    }
    q.clear(*pool);
    EXPECT_EQ(pool->in_use(), 0U);
}

TEST(ByteQueue, IsNeverLongerThanItsMarksReach) {
    TestPool pool(static_cast<std::uint32_t>(ByteQueue::kOctetsMax / kChunkOctets) + 10);
    ByteQueue q;
    EXPECT_TRUE(q.write(*pool, ByteQueue::kOctetsMax - 1, octets_of("x")));
    EXPECT_FALSE(q.write(*pool, ByteQueue::kOctetsMax, octets_of("y")));
    q.clear(*pool);
    EXPECT_EQ(pool->in_use(), 0U);
}

TEST(ByteQueue, StoresNothingWhenThePoolLacksChunks) {
    TestPool pool(3);
    ByteQueue q, other;
    ASSERT_TRUE(other.append(*pool, octets_of("x")));
    EXPECT_FALSE(q.append(*pool, octets_of(std::string(3 * kChunkOctets, 'y'))));
    EXPECT_EQ(pool->in_use(), 1U);
    EXPECT_TRUE(q.empty());
    EXPECT_FALSE(q.write(*pool, 3 * kChunkOctets, octets_of("z")));
    EXPECT_TRUE(q.append(*pool, octets_of(std::string(2 * kChunkOctets, 'y'))));
    q.clear(*pool);
    other.clear(*pool);
    EXPECT_EQ(pool->in_use(), 0U);
}

TEST(ByteQueue, StaysInOneChunkForAPiece) {
    TestPool pool(4);
    ByteQueue q;
    ASSERT_TRUE(q.append(*pool, octets_of(std::string(kChunkOctets + 10, 'p'))));
    EXPECT_EQ(q.piece(*pool, 8, q.end()).size(), kChunkOctets - 8);
    EXPECT_EQ(q.piece(*pool, kChunkOctets, q.end()).size(), 10U);
    EXPECT_EQ(q.piece(*pool, 8, 9).size(), 1U);
    EXPECT_TRUE(q.piece(*pool, q.end(), q.end()).empty());
    q.clear(*pool);
}

// The whole stream as a string, with a mark for each octet that has been written.
class Model {
   public:
    explicit Model(std::uint64_t seed) : rng_(seed), stream_(kStream, '\0') {
        for (char& c : stream_) c = static_cast<char>(rng_.next());
        written_.resize(kStream);
    }

    void step() {
        switch (rng_.below(6)) {
            case 0:
            case 1: append(); break;
            case 2: write_ahead(); break;
            case 3: extend(); break;
            case 4: release(); break;
            default: compare(); break;
        }
        ASSERT_EQ(q_.chunks_held(), pool_->in_use());
        // Never more than the chunks that the octets in question touch.
        const std::uint64_t highest = std::max(q_.end(), highest_);
        if (q_.begin() == highest) {
            ASSERT_EQ(q_.chunks_held(), 0U);
        }
        ASSERT_LE(q_.chunks_held(), (highest - q_.begin() + kChunkOctets - 1) / kChunkOctets + 1);
    }
    void end() {
        q_.clear(*pool_);
        ASSERT_EQ(pool_->in_use(), 0U);
    }

   private:
    static constexpr std::uint32_t kStream = 200'000;

    bool write(std::uint64_t at, std::uint32_t n) {
        const bool ok = q_.write(*pool_, at, octets_of(std::string_view(stream_).substr(at, n)));
        if (!ok) return false;
        for (std::uint32_t i = 0; i < n; ++i) written_[at + i] = true;
        if (n > 0) highest_ = std::max(highest_, at + n);
        return true;
    }
    void append() {
        const auto n = static_cast<std::uint32_t>(
            std::min<std::uint64_t>(rng_.below(3000), kStream - q_.end()));
        if (write(q_.end(), n)) q_.extend(q_.end() + n);
    }
    void write_ahead() {
        const std::uint64_t at = q_.end() + rng_.below(6000);
        const std::uint32_t n = rng_.below(2000);
        if (at + n < kStream) write(at, n);
    }
    void extend() {
        std::uint64_t to = q_.end();
        while (to < kStream && written_[to]) ++to;
        q_.extend(to);
    }
    void release() {
        const auto size = static_cast<std::uint32_t>(q_.size());
        q_.release(*pool_, q_.begin() + (rng_.below(2) == 0 ? size : rng_.below(size + 1)));
    }
    void compare() {
        const auto size = static_cast<std::uint32_t>(q_.size());
        const std::uint64_t from = q_.begin() + rng_.below(size + 1);
        const std::uint64_t to = from + rng_.below(static_cast<std::uint32_t>(q_.end() - from) + 1);
        std::string wanted = stream_.substr(from, to - from);
        ASSERT_TRUE(text_of(q_, *pool_, from, to) == wanted);
        ASSERT_TRUE(q_.same(*pool_, from, octets_of(wanted)));
        if (wanted.empty()) return;
        wanted[rng_.below(static_cast<std::uint32_t>(wanted.size()))] ^= 1;
        ASSERT_FALSE(q_.same(*pool_, from, octets_of(wanted)));
    }

    Rng rng_;
    TestPool pool_{12};
    ByteQueue q_;
    std::string stream_;
    std::vector<bool> written_;
    std::uint64_t highest_ = 0;
};

TEST(ByteQueue, AgreesWithAString) {
    for (std::uint64_t seed = 0; seed < 60; ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        Model model(seed);
        for (int i = 0; i < 600 && !HasFatalFailure(); ++i) model.step();
        model.end();
        if (HasFatalFailure()) return;
    }
}

}  // namespace
}  // namespace sallyport::tcp
