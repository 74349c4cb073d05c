// SPDX-License-Identifier: Apache-2.0
#include "dataplane/session/egress_port.h"

#include "dataplane/ownership.h"
#include "tcpstack/tcp/isn.h"

namespace sallyport::dp {
namespace {

// So many ports are passed over in the search for one whose return flow comes home by itself.
constexpr int kHomeTries = 32;

// Whether a public port may be used towards this server now.
bool is_free(Core& core, const FourTuple& key, PortUse use) {
    if (core.store.table(use.protocol).find(key) != kNoIndex) return false;
    if (use.protocol != RecordProtocol::Tcp) return true;  // nobody has a TIME-WAIT for it
    RestingPort* rest = core.store.resting.find(key, core.now);
    if (rest == nullptr) return true;
    // RFC 6191: sooner when both the timestamp and the sequence number go on from the last ones.
    const FourTuple ours = key.reversed();
    const SeqNum isn = tcp::initial_sequence(core.config.secrets.isn, ours, core.now);
    const TsVal clock =
        tcp::timestamp_clock(core.config.secrets.timestamp, ours.src, ours.dst, core.now);
    const bool fresh = use.timestamps && rest->timestamps && before(rest->ts_last, clock) &&
                       before(rest->snd_nxt, isn);
    if (fresh) core.store.resting.erase(key, *rest);
    return fresh;
}

// Whether the outside device will steer the server's packets to this worker by itself.
bool comes_home(const Core& core, const FourTuple& key) {
    if (core.config.worker_count == 1) return true;
    const RssKey& rss = core.config.rss[kOutsidePort];
    return rss.reta_size > 0 && rss_worker(rss, key, core.config) == core.config.worker;
}

std::optional<std::uint16_t> find_port(Core& core, FourTuple key, const EgressSet& egress,
                                       PortUse use) {
    const PortSlice slice = port_slice(egress.first_port, egress.last_port, core.config.worker,
                                       core.config.worker_count);
    const std::uint64_t destination = core.flow_hash(key);
    const bool worth = core.config.rss[kOutsidePort].reta_size > 0 && slice.size() > 2 * kHomeTries;
    int picky = worth ? kHomeTries : 0;
    return core.ports.find(slice, destination, [&](std::uint16_t port) {
        key.dst_port = {port};
        if (picky-- > 0 && !comes_home(core, key)) return false;
        return is_free(core, key, use);
    });
}

std::uint64_t weight_of(const IpAddr& address, SourceHash client) {
    const IpAddr::Words words = address.words();
    const std::uint64_t number = address.is_v4() ? address.v4().host() : words.high ^ words.low;
    return Rng(client ^ number).next();
}

// Highest random weight among the addresses of a family: when a set gains or loses one, only the
// clients of that one move.
std::size_t home_of(const EgressSet& egress, SourceHash client, Family family) {
    std::size_t best = 0;
    std::uint64_t highest = 0;
    for (std::size_t i = 0; i < egress.addresses.size(); ++i) {
        if (egress.addresses[i].family() != family) continue;
        const std::uint64_t weight = weight_of(egress.addresses[i], client);
        if (weight < highest) continue;
        best = i;
        highest = weight;
    }
    return best;
}

}  // namespace

bool choose_egress_port(Core& core, const EgressSet& egress, SourceHash client, PortUse use,
                        FourTuple& key) {
    const std::size_t n = egress.addresses.size();
    const std::size_t home = home_of(egress, client, key.src.family());
    for (std::size_t i = 0; i < n; ++i) {
        const IpAddr& address = egress.addresses[(home + i) % n];
        if (address.family() != key.src.family()) continue;
        key.dst = address;
        key.dst_port = {};
        const auto port = find_port(core, key, egress, use);
        if (!port) continue;
        key.dst_port = {*port};
        return true;
    }
    return false;
}

std::optional<IpAddr> home_address(const EgressSet& egress, SourceHash client, Family family) {
    if (egress.addresses.empty()) return std::nullopt;
    const IpAddr& home = egress.addresses[home_of(egress, client, family)];
    return home.family() == family ? std::optional(home) : std::nullopt;
}

void count_steering(Core& core, const FourTuple& key) {
    (comes_home(core, key) ? core.counters.ports_steered : core.counters.ports_handed).add(1);
}

}  // namespace sallyport::dp
