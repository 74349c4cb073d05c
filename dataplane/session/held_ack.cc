// SPDX-License-Identifier: Apache-2.0
#include "dataplane/session/held_ack.h"

#include "dataplane/session/client_leg.h"
#include "dataplane/session/ending.h"
#include "dataplane/session/own_segment.h"
#include "tcpstack/tcp/isn.h"

namespace sallyport::dp {
namespace {

Setup& setup_of(Core& core, SessionIndex s) { return core.store.setups[core.store.sessions[s].setup]; }

// While the leg is the gate's alone its clock runs; once joined, the server's does.
void put_timestamps(Core& core, SessionIndex s, wire::TcpFields& fields) {
    Setup& setup = setup_of(core, s);
    if (core.store.sessions[s].state == SessionState::Joining) {
        const wire::TcpFields joined = from_record(core, s, Direction::ToClient);
        fields.seq = joined.seq;
        fields.options = joined.options;
        if (fields.options.timestamps) fields.options.timestamps->ecr = setup.ts_recent;
    } else if (setup.options.timestamps) {
        const FourTuple& back = fields.tuple;
        const TsVal clock =
            tcp::timestamp_clock(core.config.secrets.timestamp, back.src, back.dst, core.now);
        setup.ts_sent = later_of(setup.ts_sent, clock);
        fields.options.timestamps = wire::Timestamps{setup.ts_sent, setup.ts_recent};
    }
}

void put_sack(Setup& setup, wire::TcpFields& fields) {
    const auto put = [&](const tcp::Range& r) {
        return fields.options.sack.push_back({setup.base + r.begin, setup.base + r.end});
    };
    if (setup.repeated != tcp::Range{}) (void)put(setup.repeated);
    for (const tcp::Range& r : setup.hold.arrived().ahead())
        if (!put(r)) return;
}

void acknowledge_after(Core& core, SessionIndex s, Duration delay) {
    Setup& setup = setup_of(core, s);
    // RFC 5681 section 4.2: at once while there is a gap.
    if (!setup.hold.arrived().ahead().empty()) return acknowledge_held(core, s);
    setup.acknowledge_at = core.now + delay;
    rearm(core, s);
}

}  // namespace

void acknowledge_held(Core& core, SessionIndex s) {
    Setup& setup = setup_of(core, s);
    const std::uint32_t have = setup.hold.contiguous();
    wire::TcpFields fields{.tuple = core.store.client(s).reversed(),
                           .seq = core.store.sessions[s].iss + 1,
                           .ack = setup.base + have,
                           .flags = wire::kAck,
                           .window = window_field(setup.hold.limit() - have, setup.options)};
    put_timestamps(core, s, fields);
    if (setup.options.sack) put_sack(setup, fields);
    setup.repeated = {};
    setup.acknowledge_at = kNever;
    send_segment(core, fields, {}, kInsidePort, core.store.flow(s, Direction::ToClient).neighbor);
}

void acknowledge_part(Core& core, SessionIndex s) {
    // RFC 896: who had little to send may not send more before this.
    if (setup_of(core, s).hold.contiguous() < kFullSegmentMin) return acknowledge_held(core, s);
    acknowledge_after(core, s, kPartAckDelay);
}

void acknowledge_hello(Core& core, SessionIndex s) { acknowledge_after(core, s, kHelloAckDelay); }

void acknowledge_more(Core& core, SessionIndex s) {
    const Setup& setup = setup_of(core, s);
    if (setup.acknowledge_at == kNever || !setup.hold.arrived().ahead().empty())
        acknowledge_held(core, s);
}

void note_repeated(Core& core, SessionIndex s, SeqNum first, std::size_t octets) {
    Setup& setup = setup_of(core, s);
    const SeqNum begin = later_of(first, setup.base), end = first + static_cast<std::uint32_t>(octets);
    if (!before(begin, end)) return;
    setup.repeated = {static_cast<std::uint32_t>(distance(setup.base, begin)),
                      static_cast<std::uint32_t>(distance(setup.base, end))};
}

void leave_ack_to_server(Core& core, SessionIndex s) {
    Setup& setup = setup_of(core, s);
    if (setup.acknowledge_at == kNever) return;
    // The server's would not say what came twice.
    if (setup.repeated != tcp::Range{}) return acknowledge_held(core, s);
    setup.acknowledge_at = kNever;
    rearm(core, s);
}

}  // namespace sallyport::dp
