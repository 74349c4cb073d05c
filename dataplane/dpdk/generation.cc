// SPDX-License-Identifier: Apache-2.0
#include "dataplane/dpdk/generation.h"

#include <algorithm>
#include <cstdlib>
#include <iterator>

#include "tcpstack/base/check.h"

namespace sallyport::dp {

void PublishedGeneration::FreeRcu::operator()(rte_rcu_qsbr* rcu) const {
    std::free(rcu);
}

PublishedGeneration::PublishedGeneration(std::shared_ptr<const Generation> first, unsigned workers)
    : current_(first.get()), owner_(std::move(first)) {
    // The size is a multiple of the cache line, as aligned_alloc wants it.
    void* memory = std::aligned_alloc(RTE_CACHE_LINE_SIZE, rte_rcu_qsbr_get_memsize(workers));
    SP_CHECK(memory != nullptr);
    rcu_.reset(static_cast<rte_rcu_qsbr*>(memory));
    SP_CHECK(rte_rcu_qsbr_init(rcu_.get(), workers) == 0);
    for (unsigned worker = 0; worker < workers; ++worker)
        SP_CHECK(rte_rcu_qsbr_thread_register(rcu_.get(), worker) == 0);
}

void PublishedGeneration::join(unsigned worker) {
    rte_rcu_qsbr_thread_online(rcu_.get(), worker);
}

void PublishedGeneration::leave(unsigned worker) {
    rte_rcu_qsbr_thread_offline(rcu_.get(), worker);
}

void PublishedGeneration::publish(std::shared_ptr<const Generation> next) {
    const std::lock_guard lock(mutex_);
    current_.store(next.get(), std::memory_order_release);
    std::swap(owner_, next);
    retired_.push_back({rte_rcu_qsbr_start(rcu_.get()), std::move(next)});
}

// A large table takes a while to free, so that is done without the lock.
void PublishedGeneration::reclaim() {
    std::vector<Retired> unread;
    const std::lock_guard lock(mutex_);
    const auto read = std::partition(retired_.begin(), retired_.end(), [this](const Retired& r) {
        return rte_rcu_qsbr_check(rcu_.get(), r.token, false) != 1;
    });
    unread.assign(std::move_iterator(read), std::move_iterator(retired_.end()));
    retired_.erase(read, retired_.end());
}

std::shared_ptr<const Generation> PublishedGeneration::present() const {
    const std::lock_guard lock(mutex_);
    return owner_;
}

std::size_t PublishedGeneration::retired_count() const {
    const std::lock_guard lock(mutex_);
    return retired_.size();
}

}  // namespace sallyport::dp
