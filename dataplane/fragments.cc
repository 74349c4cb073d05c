// SPDX-License-Identifier: Apache-2.0
#include "dataplane/fragments_memory.h"

#include <algorithm>

namespace sallyport::dp {

std::uint32_t FragmentStore::find(const DatagramKey& key) {
    std::uint32_t d = bucket(key);
    while (d != kNoIndex && datagrams_[d].key != key) d = datagrams_[d].next_in_bucket;
    return d;
}

std::uint32_t FragmentStore::make(const Fragment& fragment, SourceHash source, Instant now) {
    const std::uint32_t d = datagrams_.take();
    SP_ASSERT(d != kNoIndex);
    std::uint32_t& head = bucket(fragment.key);
    datagrams_[d] = {.key = fragment.key,
                     .source = source,
                     .deadline = now + kLife,
                     .next_in_bucket = head,
                     .age = {}};
    head = d;
    by_age_.push_back(d);
    return d;
}

// `before` becomes the piece behind which the fragment belongs; kNoIndex: before all.
FragmentStore::Fit FragmentStore::fit(const Datagram& d, const Fragment& f,
                                      std::uint32_t& before) const {
    const std::uint32_t end = std::uint32_t{f.offset} + f.length;
    std::uint32_t after = d.first;
    before = kNoIndex;
    while (after != kNoIndex && pieces_[after].end() <= f.offset) {
        before = after;
        after = pieces_[after].next;
    }
    if (after == kNoIndex || end <= pieces_[after].offset) return Fit::Fits;
    const Piece& there = pieces_[after];
    const bool copy = there.offset == f.offset && there.length == f.length &&
                      std::equal(f.frame.data + f.payload_at, f.frame.data + f.payload_at + f.length,
                                 there.frame.data + there.payload_at);
    return copy ? Fit::Copy : Fit::Overlap;
}

// The last fragment says where the datagram ends: no other may say otherwise, or lie behind it.
bool FragmentStore::contradicts_length(const Datagram& d, const Fragment& f) const {
    const std::uint32_t end = std::uint32_t{f.offset} + f.length;
    if (d.length != 0) return f.last ? end != d.length : end >= d.length;
    if (!f.last) return false;
    for (std::uint32_t p = d.first; p != kNoIndex; p = pieces_[p].next)
        if (pieces_[p].end() > f.offset) return true;
    return false;
}

void FragmentStore::insert(Datagram& d, const Fragment& f, std::uint32_t before) {
    const std::uint32_t p = pieces_.take();
    std::uint32_t& link = before == kNoIndex ? d.first : pieces_[before].next;
    pieces_[p] = {f.frame, f.payload_at, f.offset, f.length, link};
    link = p;
    ++d.count;
    d.octets += f.length;
    if (f.last) d.length = std::uint32_t{f.offset} + f.length;
    shares_.took(Resource::Fragments, d.source);
}

// The frames must have been given away.
void FragmentStore::forget(std::uint32_t datagram) {
    Datagram& d = datagrams_[datagram];
    shares_.gave_back(Resource::Fragments, d.source, d.count);
    for (std::uint32_t p = d.first; p != kNoIndex;) {
        const std::uint32_t next = pieces_[p].next;
        pieces_.give_back(p);
        p = next;
    }
    std::uint32_t* link = &bucket(d.key);
    while (*link != datagram) link = &datagrams_[*link].next_in_bucket;
    *link = d.next_in_bucket;
    by_age_.erase(datagram);
    datagrams_.give_back(datagram);
}

void FragmentStore::spoil(std::uint32_t datagram, Reason reason, Outbox& outbox) {
    for (std::uint32_t p = datagrams_[datagram].first; p != kNoIndex; p = pieces_[p].next)
        outbox.drop(pieces_[p].frame, reason);
    forget(datagram);
}

void FragmentStore::give_out(std::uint32_t datagram) {
    auto& whole = memory_->whole;
    whole.clear();
    for (std::uint32_t p = datagrams_[datagram].first; p != kNoIndex; p = pieces_[p].next)
        (void)whole.push_back(pieces_[p].frame);
    forget(datagram);
}

bool FragmentStore::add(const Fragment& f, SourceHash source, Instant now, Outbox& outbox) {
    if (!shares_.may_take(Resource::Fragments, source, pieces_.in_use(), pieces_.capacity())) {
        const bool full = pieces_.in_use() == pieces_.capacity();
        outbox.drop(f.frame, full ? Reason::FragmentTableFull : Reason::SourceShareFull);
        return false;
    }
    std::uint32_t d = find(f.key);
    if (d == kNoIndex) d = make(f, source, now);
    std::uint32_t before = kNoIndex;
    const Fit fits = fit(datagrams_[d], f, before);
    if (fits == Fit::Copy) return outbox.free(f.frame), false;
    const bool overlaps = fits == Fit::Overlap || contradicts_length(datagrams_[d], f);
    if (overlaps || datagrams_[d].count == kFramesOfOne) {
        const Reason reason = overlaps ? Reason::FragmentOverlap : Reason::FragmentTableFull;
        outbox.drop(f.frame, reason);
        spoil(d, reason, outbox);
        return false;
    }
    insert(datagrams_[d], f, before);
    if (datagrams_[d].octets != datagrams_[d].length) return false;
    give_out(d);
    return true;
}

std::span<const Frame> FragmentStore::whole() const {
    return memory_->whole.span();
}

void FragmentStore::advance(Instant now, Outbox& outbox) {
    constexpr int kAtOnce = 16;
    for (int i = 0; i < kAtOnce; ++i) {
        const std::uint32_t oldest = by_age_.front();
        if (oldest == kNoIndex || datagrams_[oldest].deadline > now) return;
        spoil(oldest, Reason::FragmentTimeout, outbox);
    }
}

}  // namespace sallyport::dp
