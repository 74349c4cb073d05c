// SPDX-License-Identifier: Apache-2.0
// The server addresses that one session may be joined with, in the order in which they are tried.
// Frozen when the session is bound: what was decided is what is dialled, whatever DNS says later.
#pragma once
#include <cstdint>

#include "tcpstack/base/endpoint.h"
#include "tcpstack/base/fixed_vector.h"

namespace sallyport::dp {

class Candidates {
   public:
    static constexpr std::size_t kMax = 8;

    // What is wanted less has the greater rank; of equal ones the first that was added comes first.
    // When there are too many, those that are wanted least are left out.
    void add(const Endpoint& server, std::uint64_t rank) {
        std::size_t at = list_.size();
        while (at > 0 && rank < list_[at - 1].rank) --at;
        if (at == kMax) return;
        if (list_.full()) list_.erase(kMax - 1);
        (void)list_.insert(at, {server, rank});
    }
    // The same for one that may be among them already.
    void promote(const Endpoint& server, std::uint64_t rank) {
        for (std::size_t i = 0; i < list_.size(); ++i)
            if (list_[i].server == server) {
                list_.erase(i);
                break;
            }
        add(server, rank);
    }
    bool empty() const { return list_.empty(); }

    // The one that is tried now; null when none is left.
    const Endpoint* present() const {
        return tried_ < list_.size() ? &list_[tried_].server : nullptr;
    }
    bool has_next() const { return tried_ + 1U < list_.size(); }
    void skip() { ++tried_; }

   private:
    struct Item {
        Endpoint server;
        std::uint64_t rank = 0;
    };
    FixedVector<Item, kMax> list_;
    std::uint8_t tried_ = 0;
};

}  // namespace sallyport::dp
