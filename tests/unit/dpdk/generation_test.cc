// SPDX-License-Identifier: Apache-2.0
#include "dataplane/dpdk/generation.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

namespace sallyport::dp {
namespace {

std::unique_ptr<const Generation> generation(std::uint64_t id) {
    auto g = std::make_unique<Generation>();
    g->id = id;
    return g;
}

TEST(PublishedGeneration, IsFreedOnlyAfterEveryWorkerPassedABoundary) {
    PublishedGeneration published(generation(1), 2);
    published.join(0);
    published.join(1);
    const Generation& read = published.current();
    published.publish(generation(2));
    published.reclaim();
    EXPECT_EQ(published.retired_count(), 1U);
    EXPECT_EQ(read.id, 1U);  // still there for the worker that reads it
    EXPECT_EQ(published.current().id, 2U);
    published.quiescent(0);
    published.reclaim();
    EXPECT_EQ(published.retired_count(), 1U);
    published.quiescent(1);
    published.reclaim();
    EXPECT_EQ(published.retired_count(), 0U);
}

TEST(PublishedGeneration, DoesNotWaitForAWorkerThatLeft) {
    PublishedGeneration published(generation(1), 2);
    published.join(0);
    published.join(1);
    published.leave(1);
    published.publish(generation(2));
    published.quiescent(0);
    published.reclaim();
    EXPECT_EQ(published.retired_count(), 0U);
    EXPECT_EQ(published.present()->id, 2U);
}

TEST(PublishedGeneration, IsWholeForAReaderWhileManyArePublished) {
    PublishedGeneration published(generation(1), 1);
    std::atomic<bool> stop = false, mixed = false;
    published.join(0);
    std::thread worker([&] {
        std::uint64_t last = 0;
        while (!stop) {
            const Generation& g = published.current();
            if (g.id < last || g.settings.hello_bytes != 16 * 1024) mixed = true;
            last = g.id;
            published.quiescent(0);
        }
        published.leave(0);
    });
    for (std::uint64_t id = 2; id < 500; ++id) {
        published.publish(generation(id));
        published.reclaim();
    }
    stop = true;
    worker.join();
    published.reclaim();
    EXPECT_FALSE(mixed);
    EXPECT_EQ(published.retired_count(), 0U);
}

}  // namespace
}  // namespace sallyport::dp
