// SPDX-License-Identifier: Apache-2.0
// All sessions of one worker and every fixed pool that they live on. Sized at construction.
#pragma once
#include <cstdint>
#include <memory>
#include <vector>

#include "dataplane/nat/port_pool.h"
#include "dataplane/session/address_health.h"
#include "dataplane/session/flow_table.h"
#include "dataplane/session/limits.h"
#include "dataplane/session/relay.h"
#include "dataplane/session/server_load.h"
#include "dataplane/session/session.h"
#include "dataplane/session/upstream_use.h"
#include "dataplane/untouched.h"
#include "tcpstack/tcp/embryo.h"
#include "tcpstack/tcp/timer_wheel.h"

namespace sallyport::dp {

using Embryos = tcp::TwoFamilyTable<tcp::Embryo>;
using Tombstones = tcp::TwoFamilyTable<tcp::Tombstone>;
using RestingPorts = tcp::TwoFamilyTable<RestingPort>;

// Of each protocol, by RecordProtocol.
struct FlowBuckets {
    explicit FlowBuckets(std::size_t n) : v4(n), v6(n) {}
    std::vector<FlowBucket> v4;
    Untouched<FlowBucket> v6;
};

// The memory itself; allocated once (session_storage.cc).
struct SessionStorage {
    SessionStorage(std::uint32_t sessions, std::uint64_t hold_bytes, std::uint64_t relay_bytes);

    std::vector<Session> sessions;
    std::vector<std::uint32_t> session_links;
    std::vector<FlowRecord> records;
    Untouched<FlowAddresses6> addresses;
    FlowBuckets tcp_buckets, udp_buckets, icmp_buckets;
    std::vector<Setup> setups;
    std::vector<std::uint32_t> setup_links;
    std::vector<HoldChunk> chunks;
    std::vector<std::uint32_t> chunk_links;
    std::vector<NameChunk> names;
    std::vector<std::uint32_t> name_links;
    std::vector<SourceShares::Entry> shares;
    std::vector<tcp::TimerWheel::Node> timers;
    std::vector<Embryos::Entry4> embryos;
    Untouched<Embryos::Entry6> embryos6;
    std::vector<Tombstones::Entry4> tombstones;
    Untouched<Tombstones::Entry6> tombstones6;
    std::vector<RestingPorts::Entry4> resting;
    Untouched<RestingPorts::Entry6> resting6;
    std::vector<Limits::Entry> limits;
    Untouched<Relay> relays;
    std::vector<std::uint32_t> relay_links;
    Untouched<HttpRequest> requests;
    std::vector<std::uint32_t> request_links;
    Untouched<tcp::Chunk> relay_chunks;
    std::vector<std::uint32_t> relay_chunk_links;
    std::vector<tcp::ChunkId> relay_chunk_next;
};

class SessionStore {
   public:
    SessionStore(SessionStorage& storage, std::uint64_t hash_secret, std::uint32_t workers,
                 Instant start)
        : sessions(storage.sessions, storage.session_links),
          setups(storage.setups, storage.setup_links),
          chunks(storage.chunks, storage.chunk_links),
          names(storage.names, storage.name_links),
          shares(storage.shares),
          records(storage.records, storage.addresses),
          flows(storage.tcp_buckets.v4, storage.tcp_buckets.v6, records, FlowHash{hash_secret}),
          udp_flows(storage.udp_buckets.v4, storage.udp_buckets.v6, records, FlowHash{hash_secret}),
          icmp_flows(storage.icmp_buckets.v4, storage.icmp_buckets.v6, records,
                     FlowHash{hash_secret}),
          embryos(storage.embryos, storage.embryos6, FlowHash{hash_secret}),
          tombstones(storage.tombstones, storage.tombstones6, FlowHash{hash_secret}),
          resting(storage.resting, storage.resting6, FlowHash{hash_secret}),
          limits(storage.limits, workers),
          relays(storage.relays, storage.relay_links),
          requests(storage.requests, storage.request_links),
          relay_chunks(storage.relay_chunks, storage.relay_chunk_links, storage.relay_chunk_next),
          wheel(storage.timers, start),
          closed(sessions),
          due_relays(relays),
          woken(setups) {}

    Slab<Session> sessions;
    Slab<Setup> setups;
    HoldPool chunks;
    NamePool names;
    SourceShares shares;
    FlowRecords records;
    // Keys say no protocol, so each has tables of its own over the same records.
    FlowTables flows, udp_flows, icmp_flows;
    Embryos embryos;
    Tombstones tombstones;
    RestingPorts resting;
    Limits limits;
    Slab<Relay> relays;
    Slab<HttpRequest> requests;
    tcp::ChunkPool relay_chunks;
    std::uint64_t relay_promised = 0;  // octets of windows beyond what each relay may have at once
    tcp::TimerWheel wheel;
    IndexList<Session, &Session::closed> closed;  // oldest first
    IndexList<Relay, &Relay::due> due_relays;     // have something to do before the burst is over
    IndexList<Setup, &Setup::woken> woken;        // their answer has come
    std::uint32_t resolving = 0;                  // of the set-ups, those that wait for an answer
    std::uint64_t opened = 0;  // session ids given out
    std::uint32_t translated = 0;  // of the sessions, those that are flows of layer-4 rules
    AddressHealth health;
    ServerLoad load;
    Turns turns;
    UpstreamUse upstream_use;

    FlowTables& table(RecordProtocol protocol) {
        switch (protocol) {
            case RecordProtocol::Tcp: return flows;
            case RecordProtocol::Udp: return udp_flows;
            case RecordProtocol::Icmp: return icmp_flows;
        }
        __builtin_unreachable();
    }

    FlowRecord& flow(SessionIndex s, Direction d) { return records[record_number(s, d)]; }
    const FlowRecord& flow(SessionIndex s, Direction d) const {
        return records[record_number(s, d)];
    }
    FlowLines lines(SessionIndex s, Direction d) const {
        return records.lines(record_number(s, d));
    }
    // The client leg as the client writes it, and the server leg as the gate does.
    FourTuple client(SessionIndex s) const {
        return records.key(record_number(s, Direction::ToServer));
    }
    FourTuple server(SessionIndex s) const {
        return records.rewrite(record_number(s, Direction::ToServer));
    }
    void set_client(SessionIndex s, const FourTuple& client) {
        records.set_key(record_number(s, Direction::ToServer), client);
        records.set_rewrite(record_number(s, Direction::ToClient), client.reversed());
    }
    void set_server(SessionIndex s, const FourTuple& server) {
        records.set_rewrite(record_number(s, Direction::ToServer), server);
        records.set_key(record_number(s, Direction::ToClient), server.reversed());
    }
    // What the gate itself writes in a direction.
    FourTuple written(SessionIndex s, Direction to) const {
        return records.rewrite(record_number(s, to));
    }
    static std::uint32_t record_number(SessionIndex s, Direction d) {
        return 2 * s + (d == Direction::ToServer ? 0 : 1);
    }
    static SessionIndex session_of(std::uint32_t record) { return record / 2; }
    static Direction direction_of(std::uint32_t record) {
        return record % 2 == 0 ? Direction::ToServer : Direction::ToClient;
    }
};

}  // namespace sallyport::dp
