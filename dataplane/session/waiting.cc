// SPDX-License-Identifier: Apache-2.0
#include "dataplane/session/waiting.h"

#include "dataplane/resolve/asking.h"
#include "dataplane/session/ending.h"
#include "dataplane/session/relay_legs.h"
#include "dataplane/session/relay_turn.h"
#include "dataplane/session/server_leg.h"
#include "dataplane/session/server_search.h"

namespace sallyport::dp {
namespace {

// A question for which the resolver had no room is put again after this long.
constexpr Duration kAskAgain = std::chrono::milliseconds(100);

void link(Core& core, SetupIndex index, NameEntryIndex entry) {
    SetupIndex& head = core.name_cache.waiting(entry);
    Setup& setup = core.store.setups[index];
    setup.awaits = entry;
    setup.waiting = {.previous = kNoIndex, .next = head, .linked = true};
    if (head != kNoIndex) core.store.setups[head].waiting.previous = index;
    head = index;
    ++core.store.resolving;
}

void unlink(Core& core, SetupIndex index) {
    Setup& setup = core.store.setups[index];
    const ListLinks links = setup.waiting;
    SetupIndex& before_it = links.previous == kNoIndex
                                ? core.name_cache.waiting(setup.awaits)
                                : core.store.setups[links.previous].waiting.next;
    before_it = links.next;
    if (links.next != kNoIndex) core.store.setups[links.next].waiting.previous = links.previous;
    setup.waiting = {};
    setup.awaits = kNoIndex;
    --core.store.resolving;
}

}  // namespace

void wait_for_answer(Core& core, SessionIndex s, NameEntryIndex entry) {
    const SetupIndex index = core.store.sessions[s].setup;
    Setup& setup = core.store.setups[index];
    setup.stage = Stage::Resolving;
    if (setup.resolve_deadline == kNever)
        setup.resolve_deadline = core.now + core.settings().resolve_timeout;
    setup.ask_again_at = core.now + kAskAgain;
    link(core, index, entry);
    rearm(core, s);
}

void stop_waiting(Core& core, SessionIndex s) {
    const SetupIndex index = core.store.sessions[s].setup;
    if (core.store.setups[index].waiting.linked) unlink(core, index);
    core.store.woken.erase(index);
}

void wake_waiting(Core& core, NameEntryIndex entry) {
    while (core.name_cache.waiting(entry) != kNoIndex) {
        const SetupIndex index = core.name_cache.waiting(entry);
        unlink(core, index);
        core.store.woken.push_back(index);
    }
}

void go_on_woken(Core& core) {
    while (core.store.woken.front() != kNoIndex) {
        if (core.outbox.stock.size() <= kStockReserve || !has_room_for_lines(core.outbox)) return;
        const SetupIndex index = core.store.woken.front();
        core.store.woken.erase(index);
        const SessionIndex s = core.store.setups[index].session;
        seek_server(core, s, present_verdict(core, s));
    }
}

void on_resolve_deadline(Core& core, SessionIndex s) {
    Setup& setup = core.store.setups[core.store.sessions[s].setup];
    if (core.now >= setup.resolve_deadline) return fail_leg(core, s, Reason::DnsTimeout);
    setup.ask_again_at = core.now + kAskAgain;
    if (setup.awaits != kNoIndex)
        ask_if_due(core.name_cache, setup.awaits, core.config.worker, core.now, core.outbox);
    rearm(core, s);
}

}  // namespace sallyport::dp
