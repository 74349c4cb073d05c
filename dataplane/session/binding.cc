// SPDX-License-Identifier: Apache-2.0
#include "dataplane/session/binding.h"

#include <algorithm>

#include "dataplane/policy/client_choice.h"
#include "dataplane/resolve/asking.h"

namespace sallyport::dp {
namespace {

using policy::Balance;
using policy::Choice;
using policy::Destination;

constexpr std::uint64_t kResting = std::uint64_t{1} << 63;  // of a rank

std::uint64_t holder_of_turns(policy::RuleId rule, std::uint64_t what) {
    return Rng(std::uint64_t{rule} << 32 | what).next();
}

Port port_for(const Wanted& wanted, std::uint16_t of_endpoint) {
    if (of_endpoint != 0) return {of_endpoint};
    return wanted.upstream.port != 0 ? Port{wanted.upstream.port} : wanted.client.dst_port;
}

// Addresses that rest come behind all others; then the least loaded, where that is asked for; then
// in turn.
std::uint64_t rank_of(const Core& core, const Wanted& wanted, const Endpoint& server,
                      std::uint32_t turn) {
    const ServerHash hash = server_hash(core, server);
    const bool by_load = wanted.upstream.balance == Balance::LeastLoaded;
    const std::uint64_t load = by_load ? core.store.load.open(hash) : 0;
    return (core.store.health.rests(hash, core.now) ? kResting : 0) | load << 16 | turn;
}

// Which addresses count: those of the client's family that the gate can go to; else those of the other;
// else those to which there is no way, which says so when it is dialled.
enum class FamilyChoice : std::uint8_t { OwnFamily, OtherFamily, NoWay };

bool counts(const Core& core, const Wanted& wanted, const IpAddr& address, FamilyChoice choice) {
    const bool own = address.family() == wanted.client.dst.family();
    if (choice == FamilyChoice::NoWay) return own;
    return own == (choice == FamilyChoice::OwnFamily) &&
           has_way_out(core.settings(), wanted.egress, address);
}

// add(choice) adds those that count.
template <class Add>
void add_by_family(const Wanted& wanted, Candidates& candidates, Add&& add) {
    using enum FamilyChoice;
    for (const FamilyChoice choice : {OwnFamily, OtherFamily, NoWay}) {
        const bool crosses = choice == OtherFamily;
        if (crosses && wanted.upstream.cross_family == policy::CrossFamily::Deny) continue;
        add(choice);
        if (!candidates.empty()) return;
    }
}

Binding bind_original(const Wanted& wanted) {
    Binding out;
    const IpAddr& address = wanted.client.dst;
    if (policy::judge_choice(wanted.upstream, address, false) == Choice::Refuse)
        out.refused = Reason::DstMismatch;
    else
        out.candidates.add({address, port_for(wanted, 0)}, 0);
    return out;
}

// The endpoint that a turn falls on, by weight.
std::size_t endpoint_of_turn(const policy::Upstream& upstream, std::uint32_t turn) {
    const auto& endpoints = upstream.endpoints;
    std::uint32_t total = 0;
    for (const policy::Endpoint& e : endpoints) total += e.weight;
    if (total == endpoints.size()) return turn % total;
    std::uint32_t share = share_of_turn(turn, std::max(total, 1U));
    for (std::size_t i = 0; i < endpoints.size(); ++i) {
        if (share < endpoints[i].weight) return i;
        share -= endpoints[i].weight;
    }
    return 0;
}

Binding bind_static(Core& core, const Wanted& wanted) {
    Binding out;
    out.refused = Reason::NoFamily;
    out.redirected =
        policy::judge_choice(wanted.upstream, wanted.client.dst, false) == Choice::Redirect;
    const auto& endpoints = wanted.upstream.endpoints;
    if (endpoints.empty()) return out;
    const std::uint32_t turn = core.store.turns.next(holder_of_turns(wanted.rule, endpoints.size()));
    const std::size_t first = endpoint_of_turn(wanted.upstream, turn);
    add_by_family(wanted, out.candidates, [&](FamilyChoice choice) {
        for (std::uint32_t i = 0; i < endpoints.size(); ++i) {
            const policy::Endpoint& e = endpoints[(first + i) % endpoints.size()];
            if (!counts(core, wanted, e.address, choice)) continue;
            const Endpoint server{e.address, port_for(wanted, e.port)};
            out.candidates.add(server, rank_of(core, wanted, server, i));
        }
    });
    if (!out.candidates.empty()) out.refused = Reason::None;
    return out;
}

std::string_view name_to_resolve(const Wanted& wanted) {
    return wanted.upstream.resolve.empty() ? wanted.name : std::string_view(wanted.upstream.resolve);
}

Binding refused(Reason reason) {
    Binding out;
    out.refused = reason;
    return out;
}

// Whether DNS may be asked on account of this client.
bool may_ask(Core& core, const Wanted& wanted) {
    const std::uint32_t rate = core.share_of(core.settings().new_names_per_second);
    return core.limits.new_names.take(core.source_hash(wanted.client.src), rate, core.now);
}

Binding await_answer(Core& core, NameEntryIndex entry) {
    ask_if_due(core.name_cache, entry, core.config.worker, core.now, core.outbox);
    Binding out;
    out.awaits = entry;
    return out;
}

// The name is asked for, unless that is under way.
Binding ask_for(Core& core, const Wanted& wanted, NameEntryIndex entry) {
    if (entry != kNoIndex) return await_answer(core, entry);
    if (!may_ask(core, wanted)) return refused(Reason::DnsLimited);
    entry = core.name_cache.find_or_make(name_to_resolve(wanted));
    return entry == kNoIndex ? refused(Reason::NameCacheFull) : await_answer(core, entry);
}

// The client's address is none of those that are known; it may be one of a newer answer.
Binding ask_before_refusal(Core& core, const Wanted& wanted, NameEntryIndex entry) {
    const bool outdated = core.name_cache.doubt(entry, wanted.since, core.now);
    if (outdated && may_ask(core, wanted)) return await_answer(core, entry);
    return refused(Reason::DstMismatch);
}

// The addresses of the last answer, in turn.
void add_answer(Core& core, const Wanted& wanted, NameEntryIndex entry, Candidates& candidates) {
    const std::span<const IpAddr> addresses = core.name_cache.addresses(entry);
    const std::size_t first = core.name_cache.next_turn(entry) % addresses.size();
    add_by_family(wanted, candidates, [&](FamilyChoice choice) {
        for (std::uint32_t i = 0; i < addresses.size(); ++i) {
            const IpAddr& address = addresses[(first + i) % addresses.size()];
            if (!counts(core, wanted, address, choice)) continue;
            const Endpoint server{address, port_for(wanted, 0)};
            candidates.add(server, rank_of(core, wanted, server, i + 1));
        }
    });
}

// The client's own address comes first, unless it rests or there is no way to it.
void put_first(const Core& core, const Wanted& wanted, Candidates& candidates) {
    if (!candidates.empty() && !counts(core, wanted, wanted.client.dst, FamilyChoice::OwnFamily)) return;
    const Endpoint own{wanted.client.dst, port_for(wanted, 0)};
    const bool rests = core.store.health.rests(server_hash(core, own), core.now);
    candidates.promote(own, rests ? kResting : 0);
}

Binding bind_by_name(Core& core, const Wanted& wanted) {
    NameCache& cache = core.name_cache;
    const NameEntryIndex entry = cache.find(name_to_resolve(wanted));
    const NameState state = entry == kNoIndex ? NameState::Asked : cache.state(entry, core.now);
    const bool known = entry != kNoIndex && cache.has_address(entry, wanted.client.dst, core.now);
    const bool keeps = wanted.upstream.destination == Destination::Verified && known;
    if (state != NameState::Found && !keeps) {
        const bool answered = state == NameState::NotFound || state == NameState::Failed;
        return answered ? refused(Reason::DnsFailed) : ask_for(core, wanted, entry);
    }
    if (policy::judge_choice(wanted.upstream, wanted.client.dst, known) == Choice::Refuse)
        return ask_before_refusal(core, wanted, entry);
    ask_if_due(cache, entry, core.config.worker, core.now, core.outbox);
    const bool past = state != NameState::Found || cache.is_stale(entry);
    (past ? core.counters.answers_stale : core.counters.names_cached).add(1);
    Binding out;
    if (state == NameState::Found) add_answer(core, wanted, entry, out.candidates);
    if (keeps) put_first(core, wanted, out.candidates);
    out.redirected = !known;
    if (out.candidates.empty()) out.refused = Reason::NoFamily;
    return out;
}

// Without an answer that says otherwise, a server stays the name's.
bool is_of_name(const Core& core, const Wanted& wanted, const IpAddr& address) {
    const NameCache& cache = core.name_cache;
    const NameEntryIndex entry = cache.find(name_to_resolve(wanted));
    if (entry == kNoIndex || cache.state(entry, core.now) != NameState::Found) return true;
    return cache.had_address(entry, address, core.now);
}

bool is_bound_to(const Core& core, const Wanted& wanted, const Endpoint& server) {
    if (wanted.upstream.cross_family == policy::CrossFamily::Deny &&
        server.address.family() != wanted.client.dst.family())
        return false;
    const auto is_server = [&](const policy::Endpoint& e) {
        return server == Endpoint{e.address, port_for(wanted, e.port)};
    };
    switch (wanted.upstream.destination) {
        case Destination::Original:
            return server == Endpoint{wanted.client.dst, port_for(wanted, 0)} &&
                   policy::contains(wanted.upstream.networks, server.address);
        case Destination::Static:
            return std::ranges::any_of(wanted.upstream.endpoints, is_server);
        case Destination::Verified:
            if (wanted.upstream.on_mismatch == policy::OnMismatch::Deny &&
                server.address != wanted.client.dst)
                return false;
            break;
        case Destination::Resolved: break;
    }
    return server.port == port_for(wanted, 0) && is_of_name(core, wanted, server.address);
}

}  // namespace

ServerHash server_hash(const Core& core, const Endpoint& server) {
    return siphash_of(core.config.secrets.table, server) | 1;
}

Endpoint server_of(const SessionStore& store, SessionIndex s) {
    const FourTuple server = store.server(s);
    return {server.dst, server.dst_port};
}

Binding bind(Core& core, const Wanted& wanted) {
    switch (wanted.upstream.destination) {
        case Destination::Original: return bind_original(wanted);
        case Destination::Static: return bind_static(core, wanted);
        case Destination::Verified:
        case Destination::Resolved: return bind_by_name(core, wanted);
    }
    __builtin_unreachable();
}

bool is_bound(const Core& core, const policy::Verdict& verdict, std::string_view name,
              SessionIndex s) {
    const FourTuple client = core.store.client(s);
    const Endpoint server = server_of(core.store, s);
    return std::ranges::any_of(
        core.generation->policy.terms(verdict).upstreams, [&](const policy::Upstream& upstream) {
            return is_bound_to(core, {client, core.now, name, verdict.rule, verdict.egress, upstream}, server);
        });
}

std::uint8_t share_out(Core& core, policy::RuleId rule, const policy::Terms& terms) {
    const std::size_t n = terms.upstreams.size();
    if (n <= 1 || terms.total_weight == 0) return 0;
    std::uint32_t share =
        share_of_turn(core.store.turns.next(holder_of_turns(rule, 0)), terms.total_weight);
    for (std::size_t i = 0; i < n; ++i) {
        if (share < terms.upstreams[i].weight) return static_cast<std::uint8_t>(i);
        share -= terms.upstreams[i].weight;
    }
    return 0;
}

}  // namespace sallyport::dp
