// SPDX-License-Identifier: Apache-2.0
// What is remembered of flows of either family, each family in a table of its own, so that an entry
// of IPv4 takes no room for the addresses of IPv6.
#pragma once
#include <span>

#include "tcpstack/base/flow_key.h"
#include "tcpstack/tcp/expiring_table.h"

namespace sallyport::tcp {

// An entry with the key that it is found by, as the sender of the packets writes it.
template <class State, class Address>
struct Keyed : State {
    FlowKey<Address> key;
};

// State has `CoarseTime deadline` (zero: free).
template <class State>
class TwoFamilyTable {
   public:
    using Entry4 = Keyed<State, Ipv4Addr>;
    using Entry6 = Keyed<State, Ipv6Addr>;

    // The numbers of entries are powers of two; all are free. They outlive the table.
    TwoFamilyTable(std::span<Entry4> v4, std::span<Entry6> v6, FlowHash hash)
        : v4_(v4), v6_(v6), hash_(hash) {}

    // As ExpiringTable has it.
    State* find(const FourTuple& key, Instant now) {
        return key.src.is_v4() ? find(v4_, flow_key4(key), now) : find(v6_, flow_key6(key), now);
    }
    // Writes a key that find() did not find. False: both buckets are full.
    bool add(const FourTuple& key, const State& state) {
        return key.src.is_v4() ? add(v4_, flow_key4(key), state) : add(v6_, flow_key6(key), state);
    }
    // The same in place of the entry of its buckets that expires first.
    void replace_oldest(const FourTuple& key, const State& state) {
        key.src.is_v4() ? replace_oldest(v4_, flow_key4(key), state)
                        : replace_oldest(v6_, flow_key6(key), state);
    }
    // What find() has found by the same key.
    void erase(const FourTuple& key, State& state) {
        key.src.is_v4() ? v4_.erase(static_cast<Entry4&>(state))
                        : v6_.erase(static_cast<Entry6&>(state));
    }
    // Looks at the next `budget` entries of each family; on_expired(FourTuple) for each that is freed.
    template <class OnExpired>
    void sweep(Instant now, std::size_t budget, OnExpired&& on_expired) {
        v4_.sweep(now, budget, [&](const Entry4& e) { on_expired(four_tuple(e.key)); });
        v6_.sweep(now, budget, [&](const Entry6& e) { on_expired(four_tuple(e.key)); });
    }

    std::size_t in_use() const { return v4_.in_use() + v6_.in_use(); }
    std::size_t in_use(Family family) const {
        return family == Family::V4 ? v4_.in_use() : v6_.in_use();
    }
    std::size_t capacity() const { return v4_.capacity(); }  // of each family

   private:
    template <class Entry, class Key>
    State* find(ExpiringTable<Entry>& table, const Key& key, Instant now) const {
        return table.find(key, hash_(key), now);
    }
    template <class Entry, class Key>
    bool add(ExpiringTable<Entry>& table, const Key& key, const State& state) const {
        Entry* place = table.place(hash_(key));
        if (place != nullptr) *place = {state, key};
        return place != nullptr;
    }
    template <class Entry, class Key>
    void replace_oldest(ExpiringTable<Entry>& table, const Key& key, const State& state) const {
        table.oldest(hash_(key)) = {state, key};
    }

    ExpiringTable<Entry4> v4_;
    ExpiringTable<Entry6> v6_;
    FlowHash hash_;
};

}  // namespace sallyport::tcp
