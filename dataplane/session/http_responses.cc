// SPDX-License-Identifier: Apache-2.0
// From the server's octets to responses, each matched to its request.
#include <algorithm>
#include <array>
#include <string_view>

#include "dataplane/session/http_requests.h"
#include "dataplane/session/relay_legs.h"
#include "dataplane/session/relay_turn.h"

namespace sallyport::dp {
namespace {

using inspect::BodyKind;
using inspect::BodyStatus;
using inspect::HeadStatus;
using policy::Answer;
using Answering = HttpRelay::Answering;
using Reading = HttpRelay::Reading;

bool is_refusing(const HttpRelay& http) {
    return http.refusing != HttpRelay::Refusing::No;
}

void begin_head(const HttpStep& step) {
    step.http.answering = Answering::Head;
    step.http.response_head = inspect::HeadScanner{inspect::HeadKind::Response};
    step.http.response_from = step.http.answered_to;
}

// The response cannot be relayed and none of it was: the client is told so. What was asked after it
// stays unanswered.
void replace_response(const HttpStep& step, Reason reason) {
    const RequestIndex index = pop_request(step);
    abandon_requests(step, reason);
    step.http.answering = Answering::Stopped;
    drop_server_leg(step.core, step.session);
    refuse_request(step, index, reason, Answer::Alert);
}

// There will be no other response: the client's connection ends behind what it has got. A body that
// is still coming may go on to a server that has only closed its half.
void end_of_responses(const HttpStep& step, Reason unanswered) {
    HttpRelay& http = step.http;
    abandon_requests(step, unanswered);
    http.answering = Answering::Stopped;
    step.relay.to_client.closed = true;
    if (http.reading == Reading::Body && !http.last_response) return;
    stop_reading(step);
    step.relay.to_server.closed = true;
}

// Octets that answer no request, such as the 408 with which some servers end an idle connection:
// the connection is as good as closed.
void end_unasked(const HttpStep& step) {
    step.core.counters.count(Reason::UpstreamProtocol);
    step.http.answering = Answering::Stopped;
    drop_server_leg(step.core, step.session);
    const bool goes_on = step.http.reading == Reading::Waiting || is_refusing(step.http);
    if (!goes_on) end_of_responses(step, Reason::UpstreamProtocol);
}

void begin_opaque(const HttpStep& step) {
    step.http.answering = Answering::Opaque;
    step.http.reading = Reading::Opaque;
    step.http.request_from = step.http.read_to;
    step.http.response_from = step.http.answered_to;
}

void on_whole_head(const HttpStep& step) {
    HttpRelay& http = step.http;
    HttpRequest& request = step.request(http.first);
    const std::span<std::uint8_t> octets{step.core.stream.data(), http.response_head.size()};
    step.relay.to_client.queue.read(step.core.store.relay_chunks, http.response_from, octets);
    inspect::ResponseHead head;
    const Reason bad = inspect::parse_response_head(
        octets, {.is_head = request.is_head, .websocket = request.websocket}, head);
    if (bad != Reason::None) return replace_response(step, bad);
    step.relay.to_client.judged = http.answered_to;
    if (head.status == 100) request.awaits_continue = false;
    if (head.is_interim) return begin_head(step);
    request.exchange.code = head.status;
    request.exchange.service_time = step.core.now - std::min(request.complete, step.core.now);
    if (head.status == 101) return begin_opaque(step);
    // A client that waits for a 100 may leave its body out now, and a server may take what comes
    // for a request: nobody can know any more what the next octets are.
    const bool body_left_open = request.awaits_continue && http.unread == http.first;
    http.last_response = !head.keep_alive || body_left_open;
    if (body_left_open || (http.last_response && http.reading != Reading::Body))
        stop_reading(step);
    else if (request.websocket)
        resume_requests(step);
    http.until_close = head.body.kind == BodyKind::UntilClose;
    http.response_body.start(head.body);
    http.answering = Answering::Body;
}

// A server of another protocol may say one line and wait.
bool is_status_line(const HttpStep& step) {
    constexpr std::string_view kBegin = "HTTP/1.";
    if (step.http.response_head.line() < kBegin.size()) return false;
    std::array<std::uint8_t, kBegin.size()> line;
    step.relay.to_client.queue.read(step.core.store.relay_chunks, step.http.response_from, line);
    return std::equal(line.begin(), line.end(), kBegin.begin());
}

Going read_head(const HttpStep& step) {
    HttpRelay& http = step.http;
    const Octets piece = next_piece(step, step.relay.to_client, http.answered_to);
    if (piece.empty()) return Going::Enough;
    if (http.outstanding == 0) return end_unasked(step), Going::Enough;
    std::uint32_t used = 0;
    const HeadStatus status = http.response_head.feed(piece, used);
    http.answered_to += used;
    switch (status) {
        case HeadStatus::NeedMore: return Going::On;
        case HeadStatus::FirstLine:
            if (is_status_line(step)) return Going::On;
            replace_response(step, Reason::UpstreamProtocol);
            return Going::Enough;
        case HeadStatus::Done: on_whole_head(step); return Going::On;
        case HeadStatus::Bad:
        case HeadStatus::TooLarge:
            replace_response(step, Reason::UpstreamProtocol);
            return Going::Enough;
    }
    __builtin_unreachable();
}

Going read_body(const HttpStep& step) {
    HttpRelay& http = step.http;
    if (!read_on(step, step.relay.to_client, http.response_body, http.answered_to))
        return Going::Enough;
    if (http.response_body.status() == BodyStatus::Bad) {
        abandon_requests(step, Reason::UpstreamProtocol);
        step.relay.end_by(RelayEnd::Delivered, Reason::UpstreamProtocol);
        return Going::Enough;
    }
    if (http.response_body.status() == BodyStatus::More) return Going::On;
    finish_request(step, Reason::None, http.response_body.octets());
    http.leg_answered = true;
    if (http.last_response) return end_of_responses(step, Reason::UpstreamClosed), Going::Enough;
    begin_head(step);
    return Going::On;
}

Going read_some(const HttpStep& step) {
    switch (step.http.answering) {
        case Answering::Head: return read_head(step);
        case Answering::Body: return read_body(step);
        case Answering::Opaque:
            step.http.answered_to = step.relay.to_client.judged = step.relay.to_client.queue.end();
            return Going::Enough;
        case Answering::Stopped: return Going::Enough;
    }
    __builtin_unreachable();
}

// Behind an upgrade each direction ends by itself: what the client still says goes on to a server
// that has closed its half.
void settle_opaque_end(const HttpStep& step) {
    if (!step.relay.server.peer_finished()) return;
    step.relay.to_client.closed = true;
    const bool both = step.relay.to_server.closed && step.http.outstanding > 0;
    if (both) abandon_requests(step, Reason::None);
}

// A server that goes without an answer to the first request of its connection has failed it. On a
// connection that it had used before, the close may have crossed the request: the client sees it as
// it would without a gate, and may ask again.
void fail_unanswered(const HttpStep& step, Reason reason) {
    HttpRelay& http = step.http;
    const bool begun = http.answering != Answering::Head || http.leg_answered;
    if (http.outstanding > 0 && !begun) return replace_response(step, reason);
    if (!step.relay.server_reset) return end_of_responses(step, reason);
    abandon_requests(step, reason);
    step.relay.end_by(RelayEnd::Delivered, reason);
}

}  // namespace

void read_responses(const HttpStep& step) {
    while (step.relay.end == RelayEnd::None && step.relay.server_open &&
           read_some(step) == Going::On) {
    }
}

void settle_server_end(const HttpStep& step) {
    HttpRelay& http = step.http;
    const Relay& relay = step.relay;
    if (!relay.server_open || relay.end != RelayEnd::None) return;
    if (http.answering == Answering::Opaque && !relay.server_reset) return settle_opaque_end(step);
    // Behind its response a server may still take a body, until it resets.
    if (relay.to_client.closed && is_over(relay.server.state())) stop_reading(step);
    if (relay.to_client.closed) return;
    if (!relay.server.peer_finished() && !relay.server_reset) return;
    // An idle leg may go: the gate is closing it, another one is about to take its place, or a page
    // ends the connection.
    const bool leaves = http.leg_deadline != kNever || http.reading == Reading::Waiting;
    if (http.outstanding == 0 && (leaves || is_refusing(http))) return;
    const bool to_the_end =
        http.answering == Answering::Body && http.until_close && !relay.server_reset;
    if (to_the_end) {
        finish_request(step, Reason::None, http.response_body.octets());
        begin_head(step);
        http.leg_answered = true;
    }
    if (http.answering == Answering::Opaque) abandon_requests(step, Reason::None);
    fail_unanswered(step, relay.server_reset ? Reason::UpstreamReset : Reason::UpstreamClosed);
}

RequestIndex pop_request(const HttpStep& step) {
    HttpRelay& http = step.http;
    const RequestIndex index = http.first;
    http.first = step.request(index).next;
    if (http.first == kNoIndex) http.last = kNoIndex;
    --http.outstanding;
    if (http.unread == index) {
        step.request(index).body_octets = http.request_body.octets();
        http.unread = kNoIndex;
    }
    return index;
}

void finish_request(const HttpStep& step, Reason reason, std::uint64_t octets_sent) {
    const RequestIndex index = pop_request(step);
    log_request(step, step.request(index), reason, octets_sent);
    give_back_request(step, index);
}

void abandon_requests(const HttpStep& step, Reason reason) {
    HttpRelay& http = step.http;
    for (bool first = true; http.outstanding > 0; first = false) {
        std::uint64_t sent = 0;
        if (first && http.answering == Answering::Body) sent = http.response_body.octets();
        if (first && http.answering == Answering::Opaque) {
            sent = http.answered_to - http.response_from;
            step.request(http.first).body_octets = http.read_to - http.request_from;
        }
        finish_request(step, reason, sent);
    }
    if (http.waiting == kNoIndex) return;
    log_request(step, step.request(http.waiting), reason, 0);
    give_back_request(step, http.waiting);
    http.waiting = kNoIndex;
}

}  // namespace sallyport::dp
