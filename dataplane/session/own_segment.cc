// SPDX-License-Identifier: Apache-2.0
#include "dataplane/session/own_segment.h"

namespace sallyport::dp {
namespace {

bool build(Core& core, const wire::TcpFields& fields, Octets payload, Frame& out) {
    if (!core.outbox.take_empty(out)) return false;
    auto& ethernet = *reinterpret_cast<wire::EthernetHeader*>(out.data);
    ethernet.ethertype.set(fields.tuple.src.is_v4() ? wire::kEthertypeIpv4 : wire::kEthertypeIpv6);
    const std::size_t length =
        wire::emit_tcp(fields, payload,
                       {out.data + sizeof ethernet, out.capacity - sizeof ethernet});
    if (length == 0) {
        core.outbox.drop(out, Reason::NoBuffer);
        return false;
    }
    out.length = static_cast<std::uint16_t>(length + sizeof ethernet);
    return true;
}

}  // namespace

void send_segment(Core& core, const wire::TcpFields& fields, Octets payload, PortIndex port,
                  NeighborIndex neighbor) {
    Frame frame;
    if (!build(core, fields, payload, frame)) return;
    frame.port = port;
    core.neighbors.send(frame, neighbor, core.now, core.outbox);
}

void reply_segment(Core& core, const Packet& cause, const wire::TcpFields& fields,
                   Octets payload) {
    Frame frame;
    if (!build(core, fields, payload, frame)) return;
    auto& ethernet = *reinterpret_cast<wire::EthernetHeader*>(frame.data);
    ethernet.dst = cause.view.ethernet().src;
    ethernet.src = core.config.macs[cause.frame.port];
    core.outbox.send(frame, cause.frame.port);
}

void reply_reset(Core& core, const Packet& cause) {
    const wire::TcpHeader& tcp = cause.view.tcp();
    if (tcp.has(wire::kRst)) return;
    if (!core.limits.resets.take(core.now)) return core.counters.count(Reason::RateLimited);
    wire::TcpFields fields{.tuple = cause.view.four_tuple().reversed(), .flags = wire::kRst};
    if (tcp.has(wire::kAck)) {
        fields.seq = tcp.ack_num();
    } else {
        fields.flags |= wire::kAck;
        fields.ack = tcp.seq_num() + cause.view.sequence_length();
    }
    core.counters.resets_sent.add(1);
    reply_segment(core, cause, fields, {});
}

std::uint16_t mss_of(const Core& core, PortIndex port, Family family) {
    const std::size_t ip = family == Family::V4 ? sizeof(wire::Ipv4Header) : sizeof(wire::Ipv6Header);
    return static_cast<std::uint16_t>(core.settings().ports[port].mtu - ip - sizeof(wire::TcpHeader));
}

std::uint16_t mss_without_option(Family family) { return family == Family::V4 ? 536 : 1220; }

wire::TcpFields from_record(Core& core, SessionIndex s, Direction to) {
    const FlowRecord& sent = core.store.flow(s, to);  // what the gate stands in for
    const FlowRecord& heard = core.store.flow(s, opposite(to));
    wire::TcpFields fields{.tuple = core.store.written(s, to),
                           .seq = sent.there(sent.high),
                           .ack = heard.floor,
                           .flags = wire::kAck,
                           .window = rescale_window(sent.window_bytes(), sent.shift_there)};
    if (sent.timestamps)
        fields.options.timestamps = wire::Timestamps{sent.ts_last + sent.ts_val_delta, heard.ts_last};
    return fields;
}

void ack_sender(Core& core, SessionIndex s, Direction from, const Packet& cause) {
    wire::TcpFields fields = from_record(core, s, opposite(from));
    const wire::OptionOffsets at = wire::find_options(cause.view.tcp_options());
    if (fields.options.timestamps && at.timestamps != 0) {
        Be32 val;
        std::memcpy(&val, cause.view.tcp_options().data() + at.timestamps, sizeof val);
        fields.options.timestamps->ecr = TsVal{val.host()};
    }
    send_segment(core, fields, {}, cause.frame.port, core.store.flow(s, opposite(from)).neighbor);
    core.free(cause);
}

void challenge_sender(Core& core, SessionIndex s, Direction from, const Packet& cause) {
    if (!core.store.sessions[s].challenges.take(core.now)) return core.drop(cause, Reason::RateLimited);
    ack_sender(core, s, from, cause);
}

}  // namespace sallyport::dp
