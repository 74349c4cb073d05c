// SPDX-License-Identifier: Apache-2.0
// The packets of a capture to one record for each session, in the order of their first packets.
// Memory is bounded: records leave as soon as all before them are final, and what is open beyond the
// bounds is judged with what there is.
#pragma once
#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <unordered_map>
#include <vector>

#include "tools/sallyctl/replay/fragments.h"
#include "tools/sallyctl/replay/link.h"
#include "tools/sallyctl/replay/record.h"
#include "tools/sallyctl/replay/tcp_session.h"

namespace sallyport::replay {

struct Totals {
    std::uint64_t packets = 0;
    std::uint64_t not_ip = 0;      // ARP and other frames without an IP packet
    std::uint64_t unreadable = 0;  // cut within a header, or contradicting itself
    std::uint64_t related = 0;     // ICMP that opens no session: errors, neighbour discovery
    std::uint64_t fragments_lost = 0;  // datagrams that never became whole
    std::uint64_t sessions = 0;
    std::uint64_t evicted = 0;  // of them, judged before their end for lack of memory
};

struct Bounds {
    std::size_t open = 200'000;                       // sessions without a final record
    std::size_t octets = std::size_t{256} << 20;      // that they hold
    std::size_t over = 200'000;                       // sessions remembered after their record
};

class Sessions {
   public:
    using Emit = std::function<void(const Record&)>;
    Sessions(const Judge& judge, Emit emit, Bounds bounds = {});
    ~Sessions();

    // The next packet of the capture. `frame` may be cut short by the capture.
    void add(LinkType link, Octets frame, Time time);
    // The capture is over.
    void end();
    const Totals& totals() const { return totals_; }

   private:
    struct Entry;
    struct KeyHash {
        std::size_t operator()(const FourTuple& key) const;
    };
    using Entries = std::list<Entry>;
    using Index = std::unordered_map<FourTuple, Entries::iterator, KeyHash>;
    // What is known of the packet that is being added.
    struct Packet {
        const IpPacket& ip;
        Time time;
    };

    void on_ip(const Packet& packet);
    void on_tcp(const Packet& packet);
    void on_udp(const Packet& packet);
    void on_icmp(const Packet& packet);
    void on_other(const Packet& packet);
    void add_flow(const Packet& packet, Transport transport, const FourTuple& key,
                  const FourTuple& client);
    Entry& open(Index& index, const FourTuple& key, const Packet& packet, const FourTuple& client);
    void start(Entry& entry, const FourTuple& client, std::uint32_t syn);
    void feed(Entry& entry, const FourTuple& sender, const TcpSegment& segment);
    void park(Entry& entry, const FourTuple& sender, const TcpSegment& segment);
    void finish(Entry& entry);
    void evict(Entry& entry);
    void count_held(Entry& entry);
    void keep_bounds();
    void emit_final();

    const Judge& judge_;
    Emit emit_;
    Bounds bounds_;
    Totals totals_;
    Fragments fragments_;
    Entries open_, over_;
    Index tcp_;
    std::unordered_map<std::uint8_t, Index> flows_;  // by IP protocol
    std::size_t held_ = 0;
};

}  // namespace sallyport::replay
