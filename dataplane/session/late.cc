// SPDX-License-Identifier: Apache-2.0
#include "dataplane/session/late.h"

#include "dataplane/inspect/alert.h"
#include "dataplane/session/own_segment.h"
#include "tcpstack/tcp/isn.h"

namespace sallyport::dp {

void bury(Core& core, const FourTuple& client, tcp::Tombstone tombstone) {
    Tombstones& tombstones = core.store.tombstones;
    tombstone.deadline = tcp::coarse(core.now + tcp::kCookieLife);
    if (tcp::Tombstone* known = tombstones.find(client, core.now)) {
        *known = tombstone;
    } else if (!tombstones.add(client, tombstone)) {
        tombstones.replace_oldest(client, tombstone);
        core.counters.tombstones_evicted.add(1);
    }
}

wire::Timestamps reply_timestamps(Core& core, const Packet& packet) {
    const FourTuple tuple = packet.view.four_tuple();
    const TsVal clock =
        tcp::timestamp_clock(core.config.secrets.timestamp, tuple.dst, tuple.src, core.now);
    const wire::TcpOptions options = wire::parse_options(packet.view.tcp_options());
    // 512: not before the SYN-ACK's value, which was up to 511 ticks ahead of the clock.
    return {clock + 512, options.timestamps ? options.timestamps->val : TsVal{}};
}

namespace {

void repeat_alert(Core& core, const Packet& packet, const tcp::Tombstone& tombstone) {
    wire::TcpFields reply{.tuple = packet.view.four_tuple().reversed(),
                          .seq = tombstone.iss + 1,
                          .ack = tombstone.rcv_nxt,
                          .flags = wire::kFin | wire::kPsh | wire::kAck,
                          .window = packet.view.tcp().window.host()};
    if (tombstone.timestamps) reply.options.timestamps = reply_timestamps(core, packet);
    reply_segment(core, packet, reply, inspect::unrecognized_name_alert(packet.view.payload()));
}

void acknowledge_fin(Core& core, const Packet& packet, const tcp::Tombstone& tombstone) {
    const wire::TcpHeader& tcp = packet.view.tcp();
    wire::TcpFields reply{.tuple = packet.view.four_tuple().reversed(),
                          .seq = tcp.ack_num(),
                          .ack = tcp.seq_num() + packet.view.sequence_length(),
                          .flags = wire::kAck,
                          .window = tcp.window.host()};
    if (tombstone.timestamps) reply.options.timestamps = reply_timestamps(core, packet);
    reply_segment(core, packet, reply, {});
}

}  // namespace

void on_late(Core& core, const Packet& packet, const tcp::Tombstone& tombstone) {
    const wire::TcpHeader& tcp = packet.view.tcp();
    const bool first_bytes = tcp.ack_num() == tombstone.iss + 1;
    if (packet.view.sequence_length() == 0) return core.free(packet);
    core.counters.count(Reason::LateDuplicate);
    if (tombstone.answer == tcp::LateAnswer::Reset) {
        reply_reset(core, packet);
    } else if (tombstone.answer == tcp::LateAnswer::Alert && first_bytes) {
        repeat_alert(core, packet, tombstone);
    } else if (tcp.has(wire::kFin)) {
        acknowledge_fin(core, packet, tombstone);
    }
    core.free(packet);
}

}  // namespace sallyport::dp
