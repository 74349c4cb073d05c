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

void set_header(wire::Ipv4Header& ip, const IpAddr& src, const IpAddr& dst, std::size_t length) {
    ip.src = src.v4();
    ip.dst = dst.v4();
    ip.ttl = static_cast<std::uint8_t>(ip.ttl - 1);
    ip.total_length.set(static_cast<std::uint16_t>(sizeof ip + length));
    wire::set_checksum(ip);
}

void set_header(wire::Ipv6Header& ip, const IpAddr& src, const IpAddr& dst, std::size_t length) {
    ip.src = src.v6();
    ip.dst = dst.v6();
    ip.hop_limit = static_cast<std::uint8_t>(ip.hop_limit - 1);
    ip.payload_length.set(static_cast<std::uint16_t>(length));
}

// Over `length` octets from the ICMP header on.
void set_icmp_checksum(const wire::PacketView& view, std::size_t length) {
    wire::IcmpHeader& icmp = view.icmp();
    icmp.checksum.set(0);
    wire::Sum16 sum;
    if (view.is_v6())
        sum = wire::pseudo_header(view.source(), view.destination(), wire::kProtocolIcmpv6,
                                  static_cast<std::uint32_t>(length));
    sum.add_bytes({reinterpret_cast<const std::uint8_t*>(&icmp), length});
    icmp.checksum.set(sum.checksum());
}

// The IP header of the quoted packet and the eight octets behind it by which its sender knows it.
std::size_t quoted_head(const wire::PacketView& view) {
    return view.is_v6() ? quoted_transport6(view.payload()) + 8 : quote_min(false);
}

// Whoever sent the error, the outside sees the public address; a router outside stays itself. What
// leaves is the quoted headers only: the rest is what a client wrote, and nobody judged it.
void rewrite_outer(const FourTuple& rewrite, Direction to, Packet& packet) {
    const wire::PacketView& view = packet.view;
    const bool out = to == Direction::ToServer;
    const std::size_t quoted = out ? quoted_head(view) : view.payload_length();
    const std::size_t length = sizeof(wire::IcmpHeader) + quoted;
    const IpAddr src = out ? rewrite.src : view.source();
    view.is_v6() ? set_header(view.ipv6(), src, rewrite.dst, length)
                 : set_header(view.ipv4(), src, rewrite.dst, length);
    set_icmp_checksum(view, length);
    packet.frame.length = static_cast<std::uint16_t>(view.l4_offset() + length);
}

// RFC 8201 section 4: there is no link that takes less, and whoever says so is not believed.
bool is_impossible(const wire::PacketView& view) {
    return view.is_v6() && view.icmp().type == wire::kIcmpv6PacketTooBig &&
           view.icmp().rest.host() < wire::kIpv6MtuMin;
}

// An error goes to whoever sent the packet that it is about, from where that packet went.
Reason misdirection(const Core& core, Direction to, const Packet& packet, const IcmpQuote& quote) {
    const wire::PacketView& view = packet.view;
    if (view.destination() != quote.key.src || packet.frame.port == port_towards(to))
        return Reason::IcmpUnmatched;
    const bool lies = to == Direction::ToClient && lies_inside(core.settings(), view.source());
    return lies ? Reason::SpoofedSource : Reason::None;
}

Reason hindrance(const Core& core, SessionIndex s, Direction to, const Packet& packet,
                 const IcmpQuote& quote) {
    if (!is_in_flight(core, s, opposite(to), quote) || is_impossible(packet.view))
        return Reason::IcmpNotInFlight;
    if (packet.view.hop_limit() <= 1) return Reason::TtlExpired;
    const bool fits = packet.view.ip_length() <= core.settings().ports[port_towards(to)].mtu;
    return fits ? Reason::None : Reason::ExceedsMtu;
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
    const FlowLines lines = core.store.lines(s, to);
    packet.view.is_v6() ? translate_quote6(lines, packet.view.payload())
                        : translate_quote4(lines, packet.view.payload());
    rewrite_outer(core.store.records.rewrite(record), to, packet);
    core.counters.icmp_errors_passed.add(1);
    packet.frame.port = port_towards(to);
    core.neighbors.send(packet.frame, lines.flow.neighbor, core.now, core.outbox);
}

}  // namespace sallyport::dp
