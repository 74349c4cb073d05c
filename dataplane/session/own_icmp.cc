// SPDX-License-Identifier: Apache-2.0
#include "dataplane/session/own_icmp.h"

#include <algorithm>

namespace sallyport::dp {
namespace {

void send(Core& core, const Packet& packet, const IcmpErrorKind& kind) {
    const auto& addresses = core.settings().ports[packet.frame.port].addresses;
    const auto own = std::find_if(addresses.begin(), addresses.end(), [&](const IpAddr& a) {
        return a.is_v4() != packet.view.is_v6();
    });
    Frame frame;
    if (own == addresses.end() || !core.outbox.take_empty(frame)) return;
    if (!make_icmp_error(packet.view, kind, *own, frame)) return core.outbox.free(frame);
    core.counters.icmp_errors_sent.add(1);
    core.outbox.send(frame, packet.frame.port);
}

void report(Core& core, const Packet& packet, const IcmpErrorKind& kind) {
    if (!core.limits.icmp_errors.take(core.now)) return core.counters.count(Reason::RateLimited);
    send(core, packet, kind);
}

}  // namespace

void report_expired(Core& core, const Packet& packet) {
    report(core, packet, time_exceeded(packet.view.is_v6()));
}

void report_too_big(Core& core, const Packet& packet, std::uint16_t mtu) {
    report(core, packet, too_big(packet.view.is_v6(), mtu));
}

void report_no_route(Core& core, const Packet& packet) {
    report(core, packet, no_route(packet.view.is_v6()));
}

void report_prohibited(Core& core, const Packet& packet) {
    if (!core.limits.prohibited.take(core.now)) return core.counters.count(Reason::RateLimited);
    send(core, packet, admin_prohibited(packet.view.is_v6()));
}

}  // namespace sallyport::dp
