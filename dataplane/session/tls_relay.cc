// SPDX-License-Identifier: Apache-2.0
#include "dataplane/session/tls_relay.h"

#include <algorithm>

#include "dataplane/inspect/client_hello.h"
#include "dataplane/inspect/server_hello.h"
#include "dataplane/session/records.h"
#include "dataplane/session/relay_legs.h"

namespace sallyport::dp {
namespace {

using inspect::SecondHello;
using inspect::ServerFirst;

// What is in the queue behind what was judged, as far as one inspection looks.
Octets unjudged(Core& core, const RelayWay& way, std::size_t at_most) {
    const std::uint64_t left = way.queue.end() - way.judged;
    const std::span<std::uint8_t> out{core.stream.data(), std::min<std::uint64_t>(left, at_most)};
    way.queue.read(core.store.relay_chunks, way.judged, out);
    return out;
}

void become_opaque(Relay& relay) {
    relay.tls.stage = TlsRelay::Stage::Opaque;
}

void await_server(Core& core, Relay& relay) {
    if (core.settings().hrr == HelloRetry::Pass) return become_opaque(relay);
    const Octets first = unjudged(core, relay.to_client, inspect::kServerHelloPrefix);
    if (first.empty() && !relay.server.peer_finished()) return;
    switch (inspect::classify_server_first(first)) {
        case ServerFirst::NeedMore:
            if (relay.server.peer_finished()) become_opaque(relay);
            return;
        case ServerFirst::ServerHello:
        case ServerFirst::Alert: return become_opaque(relay);
        case ServerFirst::NotTls: return relay.end_by(RelayEnd::Abort, Reason::UpstreamProtocol);
        case ServerFirst::HelloRetryRequest: break;
    }
    core.counters.hello_retries.add(1);
    relay.judge_deadline = core.now + core.settings().hello_timeout;
    relay.tls.stage = TlsRelay::Stage::SecondHello;
}

// The client's second flight: the same name, or the end.
void judge_second(Core& core, SessionIndex s, Relay& relay) {
    const Octets stream = unjudged(core, relay.to_server, core.settings().hello_bytes);
    std::array<char, kNameMax> name;
    std::uint32_t length = 0;
    switch (
        inspect::find_second_hello(stream, core.scratch, name_of(core.store, s, name), length)) {
        case SecondHello::SameName: return become_opaque(relay);
        case SecondHello::None:
        case SecondHello::NeedMore:
            if (stream.size() < core.settings().hello_bytes) return;
            return refuse_tls(core, s, Reason::ClientHelloTooLarge);
        case SecondHello::OtherName:
        case SecondHello::Bad: return refuse_tls(core, s, Reason::SecondHelloMismatch);
    }
}

void pass_on(Relay& relay) {
    if (relay.tls.stage != TlsRelay::Stage::AwaitingServer)
        relay.to_client.judged = relay.to_client.queue.end();
    if (relay.tls.stage == TlsRelay::Stage::Opaque) {
        relay.to_server.judged = relay.to_server.queue.end();
        relay.judge_deadline = kNever;
    }
    relay.to_server.closed =
        relay.client.peer_finished() && relay.to_server.judged == relay.to_server.queue.end();
    relay.to_client.closed = relay.server.peer_finished();
    if (relay.server_reset) relay.end_by(RelayEnd::Delivered, Reason::UpstreamReset);
}

}  // namespace

void inspect_tls(Core& core, SessionIndex s) {
    Relay& relay = relay_of(core, s);
    if (relay.tls.stage == TlsRelay::Stage::AwaitingServer) await_server(core, relay);
    if (relay.tls.stage == TlsRelay::Stage::SecondHello) judge_second(core, s, relay);
    if (relay.end == RelayEnd::None) pass_on(relay);
}

void refuse_tls(Core& core, SessionIndex s, Reason reason) {
    core.store.sessions[s].decision = policy::Decision::Deny;
    relay_of(core, s).end_by(RelayEnd::Abort, reason);
}

}  // namespace sallyport::dp
