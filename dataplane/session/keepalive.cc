// SPDX-License-Identifier: Apache-2.0
#include "dataplane/session/keepalive.h"

#include "dataplane/session/ending.h"
#include "dataplane/session/own_segment.h"
#include "dataplane/session/silence.h"
#include "dataplane/session/tracking.h"

namespace sallyport::dp {
namespace {

// One octet below what was sent last: the server must answer, and takes nothing.
void send_probe(Core& core, SessionIndex s) {
    wire::TcpFields probe = from_record(core, s, Direction::ToServer);
    probe.seq = probe.seq - 1;
    send_segment(core, probe, {}, kOutsidePort, core.store.flow(s, Direction::ToServer).neighbor);
}

}  // namespace

void start_keepalive(Core& core, SessionIndex s) {
    Session& session = core.store.sessions[s];
    if (session.keepalive.probes != 0) session.probe_at = core.now + session.keepalive.time;
}

Instant keepalive_due(const Core& core, SessionIndex s) {
    const Session& session = core.store.sessions[s];
    return session.state == SessionState::Spliced ? session.probe_at : kNever;
}

void on_keepalive_deadline(Core& core, SessionIndex s) {
    Session& session = core.store.sessions[s];
    const Duration silence = silence_of(core.store, s, Direction::ToClient, core.now);
    if (session.probes_sent == 0 && silence < session.keepalive.time) {
        session.probe_at = core.now + session.keepalive.time - silence;
        return rearm(core, s);
    }
    if (session.probes_sent >= session.keepalive.probes)
        return abort_session(core, s, Reason::KeepaliveTimeout);
    send_probe(core, s);
    ++session.probes_sent;
    session.probe_at = core.now + session.keepalive.interval;
    rearm(core, s);
}

bool answers_probe(Core& core, SessionIndex s, const Packet& packet) {
    Session& session = core.store.sessions[s];
    if (session.probes_sent == 0) return false;
    session.probes_sent = 0;
    session.probe_at = core.now + session.keepalive.time;
    const wire::TcpHeader& tcp = packet.view.tcp();
    const FlowRecord& from_server = core.store.flow(s, Direction::ToClient);
    const bool says_more = packet.view.sequence_length() > 0 || tcp.seq_num() != from_server.high ||
                           tcp.window.host() != from_server.window ||
                           acks_more(from_server, core.store.flow(s, Direction::ToServer), tcp.ack_num());
    if (says_more) return false;
    core.free(packet);
    return true;
}

}  // namespace sallyport::dp
