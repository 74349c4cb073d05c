// SPDX-License-Identifier: Apache-2.0
#include "dataplane/session/icmp_errors.h"

#include <algorithm>

#include "dataplane/nat/translate_quote.h"
#include "dataplane/session/leg_errors.h"
#include "dataplane/session/tracking.h"

namespace sallyport::dp {
namespace {

// Of TCP, by the numbers of the side on which the error was met.
bool is_in_flight(const Core& core, SessionIndex s, Direction sent, const IcmpQuote& quote) {
    if (quote.protocol != RecordProtocol::Tcp) return true;
    const FlowRecord& flow = core.store.flow(s, sent);
    return !before(quote.seq, flow.there(flow.floor)) && before(quote.seq, flow.there(flow.high));
}

bool lies_inside(const Settings& settings, const IpAddr& address) {
    const auto holds = [&](const IpPrefix& network) { return network.contains(address); };
    return std::any_of(settings.inside.begin(), settings.inside.end(), holds) ||
           std::find(settings.own.begin(), settings.own.end(), address) != settings.own.end();
}

// Whoever sent the error, the outside sees the public address; a router outside stays itself. What
// leaves is the quoted headers only: the rest is what a client wrote, and nobody judged it.
void rewrite_outer(const FlowRecord& flow, Direction to, Packet& packet) {
    wire::Ipv4Header& ip = packet.view.ipv4();
    auto length = static_cast<std::uint16_t>(packet.view.length() - packet.view.l3_offset());
    if (to == Direction::ToServer) {
        ip.src = flow.rewrite.src;
        length = sizeof(wire::Ipv4Header) + sizeof(wire::IcmpHeader) + kQuoteMin;
    }
    ip.dst = flow.rewrite.dst;
    ip.ttl = static_cast<std::uint8_t>(ip.ttl - 1);
    ip.total_length.set(length);
    wire::set_checksum(ip);
    wire::IcmpHeader& icmp = packet.view.icmp();
    icmp.checksum.set(0);
    wire::Sum16 sum;
    sum.add_bytes({reinterpret_cast<const std::uint8_t*>(&icmp), length - sizeof ip});
    icmp.checksum.set(sum.checksum());
    packet.frame.length = static_cast<std::uint16_t>(packet.view.l3_offset() + length);
}

// An error goes to whoever sent the packet that it is about, from where that packet went.
Reason misdirection(const Core& core, Direction to, const Packet& packet, const IcmpQuote& quote) {
    const wire::Ipv4Header& ip = packet.view.ipv4();
    if (ip.dst != quote.key.src || packet.frame.port == port_towards(to)) return Reason::IcmpUnmatched;
    const bool lies = to == Direction::ToClient && lies_inside(core.settings(), ip.src);
    return lies ? Reason::SpoofedSource : Reason::None;
}

Reason hindrance(const Core& core, SessionIndex s, Direction to, const Packet& packet,
                 const IcmpQuote& quote) {
    if (!is_in_flight(core, s, opposite(to), quote)) return Reason::IcmpNotInFlight;
    if (packet.view.ipv4().ttl <= 1) return Reason::TtlExpired;
    const std::size_t octets = packet.view.length() - std::size_t{packet.view.l3_offset()};
    return octets > core.settings().ports[port_towards(to)].mtu ? Reason::ExceedsMtu : Reason::None;
}

}  // namespace

void on_icmp_error(Core& core, std::uint32_t record, Packet& packet) {
    const auto quote = read_quote(packet.view);
    if (!quote) return core.drop(packet, Reason::IcmpUnmatched);
    const SessionIndex s = SessionStore::session_of(record);
    const Direction to = SessionStore::direction_of(record);
    Reason reason = misdirection(core, to, packet, *quote);
    if (reason == Reason::None && is_of_own_leg(core, s, to, *quote))
        return on_leg_error(core, s, to, packet, *quote);
    if (reason == Reason::None) reason = hindrance(core, s, to, packet, *quote);
    if (reason != Reason::None) return core.drop(packet, reason);
    const FlowRecord& flow = core.store.records[record];
    translate_quote(flow, packet.view.payload());
    rewrite_outer(flow, to, packet);
    core.counters.icmp_errors_passed.add(1);
    packet.frame.port = port_towards(to);
    core.neighbors.send(packet.frame, flow.neighbor, core.now, core.outbox);
}

}  // namespace sallyport::dp
