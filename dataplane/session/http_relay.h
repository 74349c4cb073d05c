// SPDX-License-Identifier: Apache-2.0
// Plain HTTP, request by request. Each request head is judged before it is sent on; bodies stream
// through under the framing of RFC 9112; responses are matched to requests in order.
#pragma once
#include <cstdint>

#include "dataplane/access_record.h"
#include "dataplane/inspect/http_body.h"
#include "dataplane/inspect/http_head.h"
#include "dataplane/policy/verdict.h"
#include "tcpstack/base/endpoint.h"
#include "tcpstack/base/slab.h"
#include "tcpstack/base/time.h"

namespace sallyport::dp {

struct Core;

using RequestIndex = std::uint32_t;
inline constexpr unsigned kOutstandingMax = 32;

// A request whose head was read: outstanding, waiting for its server leg, or refused.
struct HttpRequest {
    RequestIndex next = kNoIndex;  // of the outstanding ones
    Instant start{};               // its first octet
    Instant complete = kNever;     // its last octet
    bool has_server = false;       // whether `server` means something
    FourTuple server;              // src: egress address and port; dst: the address dialled
    bool is_head = false;
    bool websocket = false;
    bool keep_alive = true;
    bool awaits_continue = false;  // its body follows only when the server says 100
    std::uint64_t generation = 0;  // of the verdict
    policy::RuleId rule = policy::kDefaultRule;
    policy::Decision decision = policy::Decision::Deny;
    Reason would_deny = Reason::None;
    std::uint8_t upstream = 0;
    bool redirected = false;
    std::uint64_t ordinal = 0;  // of the requests of its session, from 1 on
    std::uint64_t body_octets = 0;
    inspect::HostName host;
    inspect::BodyFraming body;
    HttpExchange exchange;
};

struct HttpRelay {
    enum class Reading : std::uint8_t {
        Head,
        Waiting,  // an allowed request waits for a server leg of its own
        Body,
        Upgrading,  // what follows depends on the answer (RFC 9110 section 7.8)
        Opaque,
        Stopped,  // nothing that still comes is looked at or sent on
    };
    enum class Answering : std::uint8_t { Head, Body, Opaque, Stopped };
    // A request that is refused waits for the responses before it.
    enum class Refusing : std::uint8_t { No, Pending, Answered, AnsweredByPage };

    Reading reading = Reading::Head;
    Answering answering = Answering::Head;
    Refusing refusing = Refusing::No;
    bool leg_answered = false;     // the present server leg has given a whole response
    bool keep_alive = true;        // of the request read last
    bool until_close = false;      // the present response ends with the server's connection
    bool last_response = false;    // no other follows the present one
    unsigned outstanding = 0;
    RequestIndex first = kNoIndex, last = kNoIndex;  // outstanding, in order
    RequestIndex unread = kNoIndex;   // the outstanding request whose body is still coming
    RequestIndex waiting = kNoIndex;  // in Reading::Waiting
    RequestIndex refused = kNoIndex;  // to be answered by a page, or as `answer` says
    Reason refused_for = Reason::None;
    policy::Answer answer = policy::Answer::Alert;
    std::uint32_t page_octets = 0;    // of the body of our own page
    std::uint64_t requests = 0;       // so far
    std::uint64_t lines = 0;          // of the log, for requests
    Reason line_owed = Reason::None;  // the session gets a line of its own beside those
    std::uint64_t read_to = 0;        // of to_server: what was looked at
    std::uint64_t request_from = 0;   // of to_server: where the present request begins
    std::uint64_t answered_to = 0;    // of to_client
    std::uint64_t response_from = 0;  // of to_client: where the present response begins
    Instant request_start{};          // of the present head
    Instant leg_deadline = kNever;    // when the old server leg's close has taken long enough
    inspect::HeadScanner request_head{inspect::HeadKind::Request};
    inspect::HeadScanner response_head{inspect::HeadKind::Response};
    inspect::BodyFramer request_body, response_body;
};

// One step of inspection: judges what has come, moves what may be sent on.
void inspect_http(Core& core, std::uint32_t session);

// The server leg that a request waited for is open.
void on_http_leg_open(Core& core, std::uint32_t session);

// It could not be opened, or may not be.
void on_http_leg_failed(Core& core, std::uint32_t session, Reason reason);
void on_http_leg_refused(Core& core, std::uint32_t session, Reason reason, policy::Answer answer);

// The server leg has lasted for long enough: it is closed when nothing is under way on it.
void retire_http_leg(Core& core, std::uint32_t session);

// The head was not complete in time.
void on_http_head_deadline(Core& core, std::uint32_t session);

// The session ends: what was outstanding gets its line, and all requests are given back.
struct HttpLines {
    bool written = false;  // a line for a request was
    bool owed = false;     // a line for the session itself is
};
HttpLines close_http_requests(Core& core, std::uint32_t session, Reason reason);

}  // namespace sallyport::dp
