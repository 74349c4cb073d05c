// SPDX-License-Identifier: Apache-2.0
// Requests that are refused or fail, and the lines of all requests.
#include <array>

#include "dataplane/session/http_pages.h"
#include "dataplane/session/http_requests.h"
#include "dataplane/session/records.h"
#include "dataplane/session/relay_legs.h"
#include "tcpstack/base/text_writer.h"

namespace sallyport::dp {
namespace {

using policy::Answer;
using Refusing = HttpRelay::Refusing;

using OwnId = std::array<char, 48>;

// The id of a response of our own: the session's, and which of its requests it was. A request that
// there was no room to remember was not counted yet.
std::string_view own_id(const HttpStep& step, OwnId& out) {
    const RequestIndex refused = step.http.refused;
    const std::uint64_t ordinal =
        refused != kNoIndex ? step.request(refused).ordinal : step.http.requests + 1;
    const std::uint64_t session = step.core.store.sessions[step.session].id;
    return TextWriter(out).hex(session, 16).put('-').decimal(ordinal).text();
}

HttpPage page_for(const HttpStep& step, std::string_view id) {
    HttpPage page{.reason = step.http.refused_for, .request_id = id};
    if (step.http.refused == kNoIndex) return page;
    const HttpRequest& request = step.request(step.http.refused);
    page.host = request.host.view();
    page.is_head = request.is_head;
    return page;
}

void send_page(const HttpStep& step) {
    Relay& relay = step.relay;
    step.http.answering = HttpRelay::Answering::Stopped;
    OwnId id;
    std::array<char, kPageMax> octets;
    const std::string_view text = write_page(page_for(step, own_id(step, id)), octets);
    tcp::ChunkPool& pool = step.core.store.relay_chunks;
    relay.to_client.queue.truncate(pool, relay.to_client.judged);
    const auto* first = reinterpret_cast<const std::uint8_t*>(text.data());
    // Without room for a page, a reset still says that the request went nowhere.
    if (!relay.to_client.queue.append(pool, {first, text.size()}))
        return relay.end_by(RelayEnd::Delivered, step.http.refused_for);
    step.http.refusing = Refusing::AnsweredByPage;
    step.http.page_octets = static_cast<std::uint32_t>(text.size() - text.find("\r\n\r\n") - 4);
    relay.to_client.judged = relay.to_client.queue.end();
    relay.to_client.closed = true;
    relay.to_server.closed = true;
}

// The refused request gets its line, and its place is free.
void close_refused(const HttpStep& step) {
    HttpRelay& http = step.http;
    HttpRequest unknown;
    unknown.start = http.request_start;
    HttpRequest& request = http.refused != kNoIndex ? step.request(http.refused) : unknown;
    if (http.refusing == Refusing::AnsweredByPage) {
        OwnId id;
        request.exchange.request_id.set(own_id(step, id));
        request.exchange.code = status_of(http.refused_for);
        request.exchange.own_answer = true;
    }
    log_request(step, request, http.refused_for, http.page_octets);
    if (http.refused != kNoIndex) give_back_request(step, http.refused);
    http.refused = kNoIndex;
}

bool is_denied(const HttpStep& step) {
    return step.http.refused == kNoIndex ||
           step.request(step.http.refused).decision == policy::Decision::Deny;
}

}  // namespace

void refuse_request(const HttpStep& step, RequestIndex refused, Reason reason, Answer answer) {
    HttpRelay& http = step.http;
    // One that waited for its turn behind `refused` will not get it: the connection ends before.
    if (http.refusing == Refusing::Pending) close_refused(step);
    stop_reading(step);
    http.refusing = Refusing::Pending;
    http.refused = refused;
    http.refused_for = reason;
    http.answer = answer;
    if (is_denied(step)) step.core.counters.verdicts_deny.add(1);
}

void answer_refusal(const HttpStep& step) {
    HttpRelay& http = step.http;
    Relay& relay = step.relay;
    if (http.refusing != Refusing::Pending || http.outstanding > 0) return;
    http.refusing = Refusing::Answered;
    // A response before it was the last, or was cut off: what came behind would be taken for its rest.
    if (relay.to_client.closed || relay.end != RelayEnd::None) return;
    step.core.store.sessions[step.session].late_answer =
        http.answer == Answer::Drop ? tcp::LateAnswer::Silence : tcp::LateAnswer::Reset;
    switch (http.answer) {
        case Answer::Drop: return relay.end_by(RelayEnd::Silence, http.refused_for);
        case Answer::Reset: return relay.end_by(RelayEnd::Delivered, http.refused_for);
        case Answer::Alert: break;
    }
    send_page(step);
    if (http.refusing == Refusing::AnsweredByPage) close_refused(step);
}

void log_request(const HttpStep& step, const HttpRequest& request, Reason reason,
                 std::uint64_t octets_sent) {
    AccessRecord r = record_of(step.core.store, step.session, step.core.now);
    r.start = request.start;
    r.duration = step.core.now - request.start;
    r.bytes_received = request.body_octets;
    r.bytes_sent = octets_sent;
    r.generation = request.generation;
    r.decision = request.decision;
    r.would_deny = request.would_deny;
    r.reason = reason;
    r.rule = request.rule;
    r.upstream = request.upstream;
    r.redirected = request.redirected;
    r.has_server = request.has_server;
    r.server = request.server;
    r.set_name(request.host.view());
    r.http = request.exchange;
    ++step.http.lines;
    if (reason != Reason::None) step.core.counters.count(reason);
    step.core.outbox.log(r);
}

void inspect_http(Core& core, SessionIndex s) {
    const HttpStep step(core, s);
    read_responses(step);
    settle_server_end(step);
    read_requests(step);
    answer_refusal(step);
}

void on_http_head_deadline(Core& core, SessionIndex s) {
    const HttpStep step(core, s);
    if (step.http.reading != HttpRelay::Reading::Head) return;
    refuse_broken_head(step, Reason::RequestHeadTimeout);
}

HttpLines close_http_requests(Core& core, SessionIndex s, Reason reason) {
    const HttpStep step(core, s);
    HttpRelay& http = step.http;
    const std::uint64_t before = http.lines;
    abandon_requests(step, reason);
    // A refusal without a page gets its line when the session is over.
    const bool refused = http.refusing == Refusing::Pending || http.refusing == Refusing::Answered;
    if (refused) close_refused(step);
    http.refusing = Refusing::No;
    return {.written = http.lines > before,
            .owed = http.lines == 0 || http.line_owed != Reason::None};
}

}  // namespace sallyport::dp
