// SPDX-License-Identifier: Apache-2.0
// Which server leg a request goes to.
#include <algorithm>
#include <array>

#include "dataplane/session/binding.h"
#include "dataplane/session/ending.h"
#include "dataplane/session/http_requests.h"
#include "dataplane/session/records.h"
#include "dataplane/session/relay_legs.h"
#include "dataplane/session/relay_turn.h"
#include "dataplane/session/server_search.h"

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
    return session.name != kNoIndex;
}

Reason take_setup(const HttpStep& step) {
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
    setup.session = step.session;
    setup.hold.start(0);
    setup.options = kOffer;
    setup.options.timestamps = step.core.settings().timestamps;
    return Reason::None;
}

// There is no place to remember another leg.
void refuse_for_room(const HttpStep& step, Reason reason) {
    const RequestIndex index = step.http.waiting;
    step.http.waiting = kNoIndex;
    if (step.core.store.sessions[step.session].setup != kNoIndex)
        release_setup(step.core, step.session);
    refuse_request(step, index, reason, policy::Answer::Alert);
}

void open_leg(const HttpStep& step, RequestIndex index) {
    const HttpRequest& request = step.request(index);
    if (const Reason reason = take_setup(step); reason != Reason::None)
        return refuse_for_room(step, reason);
    if (!name_session(step, request)) return refuse_for_room(step, Reason::NameTableFull);
    // The request may have waited for longer than its generation lasted.
    seek_server(step.core, step.session, present_verdict(step.core, step.session));
}

bool is_open(const Relay& relay) {
    return relay.server_open && !relay.server_reset && !is_over(relay.server.state());
}

// The server has a second to close as well.
void close_leg(const HttpStep& step) {
    constexpr Duration kLegClose = std::chrono::seconds(1);
    if (step.http.leg_deadline == kNever) step.http.leg_deadline = step.core.now + kLegClose;
    step.relay.server.finish(step.relay.to_server.judged);
}

// Whether the open server leg has an address of this egress set.
bool leaves_by(const HttpStep& step, std::uint16_t egress) {
    const auto& addresses = step.core.settings().egress[egress].addresses;
    const IpAddr own = step.core.store.server(step.session).src;
    return std::ranges::find(addresses, own) != addresses.end();
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
    const Session& session = store.sessions[step.session];
    HttpRequest& request = step.request(index);
    request.generation = session.generation;
    request.decision = session.decision;
    request.would_deny = session.would_deny;
    request.rule = session.rule;
    request.upstream = session.upstream;
    request.redirected = session.redirected;
    request.has_server = session.has_server;
    if (request.has_server)
        request.server = store.server(step.session);
}

bool leg_serves(const HttpStep& step, const HttpRequest& request, const policy::Verdict& verdict) {
    if (!step.relay.server_open || step.http.leg_deadline != kNever) return false;
    if (step.core.now >= step.core.store.sessions[step.session].ends_at) return false;
    const SessionStore& store = step.core.store;
    std::array<char, kNameMax> name;
    return store.sessions[step.session].rule == verdict.rule &&
           name_of(store, step.session, name) == request.host.view() &&
           leaves_by(step, verdict.egress) &&
           is_bound(step.core, verdict, request.host.view(), step.session);
}

void seek_leg(const HttpStep& step) {
    if (step.http.outstanding > 0 || step.core.store.sessions[step.session].setup != kNoIndex)
        return;
    if (is_open(step.relay)) return close_leg(step);
    drop_server_leg(step.core, step.session);
    open_leg(step, step.http.waiting);
}

void retire_http_leg(Core& core, SessionIndex s) {
    const HttpStep step(core, s);
    is_open(step.relay) ? close_leg(step) : drop_server_leg(core, s);
    due_now(core, s);
}

void on_http_leg_open(Core& core, SessionIndex s) {
    const HttpStep step(core, s);
    HttpRelay& http = step.http;
    const RequestIndex index = http.waiting;
    http.waiting = kNoIndex;
    http.leg_answered = false;
    http.leg_deadline = kNever;
    http.response_head = inspect::HeadScanner{inspect::HeadKind::Response};
    http.answering = HttpRelay::Answering::Head;
    http.answered_to = http.response_from = step.relay.to_client.queue.end();
    send_on(step, index);
}

namespace {

void refuse_waiting(Core& core, SessionIndex s, Reason reason, policy::Answer answer) {
    const HttpStep step(core, s);
    const RequestIndex index = step.http.waiting;
    step.http.waiting = kNoIndex;
    note_server(step, index);
    refuse_request(step, index, reason, answer);
}

}  // namespace

void on_http_leg_failed(Core& core, SessionIndex s, Reason reason) {
    refuse_waiting(core, s, reason, policy::Answer::Alert);
}

void on_http_leg_refused(Core& core, SessionIndex s, Reason reason, policy::Answer answer) {
    core.store.sessions[s].decision = policy::Decision::Deny;
    refuse_waiting(core, s, reason, answer);
}

}  // namespace sallyport::dp
