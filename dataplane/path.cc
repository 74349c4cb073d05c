// SPDX-License-Identifier: Apache-2.0
#include "dataplane/path.h"

#include <algorithm>

#include "dataplane/classify.h"
#include "dataplane/path_storage.h"
#include "dataplane/session/dispatch.h"
#include "dataplane/session/ending.h"
#include "dataplane/session/gathering.h"
#include "dataplane/session/icmp_errors.h"
#include "dataplane/session/recheck.h"
#include "dataplane/session/records.h"
#include "dataplane/session/relay_legs.h"
#include "dataplane/session/relay_turn.h"
#include "dataplane/session/translated.h"
#include "dataplane/session/waiting.h"

namespace sallyport::dp {
namespace {

void hand_over(Core& core, const Routed& r) {
    core.outbox.hand_over(r.packet.frame, r.owner);
    for (const Frame& fragment : r.packet.later) core.outbox.hand_over(fragment, r.owner);
}

// One burst from the wire to the wire.
void take(Core& core, std::span<const Frame> burst, bool handed_over) {
    std::array<Routed, kBurstMax> routed;
    SP_ASSERT(burst.size() <= kBurstMax);
    for (std::size_t i = 0; i < burst.size(); ++i) {
        routed[i].packet.frame = burst[i];
        classify_headers(core, routed[i], handed_over);
    }
    for (std::size_t i = 0; i < burst.size(); ++i) {
        Routed& r = routed[i];
        if (r.way == Way::Listen) classify_flow(core, r);
        if (r.way == Way::Fragment && !gather(core, r)) continue;  // consumed
        switch (r.way) {
            case Way::Splice:   on_spliced(core, r.record, r.packet);                    break;
            case Way::Session:  on_setup(core, r.record, r.packet);                      break;
            case Way::Listen:   on_sessionless(core, r.packet);                          break;
            case Way::Translate: on_translated(core, r.record, r.packet);                break;
            case Way::IcmpError: on_icmp_error(core, r.record, r.packet);                break;
            case Way::Fragment: break;  // gather() has found another way
            case Way::Open:     on_unknown_flow(core, r.packet);                         break;
            case Way::Neighbor: on_neighbor(core, r.packet, handed_over);                break;
            case Way::Echo:     answer_ping(core, r.packet);                             break;
            case Way::Handover: hand_over(core, r);                                      break;
            case Way::Drop:     core.drop(r.packet, r.why);                              break;
        }
    }
    pump_relays(core);
}

void fire_deadlines(Core& core) {
    constexpr int kDeadlinesMax = 64;  // each may send a few segments
    constexpr std::uint32_t kSlotsMax = 1024;
    std::uint32_t slots = kSlotsMax;
    for (int i = 0; i < kDeadlinesMax; ++i) {
        if (!has_room_for_lines(core.outbox)) break;
        const SessionIndex s = core.store.wheel.next_due(core.now, slots);
        if (s == kNoIndex) break;
        on_deadline(core, s);
    }
}

void sweep_tables(Core& core) {
    constexpr std::size_t kSweep = 256;
    SessionStore& store = core.store;
    store.embryos.sweep(core.now, kSweep, [&](const FourTuple& client) {
        store.shares.gave_back(Resource::Embryos, core.source_hash(client.src));
        core.counters.embryos_expired.add(1);
    });
    store.tombstones.sweep(core.now, kSweep, [](const FourTuple&) {});
    store.resting.sweep(core.now, kSweep, [](const FourTuple&) {});
}

}  // namespace

void Path::Impl::begin(const Generation& generation, Instant now) {
    if (networks_of != generation.id || core.generation == nullptr) {
        networks_of = generation.id;
        for (PortIndex p = 0; p < kPortsMax; ++p)
            neighbors.use_networks(p, generation.settings.ports[p]);
        name_cache.use_servers(generation.settings.dns_servers);
    }
    core.generation = &generation;
    core.now = now;
}

// Late turns are made up for, so that tables are swept at the same pace under load.
bool Path::Impl::sweep_is_due() {
    constexpr Duration kPeriod = std::chrono::milliseconds(1);
    constexpr Duration kBehindMax = std::chrono::milliseconds(100);
    if (core.now < next_sweep) return false;
    next_sweep = std::max(next_sweep + kPeriod, core.now - kBehindMax);
    return true;
}

void Path::Impl::show_gauges() {
    counters.session_slots_used.set(store.sessions.in_use());
    counters.setups_in_use.set(store.setups.in_use());
    counters.hold_chunks_in_use.set(store.chunks.in_use());
    counters.embryos_in_use.set(store.embryos.in_use());
    counters.tombstones_in_use.set(store.tombstones.in_use());
    counters.relays_in_use.set(store.relays.in_use());
    counters.requests_in_use.set(store.requests.in_use());
    counters.names_in_use.set(name_cache.in_use());
    counters.sessions_resolving.set(store.resolving + store.woken.size());
    counters.relay_chunks_in_use.set(store.relay_chunks.in_use());
    counters.fragments_in_use.set(fragments.frames_in_use());
    counters.flows_translated.set(store.translated);
    counters.sessions_active.set(store.sessions.in_use() - store.closed.size());
}

void Path::run(std::span<const Frame> burst, const Generation& generation, Instant now) {
    impl_->begin(generation, now);
    take(impl_->core, burst, false);
}

void Path::run_handed_over(std::span<const Frame> burst, const Generation& generation,
                           Instant now) {
    impl_->begin(generation, now);
    take(impl_->core, burst, true);
}

void Path::advance(const Generation& generation, Instant now) {
    impl_->begin(generation, now);
    fire_deadlines(impl_->core);
    go_on_woken(impl_->core);
    pump_relays(impl_->core);
    if (impl_->sweep_is_due()) sweep_tables(impl_->core);
    impl_->core.neighbors.advance(now, impl_->outbox);
    impl_->fragments.advance(now, impl_->outbox);
    impl_->show_gauges();
}

void Path::on_answers(std::span<const NameAnswer> answers, const Generation& generation,
                      Instant now) {
    impl_->begin(generation, now);
    Core& core = impl_->core;
    for (const NameAnswer& answer : answers) {
        const NameEntryIndex entry =
            core.name_cache.store(answer, now, core.settings().answer_grace);
        (entry != kNoIndex ? core.counters.answers_taken : core.counters.answers_late).add(1);
        if (entry != kNoIndex) wake_waiting(core, entry);
    }
    go_on_woken(core);
    pump_relays(core);
}

void Path::announce(PortIndex port, const Generation& generation, Instant now) {
    impl_->begin(generation, now);
    impl_->core.neighbors.announce(port, generation.settings.ports[port], now, impl_->outbox);
}

bool Path::shut_down(const Generation& generation, Instant now) {
    impl_->begin(generation, now);
    for (std::uint32_t i = 0; i < impl_->store.sessions.capacity(); ++i) {
        if (!has_room_for_lines(impl_->outbox)) return false;
        if (impl_->store.sessions.is_taken(i))
            stop_session(impl_->core, i);
    }
    impl_->show_gauges();
    return true;
}

Outbox& Path::outbox() { return impl_->outbox; }
Counters& Path::counters() { return impl_->counters; }
const Counters& Path::counters() const { return impl_->counters; }
const AddressConflicts& Path::address_conflicts() const { return impl_->neighbors.conflicts(); }

bool Path::recheck(std::uint32_t& cursor, const Generation& generation, Instant now) {
    constexpr std::uint32_t kSlotsMax = 1024;
    impl_->begin(generation, now);
    Core& core = impl_->core;
    for (std::uint32_t looked = 0; looked < kSlotsMax; ++looked) {
        if (cursor == core.store.sessions.capacity()) break;
        if (!has_room_for_lines(core.outbox) || core.outbox.stock.size() < kStockReserve) break;
        const SessionIndex s = cursor++;
        if (core.store.sessions.is_taken(s)) recheck_session(core, s);
    }
    return cursor == core.store.sessions.capacity();
}

std::size_t Path::list_sessions(std::uint32_t& cursor, std::span<SessionRow> out,
                                Instant now) const {
    constexpr std::uint32_t kSlotsMax = 1024;
    const SessionStore& store = impl_->store;
    std::size_t rows = 0;
    for (std::uint32_t looked = 0; looked < kSlotsMax && rows < out.size(); ++looked) {
        if (cursor == store.sessions.capacity()) break;
        const SessionIndex s = cursor++;
        if (store.sessions.is_taken(s)) out[rows++] = row_of(store, s, impl_->config.worker, now);
    }
    if (cursor == store.sessions.capacity()) cursor = 0;
    return rows;
}

}  // namespace sallyport::dp
