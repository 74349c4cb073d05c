// SPDX-License-Identifier: Apache-2.0
// The configuration that is in force, as workers read it: one pointer, swapped by control. The old
// one is freed by control when every worker has said that it passed a burst boundary since.
#pragma once
#include <rte_rcu_qsbr.h>

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <vector>

#include "dataplane/policy/generation.h"

namespace sallyport::dp {

class PublishedGeneration {
   public:
    PublishedGeneration(std::shared_ptr<const Generation> first, unsigned workers);
    PublishedGeneration(const PublishedGeneration&) = delete;
    PublishedGeneration& operator=(const PublishedGeneration&) = delete;

    // For the worker with this index. A reference is good until its next quiescent() or leave().
    void join(unsigned worker);
    void leave(unsigned worker);
    const Generation& current() const { return *current_.load(std::memory_order_acquire); }
    void quiescent(unsigned worker) { rte_rcu_qsbr_quiescent(rcu_.get(), worker); }

    // For control, any thread; neither waits for a worker.
    void publish(std::shared_ptr<const Generation> next);
    void reclaim();  // lets go what no worker reads any more; to be called now and then
    std::shared_ptr<const Generation> present() const;
    std::size_t retired_count() const;

   private:
    struct Retired {
        std::uint64_t token = 0;
        std::shared_ptr<const Generation> generation;
    };
    struct FreeRcu {
        void operator()(rte_rcu_qsbr* rcu) const;
    };

    std::unique_ptr<rte_rcu_qsbr, FreeRcu> rcu_;
    std::atomic<const Generation*> current_;  // release by publish(), acquire by current()
    mutable std::mutex mutex_;                // control only: all below
    std::shared_ptr<const Generation> owner_;
    std::vector<Retired> retired_;
};

}  // namespace sallyport::dp
