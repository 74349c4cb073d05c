// SPDX-License-Identifier: Apache-2.0
// How Neighbors finds, makes and recycles entries: a chained hash table over a fixed array, and a
// list of the entries that nobody references, least recently released first.
#include <type_traits>

#include "dataplane/neighbors.h"
#include "tcpstack/base/check.h"

namespace sallyport::dp {
namespace {

struct Key {
    IpAddr ip;
    PortIndex port;
};
static_assert(std::has_unique_object_representations_v<Key>);

}  // namespace

NeighborIndex Neighbors::acquire(PortIndex port, const IpAddr& ip, Instant now) {
    NeighborIndex i = find(port, ip);
    if (i == kNoNeighbor) i = make(port, ip);
    if (i == kNoNeighbor) return i;
    Entry& e = entries_[i];
    if (e.references++ != 0) return i;
    idle_remove(i);
    // What nobody has confirmed for long is asked for anew rather than tried on a new session.
    if (has_mac(e.state) && now >= e.due) e.state = State::Unasked;
    return i;
}

void Neighbors::release(NeighborIndex index) {
    SP_ASSERT(entries_[index].references > 0);
    if (--entries_[index].references == 0) idle_push(index);
}

NeighborIndex* Neighbors::bucket_of(PortIndex port, const IpAddr& ip) const {
    return &buckets_[siphash_of(key_, Key{ip, port}) & bucket_mask_];
}

NeighborIndex Neighbors::find(PortIndex port, const IpAddr& ip) const {
    NeighborIndex i = *bucket_of(port, ip);
    while (i != kNoNeighbor && (entries_[i].ip != ip || entries_[i].port != port))
        i = entries_[i].next_in_bucket;
    return i;
}

// A new entry, in the idle list like every entry without references.
NeighborIndex Neighbors::make(PortIndex port, const IpAddr& ip) {
    const NeighborIndex i = used_ < capacity_ ? static_cast<NeighborIndex>(used_++) : recycle();
    if (i == kNoNeighbor) return i;
    NeighborIndex* bucket = bucket_of(port, ip);
    Entry& e = entries_[i];
    e = Entry{};
    e.port = port;
    e.ip = ip;
    e.next_in_bucket = *bucket;
    *bucket = i;
    idle_push(i);
    return i;
}

// The entry that was released longest ago and for which no frame waits; at most
// ParkingLot::kFramesMax are passed over.
NeighborIndex Neighbors::recycle() {
    NeighborIndex i = idle_.next;
    while (i != kNoNeighbor && entries_[i].waiting.length != 0) i = entries_[i].idle.next;
    if (i == kNoNeighbor) return i;
    idle_remove(i);
    unlink_from_bucket(i);
    return i;
}

void Neighbors::unlink_from_bucket(NeighborIndex index) {
    NeighborIndex* at = bucket_of(entries_[index].port, entries_[index].ip);
    while (*at != index) at = &entries_[*at].next_in_bucket;
    *at = entries_[index].next_in_bucket;
}

void Neighbors::idle_push(NeighborIndex index) {
    const NeighborIndex last = idle_.previous;
    entries_[index].idle = {last, kNoNeighbor};
    (last == kNoNeighbor ? idle_.next : entries_[last].idle.next) = index;
    idle_.previous = index;
}

void Neighbors::idle_remove(NeighborIndex index) {
    const Links links = entries_[index].idle;
    (links.previous == kNoNeighbor ? idle_.next : entries_[links.previous].idle.next) = links.next;
    (links.next == kNoNeighbor ? idle_.previous : entries_[links.next].idle.previous) =
        links.previous;
}

}  // namespace sallyport::dp
