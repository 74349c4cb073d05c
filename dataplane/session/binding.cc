// SPDX-License-Identifier: Apache-2.0
#include "dataplane/session/binding.h"

#include <algorithm>

namespace sallyport::dp {
namespace {

using policy::Balance;
using policy::Destination;

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
    constexpr std::uint64_t kResting = std::uint64_t{1} << 63;
    const ServerHash hash = server_hash(core, server);
    const bool by_load = wanted.upstream.balance == Balance::LeastLoaded;
    const std::uint64_t load = by_load ? core.store.load.open(hash) : 0;
    return (core.store.health.rests(hash, core.now) ? kResting : 0) | load << 16 | turn;
}

bool has_family(const Wanted& wanted, const IpAddr& address) {
    return address.family() == wanted.client.dst.family();
}

Binding bind_original(const Wanted& wanted) {
    Binding out;
    const IpAddr& address = wanted.client.dst;
    if (!policy::contains(wanted.upstream.networks, address)) {
        out.refused = Reason::DstMismatch;
        return out;
    }
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
    Binding out{.refused = Reason::NoFamily, .redirected = true, .candidates = {}};
    const auto& endpoints = wanted.upstream.endpoints;
    if (endpoints.empty()) return out;
    const std::uint32_t turn = core.store.turns.next(holder_of_turns(wanted.rule, endpoints.size()));
    const std::size_t first = endpoint_of_turn(wanted.upstream, turn);
    for (std::size_t i = 0; i < endpoints.size(); ++i) {
        const policy::Endpoint& e = endpoints[(first + i) % endpoints.size()];
        if (!has_family(wanted, e.address)) continue;
        const Endpoint server{e.address, port_for(wanted, e.port)};
        out.candidates.add(server, rank_of(core, wanted, server, static_cast<std::uint32_t>(i)));
        if (e.address == wanted.client.dst) out.redirected = false;
    }
    if (!out.candidates.empty()) out.refused = Reason::None;
    return out;
}

bool is_bound_to(const Core&, const Wanted& wanted, const Endpoint& server) {
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
        case Destination::Resolved: break;
    }
    return server.port == port_for(wanted, 0);
}

}  // namespace

ServerHash server_hash(const Core& core, const Endpoint& server) {
    return siphash_of(core.config.secrets.table, server) | 1;
}

Endpoint server_of(const SessionStore& store, SessionIndex s) {
    const FlowKey4& key = store.flow(s, Direction::ToClient).key;
    return {key.src, {key.src_port}};
}

Binding bind(Core& core, const Wanted& wanted) {
    switch (wanted.upstream.destination) {
        case Destination::Original: return bind_original(wanted);
        case Destination::Static: return bind_static(core, wanted);
        case Destination::Verified:
        case Destination::Resolved: break;
    }
    Binding out;
    out.candidates.add({wanted.client.dst, port_for(wanted, 0)}, 0);
    return out;
}

bool is_bound(const Core& core, const policy::Verdict& verdict, std::string_view name,
              SessionIndex s) {
    const FourTuple client = four_tuple(core.store.flow(s, Direction::ToServer).key);
    const Endpoint server = server_of(core.store, s);
    return std::ranges::any_of(
        core.generation->policy.terms(verdict).upstreams, [&](const policy::Upstream& upstream) {
            return is_bound_to(core, {client, name, verdict.rule, upstream}, server);
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
