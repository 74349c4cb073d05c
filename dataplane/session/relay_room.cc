// SPDX-License-Identifier: Apache-2.0
#include "dataplane/session/relay_room.h"

#include <algorithm>

#include "dataplane/session/relay_legs.h"

namespace sallyport::dp {
namespace {

void release_acked(tcp::ChunkPool& pool, tcp::ByteQueue& queue, std::uint64_t acked) {
    if (queue.begin() < acked) queue.release(pool, acked);
}

// `in` fills the queue, `out` empties it.
void size_queue(RelayWay& way, tcp::Connection& in, const tcp::Connection& out, Instant now) {
    in.on_read(way.queue.begin(), now);
    const std::uint64_t wanted =
        std::min<std::uint64_t>(in.window_demand() + out.send_demand(), kRelayQueueMax);
    way.limit = std::max(way.limit, static_cast<std::uint32_t>(wanted));
}

// How many octets more a queue may take.
std::uint32_t room_for(const Core& core, const Relay& relay, const RelayWay& way) {
    const tcp::ChunkPool& pool = core.store.relay_chunks;
    const std::uint64_t left =
        static_cast<std::uint64_t>(pool.capacity() - pool.in_use()) * tcp::kChunkOctets;
    const std::uint64_t own = way.limit - std::min<std::uint64_t>(way.queue.size(), way.limit);
    const std::uint64_t room = std::min(own, left / 4);
    if (room <= kRelayQueueStart) return static_cast<std::uint32_t>(room);
    const std::uint64_t others = core.store.relay_promised - relay.promised;
    const std::uint64_t spare = left / 2 > others ? left / 2 - others : 0;
    return kRelayQueueStart +
           static_cast<std::uint32_t>(std::min(room - kRelayQueueStart, spare / 4));
}

std::uint64_t large_part(const tcp::Connection& leg) {
    return leg.promised() > kRelayQueueStart ? leg.promised() - kRelayQueueStart : 0;
}

void count_promises(Core& core, Relay& relay) {
    const std::uint64_t server = relay.server_open ? large_part(relay.server) : 0;
    const std::uint64_t promised = large_part(relay.client) + server;
    core.store.relay_promised += promised - relay.promised;
    relay.promised = promised;
}

void count_chunks(Core& core, SessionIndex s) {
    Relay& relay = relay_of(core, s);
    const std::uint32_t held =
        relay.to_server.queue.chunks_held() + relay.to_client.queue.chunks_held();
    const SourceHash source = core.store.sessions[s].source;
    SourceShares& shares = core.store.shares;
    if (held > relay.chunks_counted)
        shares.took(Resource::RelayChunks, source, held - relay.chunks_counted);
    else if (held < relay.chunks_counted)
        shares.gave_back(Resource::RelayChunks, source, relay.chunks_counted - held);
    relay.chunks_counted = held;
}

}  // namespace

void make_room(Core& core, SessionIndex s) {
    Relay& relay = relay_of(core, s);
    tcp::ChunkPool& pool = core.store.relay_chunks;
    release_acked(pool, relay.to_client.queue, relay.client.acked());
    if (relay.server_open) {
        release_acked(pool, relay.to_server.queue, relay.server.acked());
        size_queue(relay.to_server, relay.client, relay.server, core.now);
        size_queue(relay.to_client, relay.server, relay.client, core.now);
        relay.server.offer(room_for(core, relay, relay.to_client));
    }
    relay.client.offer(room_for(core, relay, relay.to_server));
    count_promises(core, relay);
    count_chunks(core, s);
}

void release_room(Core& core, SessionIndex s) {
    Relay& relay = relay_of(core, s);
    relay.to_server.queue.clear(core.store.relay_chunks);
    relay.to_client.queue.clear(core.store.relay_chunks);
    core.store.shares.gave_back(Resource::RelayChunks, core.store.sessions[s].source,
                                relay.chunks_counted);
    relay.chunks_counted = 0;
    core.store.relay_promised -= relay.promised;
    relay.promised = 0;
}

}  // namespace sallyport::dp
