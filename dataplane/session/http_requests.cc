// SPDX-License-Identifier: Apache-2.0
// From the client's octets to judged requests.
#include "dataplane/session/http_requests.h"

#include <memory>

#include "dataplane/session/relay_legs.h"
#include "dataplane/session/relay_turn.h"
#include "dataplane/session/verdicts.h"

namespace sallyport::dp {
namespace {

using inspect::BodyStatus;
using inspect::HeadStatus;
using policy::Answer;
using policy::Decision;
using Reading = HttpRelay::Reading;

Answer default_answer(const HttpStep& step) {
    return step.core.generation->policy.default_answer();
}

Octets copy_of(const HttpStep& step, std::uint64_t from, std::uint32_t length) {
    const std::span<std::uint8_t> out{step.core.stream.data(), length};
    step.relay.to_server.queue.read(step.core.store.relay_chunks, from, out);
    return out;
}

// Fills what the log wants to know of a head.
void describe(HttpRequest& request, const inspect::RequestHead& head) {
    request.exchange.method.set(head.method);
    request.exchange.path.set(head.target);
    request.exchange.authority.set(head.authority);
    request.exchange.user_agent.set(head.user_agent);
    request.exchange.request_id.set(head.request_id);
    request.exchange.minor = head.minor;
    request.is_head = head.is_head;
    request.websocket = head.websocket;
    request.keep_alive = head.keep_alive;
    request.awaits_continue = head.expect_continue;
    request.host = head.host;
    request.body = head.body;
}

RequestIndex take_request(const HttpStep& step) {
    SessionStore& store = step.core.store;
    const SourceHash source = store.sessions[step.session].source;
    if (!store.shares.may_take(Resource::Requests, source, store.requests.in_use(),
                               store.requests.capacity()))
        return kNoIndex;
    const RequestIndex index = store.requests.take();
    store.shares.took(Resource::Requests, source);
    HttpRequest& request = step.request(index);
    std::construct_at(&request);
    request.start = step.http.request_start;
    request.ordinal = ++step.http.requests;
    return index;
}

policy::Verdict judge(const HttpStep& step, const inspect::RequestHead& head) {
    const FourTuple client = step.core.store.client(step.session);
    // The request goes to the port that the client connected to; it may name no other.
    if (head.port != 0 && head.port != client.dst_port.number)
        return {.reason = Reason::PortNotAllowed, .answer = default_answer(step)};
    return decide(*step.core.generation, client, head.host.view(), policy::AppProtocol::Http);
}

void on_allowed(const HttpStep& step, RequestIndex index, const policy::Verdict& verdict) {
    if (leg_serves(step, step.request(index), verdict)) {
        count_passed(step.core, verdict.decision);
        return send_on(step, index);
    }
    step.http.waiting = index;
    step.http.reading = Reading::Waiting;
}

void on_whole_head(const HttpStep& step) {
    step.relay.judge_deadline = kNever;
    const RequestIndex index = take_request(step);
    if (index == kNoIndex)
        return refuse_request(step, kNoIndex, Reason::RequestTableFull, Answer::Alert);
    inspect::RequestHead head;
    const Octets octets = copy_of(step, step.http.request_from, step.http.request_head.size());
    const Reason bad = inspect::parse_request_head(octets, head);
    HttpRequest& request = step.request(index);
    describe(request, head);
    if (bad != Reason::None) return refuse_request(step, index, bad, default_answer(step));
    const policy::Verdict verdict = judge(step, head);
    request.generation = step.core.generation->id;
    request.rule = verdict.rule;
    request.decision = verdict.decision;
    if (verdict.decision == Decision::WouldDeny) request.would_deny = verdict.reason;
    if (verdict.decision == Decision::Deny)
        return refuse_request(step, index, verdict.reason, verdict.answer);
    on_allowed(step, index, verdict);
}

Going read_head(const HttpStep& step) {
    HttpRelay& http = step.http;
    // More wait in the queue; the client's window closes over them.
    if (http.outstanding == kOutstandingMax) return Going::Enough;
    const Octets piece = next_piece(step, step.relay.to_server, http.read_to);
    if (piece.empty()) return Going::Enough;
    if (http.request_head.size() == 0) {
        http.request_start = step.core.now;
        step.relay.judge_deadline = step.core.now + step.core.settings().hello_timeout;
    }
    std::uint32_t used = 0;
    const HeadStatus status = http.request_head.feed(piece, used);
    http.read_to += used;
    switch (status) {
        case HeadStatus::NeedMore: return Going::On;
        case HeadStatus::FirstLine: {
            const Reason bad = inspect::check_request_line(
                copy_of(step, http.request_from, http.request_head.line()));
            if (bad != Reason::None) refuse_broken_head(step, bad);
            return Going::On;
        }
        case HeadStatus::Done: on_whole_head(step); return Going::On;
        case HeadStatus::Bad: refuse_broken_head(step, Reason::HttpAmbiguous); return Going::On;
        case HeadStatus::TooLarge:
            refuse_broken_head(step, Reason::RequestHeadTooLarge);
            return Going::On;
    }
    __builtin_unreachable();
}

// The body cannot be framed; a part of the request has left already, but no server takes it for
// whole.
void refuse_body(const HttpStep& step) {
    HttpRelay& http = step.http;
    const bool only = http.outstanding == 1 && http.first == http.unread &&
                      http.answering == HttpRelay::Answering::Head;
    if (!only) {
        if (http.outstanding == 0) http.line_owed = Reason::HttpAmbiguous;
        return step.relay.end_by(RelayEnd::Abort, Reason::HttpAmbiguous);
    }
    const RequestIndex index = pop_request(step);
    drop_server_leg(step.core, step.session);
    refuse_request(step, index, Reason::HttpAmbiguous, default_answer(step));
}

Going read_body(const HttpStep& step) {
    HttpRelay& http = step.http;
    if (!read_on(step, step.relay.to_server, http.request_body, http.read_to))
        return Going::Enough;
    if (http.request_body.status() == BodyStatus::Bad) refuse_body(step);
    if (http.request_body.status() == BodyStatus::Done) end_of_request(step);
    return Going::On;
}

Going read_some(const HttpStep& step) {
    switch (step.http.reading) {
        case Reading::Head: return read_head(step);
        case Reading::Body: return read_body(step);
        case Reading::Waiting: return seek_leg(step), Going::Enough;
        case Reading::Upgrading: return Going::Enough;
        case Reading::Opaque:
            step.http.read_to = step.relay.to_server.judged = step.relay.to_server.queue.end();
            return Going::Enough;
        case Reading::Stopped: return Going::Enough;
    }
    __builtin_unreachable();
}

// A client that closes within a head asks for nothing more; before it, the close goes on to the
// server.
void note_client_close(const HttpStep& step) {
    HttpRelay& http = step.http;
    RelayWay& way = step.relay.to_server;
    if (!step.relay.client.peer_finished() || http.reading == Reading::Waiting) return;
    if (http.reading != Reading::Stopped && http.read_to != way.queue.end()) return;
    if (http.reading == Reading::Head && http.request_head.size() > 0) {
        http.line_owed = Reason::ClientClosed;
        stop_reading(step);
    }
    way.closed = true;
    if (!step.relay.server_open && http.refusing == HttpRelay::Refusing::No)
        step.relay.to_client.closed = true;
}

// Octets that nobody will look at are thrown away once the server has all that it was to get.
void discard_rest(const HttpStep& step) {
    tcp::ByteQueue& queue = step.relay.to_server.queue;
    const bool done = !step.relay.server_open ||
                      step.relay.server.acked() >= step.relay.to_server.judged ||
                      is_over(step.relay.server.state());
    if (step.http.reading == Reading::Stopped && done)
        queue.release(step.core.store.relay_chunks, queue.end());
}

}  // namespace

HttpStep::HttpStep(Core& c, SessionIndex s)
    : core(c), session(s), relay(relay_of(c, s)), http(relay.http) {}

void stop_reading(const HttpStep& step) {
    step.http.reading = Reading::Stopped;
    step.relay.judge_deadline = kNever;
}

Octets next_piece(const HttpStep& step, const RelayWay& way, std::uint64_t at) {
    return way.queue.piece(step.core.store.relay_chunks, at, way.queue.end());
}

bool read_on(const HttpStep& step, RelayWay& way, inspect::BodyFramer& body, std::uint64_t& at) {
    if (body.status() != BodyStatus::More) return true;
    const Octets piece = next_piece(step, way, at);
    if (piece.empty()) return false;
    std::uint32_t used = 0;
    body.feed(piece, used);
    at += used;
    way.judged = at - body.withheld();
    return true;
}

// A head that will never be whole: of its first line the log can still tell.
void refuse_broken_head(const HttpStep& step, Reason reason) {
    const RequestIndex index = take_request(step);
    if (index != kNoIndex && step.http.request_head.line() > 0) {
        inspect::RequestHead head;
        inspect::parse_request_head(
            copy_of(step, step.http.request_from, step.http.request_head.line()), head);
        describe(step.request(index), head);
    }
    refuse_request(step, index, reason, default_answer(step));
}

void begin_request_head(const HttpStep& step) {
    step.http.reading = Reading::Head;
    step.http.request_head = inspect::HeadScanner{inspect::HeadKind::Request};
    step.http.request_from = step.http.read_to;
    step.relay.judge_deadline = kNever;
}

// The last octet of a request has come.
void end_of_request(const HttpStep& step) {
    HttpRelay& http = step.http;
    if (http.unread != kNoIndex) {
        HttpRequest& request = step.request(http.unread);
        request.complete = step.core.now;
        request.body_octets = http.request_body.octets();
        http.unread = kNoIndex;
    }
    // After a request that closes, and after a server that did, nothing more is expected.
    if (http.reading == Reading::Upgrading) return;
    const bool server_left = http.answering == HttpRelay::Answering::Stopped;
    if (server_left) step.relay.to_server.closed = true;
    if (http.keep_alive && !server_left) return begin_request_head(step);
    stop_reading(step);
}

void read_requests(const HttpStep& step) {
    while (step.relay.end == RelayEnd::None && read_some(step) == Going::On) {
    }
    note_client_close(step);
    discard_rest(step);
}

void give_back_request(const HttpStep& step, RequestIndex index) {
    SessionStore& store = step.core.store;
    store.requests.give_back(index);
    store.shares.gave_back(Resource::Requests, store.sessions[step.session].source);
}

void resume_requests(const HttpStep& step) {
    if (step.http.keep_alive) return begin_request_head(step);
    stop_reading(step);
}

}  // namespace sallyport::dp
