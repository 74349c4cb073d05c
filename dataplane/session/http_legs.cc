// SPDX-License-Identifier: Apache-2.0
// Which server leg a request goes to.
#include <array>

#include "dataplane/session/http_requests.h"
#include "dataplane/session/records.h"
#include "dataplane/session/relay_legs.h"
#include "dataplane/session/relay_turn.h"
#include "dataplane/session/server_leg.h"

namespace sallyport::dp {
namespace {

using Reading = HttpRelay::Reading;

// What the gate itself offers a server; nothing of it depends on the client.
constexpr tcp::ClientOptions kOffer{.mss_class = tcp::kMssClasses.size() - 1,
                                    .window_shift = kGateWindowShift,
                                    .sack = true,
                                    .timestamps = true};

// What sessions show of the leg that is about to be opened.
bool name_session(const HttpStep& step, const HttpRequest& request) {
    SessionStore& store = step.core.store;
    Session& session = store.sessions[step.session];
    store.names.release(session.name);
    session.name = store.names.keep(request.host.view());
    session.rule = request.rule;
    session.decision = request.decision;
    return session.name != kNoIndex;
}

Reason take_setup(const HttpStep& step, const HttpRequest& request) {
    SessionStore& store = step.core.store;
    Session& session = store.sessions[step.session];
    if (!store.shares.may_take(Resource::Setups, session.source, store.setups.in_use(),
                               store.setups.capacity()))
        return store.setups.in_use() == store.setups.capacity() ? Reason::SetupTableFull
                                                                : Reason::SourceShareFull;
    session.setup = store.setups.take();
    store.shares.took(Resource::Setups, session.source);
    Setup& setup = store.setups[session.setup];
    setup = Setup{};
    setup.hold.start(0);
    setup.options = kOffer;
    setup.options.timestamps = step.core.settings().timestamps;
    setup.egress_set = request.egress;
    return Reason::None;
}

// A failure refuses the request.
void open_leg(const HttpStep& step, RequestIndex index) {
    const HttpRequest& request = step.request(index);
    Reason reason = take_setup(step, request);
    if (reason == Reason::None && !name_session(step, request)) reason = Reason::NameTableFull;
    if (reason != Reason::None) return relay_leg_failed(step.core, step.session, reason);
    open_server_leg(step.core, step.session);
}

}  // namespace

void send_on(const HttpStep& step, RequestIndex index) {
    HttpRelay& http = step.http;
    note_server(step, index);
    const HttpRequest& request = step.request(index);
    (http.last == kNoIndex ? http.first : step.request(http.last).next) = index;
    http.last = index;
    ++http.outstanding;
    http.unread = index;
    http.keep_alive = request.keep_alive;
    http.request_body.start(request.body);
    http.reading = request.websocket ? Reading::Upgrading : Reading::Body;
    step.relay.to_server.judged = http.read_to;
    if (request.websocket) end_of_request(step);
}

void note_server(const HttpStep& step, RequestIndex index) {
    const SessionStore& store = step.core.store;
    HttpRequest& request = step.request(index);
    request.has_server = store.sessions[step.session].has_server;
    if (request.has_server)
        request.server = four_tuple(store.flow(step.session, Direction::ToClient).key.reversed());
}

bool leg_serves(const HttpStep& step, const HttpRequest& request) {
    if (!step.relay.server_open || step.http.leg_deadline != kNever) return false;
    std::array<char, kNameMax> name;
    return name_of(step.core.store, step.session, name) == request.host.view() &&
           step.http.leg_egress == request.egress;
}

void seek_leg(const HttpStep& step) {
    constexpr Duration kLegClose = std::chrono::seconds(1);
    if (step.http.outstanding > 0 || step.core.store.sessions[step.session].setup != kNoIndex)
        return;
    tcp::Connection& server = step.relay.server;
    if (step.relay.server_open && !step.relay.server_reset && !is_over(server.state())) {
        if (step.http.leg_deadline == kNever) step.http.leg_deadline = step.core.now + kLegClose;
        return server.finish(step.relay.to_server.judged);
    }
    drop_server_leg(step.core, step.session);
    open_leg(step, step.http.waiting);
}

void on_http_leg_open(Core& core, SessionIndex s) {
    const HttpStep step(core, s);
    HttpRelay& http = step.http;
    const RequestIndex index = http.waiting;
    http.waiting = kNoIndex;
    http.leg_answered = false;
    http.leg_deadline = kNever;
    http.leg_egress = step.request(index).egress;
    http.response_head = inspect::HeadScanner{inspect::HeadKind::Response};
    http.answering = HttpRelay::Answering::Head;
    http.answered_to = http.response_from = step.relay.to_client.queue.end();
    send_on(step, index);
}

void on_http_leg_failed(Core& core, SessionIndex s, Reason reason) {
    const HttpStep step(core, s);
    const RequestIndex index = step.http.waiting;
    step.http.waiting = kNoIndex;
    note_server(step, index);
    refuse_request(step, index, reason, policy::Answer::Alert);
}

}  // namespace sallyport::dp
