// SPDX-License-Identifier: Apache-2.0
#include "dataplane/session/records.h"

#include "dataplane/session/silence.h"

namespace sallyport::dp {

std::uint64_t next_session_id(Core& core) {
    return static_cast<std::uint64_t>(core.config.worker) << 48 | ++core.store.opened;
}

void log_refusal(Core& core, const Refusal& refusal) {
    AccessRecord r;
    r.session_id = next_session_id(core);
    r.generation = core.generation->id;
    r.start = core.now;
    r.client = refusal.client;
    r.reason = refusal.reason;
    r.rule = refusal.rule;
    r.bytes_received = refusal.bytes_received;
    r.ech = refusal.ech;
    r.protocol = refusal.protocol;
    r.set_name(refusal.name);
    core.outbox.log(r);
}

bool is_http(const SessionStore& store, SessionIndex s) {
    const RelayIndex relay = store.sessions[s].relay;
    return relay != kNoIndex && store.relays[relay].kind == RelayKind::Http;
}

std::string_view name_of(const SessionStore& store, SessionIndex s, std::span<char> out) {
    return {out.data(), store.names.copy(store.sessions[s].name, out)};
}

namespace {

// Payload octets of a direction; `first` numbers its first octet.
std::uint64_t payload_octets(const FlowRecord& flow, SeqNum first) {
    const std::uint64_t octets = flow.octets_since(first);
    return flow.fin_sent && octets > 0 ? octets - 1 : octets;
}

bool is_joined(const Session& session) {
    return session.relay == kNoIndex && session.state != SessionState::Hold &&
           session.state != SessionState::Connecting;
}

void count_octets(const SessionStore& store, SessionIndex s, AccessRecord& r) {
    const Session& session = store.sessions[s];
    if (is_joined(session)) {
        r.bytes_received =
            payload_octets(store.flow(s, Direction::ToServer), session.irs + 1);
        r.bytes_sent = payload_octets(store.flow(s, Direction::ToClient), session.server_irs + 1);
    } else if (session.relay != kNoIndex) {
        const Relay& relay = store.relays[session.relay];
        r.bytes_received = relay.client.received();
        r.bytes_sent = relay.client.sent();
    } else if (session.setup != kNoIndex) {
        r.bytes_received = store.setups[session.setup].hold.contiguous();
    }
}

}  // namespace

AccessRecord record_of(const SessionStore& store, SessionIndex s, Instant now) {
    const Session& session = store.sessions[s];
    AccessRecord r;
    r.session_id = session.id;
    r.generation = session.generation;
    r.start = session.start;
    r.duration = now - session.start;
    r.client = store.client(s);
    r.has_server = session.has_server;
    if (session.has_server) r.server = store.server(s);
    r.decision = session.decision;
    r.would_deny = session.would_deny;
    r.redirected = session.redirected;
    r.upstream = session.upstream;
    r.reason = session.reason;
    r.ended_by = session.ended_by;
    r.protocol = session.protocol;
    r.translated = session.translated;
    r.rule = session.rule;
    r.ech = session.ech;
    r.name_text.length =
        static_cast<std::uint16_t>(store.names.copy(session.name, r.name_text.octets));
    count_octets(store, s, r);
    return r;
}

SessionRow row_of(const SessionStore& store, SessionIndex s, WorkerIndex worker, Instant now) {
    SessionRow row;
    row.record = record_of(store, s, now);
    row.state = store.sessions[s].state;
    row.worker = worker;
    row.http = is_http(store, s);
    row.idle = std::chrono::duration_cast<std::chrono::seconds>(silence_of(store, s, now));
    return row;
}

}  // namespace sallyport::dp
