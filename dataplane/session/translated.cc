// SPDX-License-Identifier: Apache-2.0
#include "dataplane/session/translated.h"

#include "dataplane/session/forwarding.h"
#include "dataplane/session/metering.h"
#include "dataplane/session/tracking.h"
#include "dataplane/session/translated_tcp.h"

namespace sallyport::dp {
namespace {

// RFC 4787 REQ-5: five minutes; a well-known port may have less (REQ-5 a), and a resolver that asks
// from a new port each time would fill the table with answers that came long ago.
constexpr Duration kUdpLifetime = std::chrono::minutes(5);
constexpr Duration kDnsLifetime = std::chrono::seconds(30);
constexpr Duration kEchoLifetime = std::chrono::seconds(60);  // RFC 5508 REQ-2
constexpr std::uint16_t kDns = 53;

void on_datagram(Core& core, SessionIndex s, Direction to, Packet& packet) {
    if (!may_forward(core, packet, port_towards(to))) return;
    if (keeps_back(core, s, packet, packet.view.datagram_payload_length())) return;
    FlowRecord& flow = core.store.flow(s, to);
    flow.raise_high(flow.high + packet.view.datagram_payload_length());
    flow.last_seen = core.seconds();
    forward_translated(core, s, to, packet);
}

}  // namespace

void on_translated(Core& core, std::uint32_t record, Packet& packet) {
    const SessionIndex s = SessionStore::session_of(record);
    const Direction to = SessionStore::direction_of(record);
    if (core.store.sessions[s].protocol == RecordProtocol::Tcp)
        return on_translated_tcp(core, s, to, packet);
    on_datagram(core, s, to, packet);
}

bool is_established(const Core& core, SessionIndex s) {
    return core.store.flow(s, Direction::ToServer).syn_acked &&
           core.store.flow(s, Direction::ToClient).syn_acked;
}

Duration flow_lifetime(const Core& core, SessionIndex s) {
    switch (core.store.sessions[s].protocol) {
        case RecordProtocol::Tcp: return core.settings().transitory_timeout;
        case RecordProtocol::Icmp: return kEchoLifetime;
        case RecordProtocol::Udp:
            return core.store.flow(s, Direction::ToServer).key.dst_port == kDns ? kDnsLifetime
                                                                                : kUdpLifetime;
    }
    __builtin_unreachable();
}

}  // namespace sallyport::dp
