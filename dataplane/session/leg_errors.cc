// SPDX-License-Identifier: Apache-2.0
#include "dataplane/session/leg_errors.h"

#include <algorithm>
#include <array>

#include "dataplane/session/relay_legs.h"
#include "dataplane/session/relay_turn.h"
#include "dataplane/session/server_leg.h"

namespace sallyport::dp {
namespace {

// No path of IPv4 is believed to be narrower: segments of a few octets would cost more than they are
// worth. None of IPv6 can be (RFC 8201 section 4).
constexpr std::uint16_t kMtuMin4 = 552;

// Soft: of a router that cannot now, but may find a way. Other: nothing that a router says of a path.
enum class ErrorKind : std::uint8_t { TooBig, Hard, Soft, Other };

// RFC 1122 section 4.2.3.9, and the codes of RFC 1812 section 5.2.7.1 by which a router says that it
// will not, rather than that it cannot now.
ErrorKind kind4_of(const wire::IcmpHeader& icmp) {
    if (icmp.type != wire::kIcmpUnreachable) return ErrorKind::Other;
    switch (icmp.code) {
        case wire::kIcmpFragmentationNeeded: return ErrorKind::TooBig;
        case 2:   // protocol
        case 3:   // port
        case 9:   // network, prohibited
        case 10:  // host, prohibited
        case wire::kIcmpAdminProhibited: return ErrorKind::Hard;
        default: return ErrorKind::Soft;
    }
}

// RFC 5461 section 2, in the numbers of RFC 4443.
ErrorKind kind6_of(const wire::IcmpHeader& icmp) {
    if (icmp.type == wire::kIcmpv6PacketTooBig) return ErrorKind::TooBig;
    if (icmp.type != wire::kIcmpv6Unreachable) return ErrorKind::Other;
    switch (icmp.code) {
        case wire::kIcmpv6AdminProhibited:
        case 4:  // port
        case 5:  // source address failed policy
        case 6:  // route says: reject
            return ErrorKind::Hard;
        default: return ErrorKind::Soft;
    }
}

// Routers older than RFC 1191 name no MTU: the next of the common ones that is smaller (section 7.1).
std::uint16_t plateau_below(std::uint16_t length) {
    constexpr std::array<std::uint16_t, 7> kPlateaus{32000, 17914, 8166, 4352, 2002, 1492, 1006};
    for (const std::uint16_t mtu : kPlateaus)
        if (mtu < length) return mtu;
    return kMtuMin4;
}

// The largest segment that a router says it takes. Zero: it contradicts itself.
std::uint16_t mss_of_error(const wire::PacketView& error, const IcmpQuote& quote) {
    const std::uint32_t rest = error.icmp().rest.host();
    if (error.is_v6()) {
        constexpr std::uint16_t kHeaders = sizeof(wire::Ipv6Header) + sizeof(wire::TcpHeader);
        const bool possible = rest >= wire::kIpv6MtuMin && rest < quote.length;
        return possible ? static_cast<std::uint16_t>(rest - kHeaders) : std::uint16_t{0};
    }
    constexpr std::uint16_t kHeaders = sizeof(wire::Ipv4Header) + sizeof(wire::TcpHeader);
    const auto said = static_cast<std::uint16_t>(rest & 0xffff);
    const std::uint16_t mtu = said != 0 ? said : plateau_below(quote.length);
    if (mtu >= quote.length) return 0;
    return static_cast<std::uint16_t>(std::max(mtu, kMtuMin4) - kHeaders);
}

Reason on_connecting_error(Core& core, SessionIndex s, ErrorKind kind, const IcmpQuote& quote) {
    const Setup& setup = core.store.setups[core.store.sessions[s].setup];
    if (quote.seq != setup.leg.iss()) return Reason::IcmpNotInFlight;
    const bool believed = kind == ErrorKind::Hard ||
                          (kind == ErrorKind::Soft && setup.candidates.has_next());
    believed ? on_server_unreachable(core, s) : core.counters.icmp_errors_soft.add(1);
    return Reason::None;
}

// Of the held octets. The client never sent segments like ours.
Reason on_held_too_big(Core& core, SessionIndex s, std::uint16_t mss, const IcmpQuote& quote) {
    Setup& setup = core.store.setups[core.store.sessions[s].setup];
    if (!setup.leg.is_in_flight(quote.seq)) return Reason::IcmpNotInFlight;
    if (!setup.leg.lower_mss(mss, core.now)) return Reason::None;
    core.counters.mss_lowered.add(1);
    deliver(core, s);
    return Reason::None;
}

Reason on_relay_too_big(Core& core, SessionIndex s, Direction to, std::uint16_t mss,
                        const IcmpQuote& quote) {
    Relay& relay = relay_of(core, s);
    tcp::Connection& leg = to == Direction::ToClient ? relay.server : relay.client;
    if (!leg.is_in_flight(quote.seq)) return Reason::IcmpNotInFlight;
    if (!leg.lower_mss(mss, core.now)) return Reason::None;
    core.counters.mss_lowered.add(1);
    due_now(core, s);
    return Reason::None;
}

bool is_connecting(const Core& core, SessionIndex s) {
    const SetupIndex setup = core.store.sessions[s].setup;
    return setup != kNoIndex && core.store.setups[setup].stage == Stage::Connecting;
}

Reason take_error(Core& core, SessionIndex s, Direction to, const Packet& packet,
                  const IcmpQuote& quote) {
    const wire::IcmpHeader& icmp = packet.view.icmp();
    const ErrorKind kind = packet.view.is_v6() ? kind6_of(icmp) : kind4_of(icmp);
    if (to == Direction::ToClient && is_connecting(core, s))
        return on_connecting_error(core, s, kind, quote);
    if (kind != ErrorKind::TooBig) {
        core.counters.icmp_errors_soft.add(1);
        return Reason::None;
    }
    const std::uint16_t mss = mss_of_error(packet.view, quote);
    if (mss == 0) return Reason::IcmpNotInFlight;
    if (core.store.sessions[s].relay != kNoIndex) return on_relay_too_big(core, s, to, mss, quote);
    if (to == Direction::ToClient) return on_held_too_big(core, s, mss, quote);
    return Reason::IcmpNotInFlight;  // hold sends a client nothing that is large
}

}  // namespace

bool is_of_own_leg(const Core& core, SessionIndex s, Direction to, const IcmpQuote& quote) {
    const Session& session = core.store.sessions[s];
    if (session.relay != kNoIndex) return true;
    if (session.setup == kNoIndex) return false;
    const Setup& setup = core.store.setups[session.setup];
    switch (setup.stage) {
        case Stage::Undecided:
        case Stage::Resolving:
        case Stage::Connecting: return true;
        case Stage::Delivering:
        case Stage::AwaitingServer:
        case Stage::SecondHold:
            return to == Direction::ToClient && before(quote.seq, setup.leg.end());
    }
    __builtin_unreachable();
}

void on_leg_error(Core& core, SessionIndex s, Direction to, const Packet& packet,
                  const IcmpQuote& quote) {
    const Reason reason = take_error(core, s, to, packet, quote);
    reason == Reason::None ? core.free(packet) : core.drop(packet, reason);
}

}  // namespace sallyport::dp
