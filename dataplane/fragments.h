// SPDX-License-Identifier: Apache-2.0
// Fragments that wait until their datagram is whole (RFC 791 section 3.2, RFC 5722): nothing is
// decided about a part of one. One store per worker, for both families; fixed in size. Frames are kept
// as they came, in order of their offsets, and given out together.
//
// Bounds: kFramesMax frames in all, of which a source gets its share once they are three quarters used;
// kFramesOfOne in a datagram; kLife from its first fragment on. Two fragments that overlap spoil their
// datagram, exact copies do not.
#pragma once
#include <array>
#include <cstdint>
#include <memory>
#include <span>

#include "dataplane/outbox.h"
#include "dataplane/session/source_shares.h"
#include "tcpstack/base/fixed_vector.h"
#include "tcpstack/base/index_list.h"
#include "tcpstack/base/ip_addr.h"
#include "tcpstack/base/siphash.h"
#include "tcpstack/base/slab.h"
#include "tcpstack/base/time.h"

namespace sallyport::dp {

// What the fragments of one datagram have in common.
struct DatagramKey {
    IpAddr src, dst;
    std::uint32_t id = 0;
    std::uint8_t protocol = 0;
    PortIndex port = 0;
    std::uint16_t unused = 0;  // no padding: the key is hashed as memory
    friend bool operator==(const DatagramKey&, const DatagramKey&) = default;
};

struct Fragment {
    DatagramKey key;
    Frame frame;
    std::uint16_t payload_at = 0;  // where its part of the datagram begins in the frame
    std::uint16_t offset = 0;      // of that part in the datagram, in octets
    std::uint16_t length = 0;      // of it; not zero, and offset + length < 64 KiB
    bool last = false;
};

class FragmentStore {
   public:
    static constexpr std::uint32_t kFramesMax = 512;
    static constexpr std::uint32_t kFramesOfOne = 192;  // a full Ethernet frame in pieces of eight octets
    static constexpr Duration kLife = std::chrono::seconds(30);

    // All memory is taken here. `hash` keeps a remote from choosing keys that collide.
    FragmentStore(const SipKey& hash, SourceShares& shares);
    ~FragmentStore();
    FragmentStore(const FragmentStore&) = delete;
    FragmentStore& operator=(const FragmentStore&) = delete;

    std::uint64_t hash(const DatagramKey& key) const { return siphash_of(hash_, key); }

    // Consumes the frame: it waits, or is dropped with its reason (FragmentOverlap, FragmentTableFull
    // or SourceShareFull; of the first two with all that wait for it). True: it was the last one
    // missing, and whole() has them all, in order.
    bool add(const Fragment& fragment, SourceHash source, Instant now, Outbox& outbox);
    std::span<const Frame> whole() const;  // until the next add()
    // Drops what has waited too long (FragmentTimeout), a bounded number of datagrams a call.
    void advance(Instant now, Outbox& outbox);

    std::uint32_t frames_in_use() const { return pieces_.in_use(); }

   private:
    static constexpr std::size_t kBuckets = 256;

    struct Piece {
        Frame frame;
        std::uint16_t payload_at = 0, offset = 0, length = 0;
        std::uint32_t next = kNoIndex;  // by offset
        std::uint32_t end() const { return std::uint32_t{offset} + length; }
    };
    struct Datagram {
        DatagramKey key;
        SourceHash source = 0;
        Instant deadline{};
        std::uint32_t first = kNoIndex;  // its pieces
        std::uint32_t count = 0;
        std::uint32_t octets = 0;        // that have come
        std::uint32_t length = 0;        // of the whole; 0: the last fragment has not come
        std::uint32_t next_in_bucket = kNoIndex;
        ListLinks age;
    };
    enum class Fit : std::uint8_t { Fits, Copy, Overlap };
    struct Memory;

    std::uint32_t& bucket(const DatagramKey& key) { return buckets_[hash(key) % kBuckets]; }
    std::uint32_t find(const DatagramKey& key);
    std::uint32_t make(const Fragment& fragment, SourceHash source, Instant now);
    Fit fit(const Datagram& d, const Fragment& f, std::uint32_t& before) const;
    bool contradicts_length(const Datagram& d, const Fragment& f) const;
    void insert(Datagram& d, const Fragment& f, std::uint32_t before);
    void forget(std::uint32_t datagram);
    void spoil(std::uint32_t datagram, Reason reason, Outbox& outbox);
    void give_out(std::uint32_t datagram);

    SipKey hash_;
    SourceShares& shares_;
    std::unique_ptr<Memory> memory_;
    Slab<Piece> pieces_;
    Slab<Datagram> datagrams_;
    IndexList<Datagram, &Datagram::age> by_age_;
    std::array<std::uint32_t, kBuckets> buckets_;
};

}  // namespace sallyport::dp
