// SPDX-License-Identifier: Apache-2.0
// Server addresses that did not answer lately. Each failure in a row doubles the time that an
// address rests, from one second to a minute; one that rests is tried only when no other is left.
// Fixed in size: a full bucket forgets the address whose rest ends first.
#pragma once
#include <algorithm>
#include <array>
#include <cstdint>

#include "tcpstack/base/time.h"

namespace sallyport::dp {

using ServerHash = std::uint64_t;  // keyed hash of a server's address and port

class AddressHealth {
   public:
    static constexpr Duration kFirstRest = std::chrono::seconds(1);
    static constexpr Duration kLongestRest = std::chrono::minutes(1);
    // A failure this long after the last rest is the first of a new row.
    static constexpr Duration kForgiven = std::chrono::minutes(2);

    void failed(ServerHash server, Instant now) {
        Entry& e = find_or_make(server);
        const bool in_a_row = e.server == server && now - e.rests_until < kForgiven;
        e.rest = in_a_row ? std::min(2 * e.rest, kLongestRest) : kFirstRest;
        e.server = server;
        e.rests_until = now + e.rest;
    }
    void answered(ServerHash server) {
        for (Entry& e : bucket(server))
            if (e.server == server) e = {};
    }
    bool rests(ServerHash server, Instant now) const {
        for (const Entry& e : buckets_[server % kBuckets])
            if (e.server == server) return now < e.rests_until;
        return false;
    }

   private:
    static constexpr std::size_t kBuckets = 256;
    struct Entry {
        ServerHash server = 0;
        Instant rests_until{};
        Duration rest{};
    };
    using Bucket = std::array<Entry, 4>;

    Bucket& bucket(ServerHash server) { return buckets_[server % kBuckets]; }
    Entry& find_or_make(ServerHash server) {
        Bucket& b = bucket(server);
        for (Entry& e : b)
            if (e.server == server) return e;
        return *std::min_element(b.begin(), b.end(), [](const Entry& x, const Entry& y) {
            return x.rests_until < y.rests_until;
        });
    }
    std::array<Bucket, kBuckets> buckets_{};
};

}  // namespace sallyport::dp
