// SPDX-License-Identifier: Apache-2.0
// Requests between their head and their line in the log. For the parts of the HTTP relay.
#pragma once
#include "dataplane/session/core.h"
#include "dataplane/session/relay.h"

namespace sallyport::dp {

// The pieces of an HTTP relay that belong together in a step.
struct HttpStep {
    Core& core;
    SessionIndex session;
    Relay& relay;
    HttpRelay& http;

    HttpStep(Core& c, SessionIndex s);
    HttpRequest& request(RequestIndex r) const { return core.store.requests[r]; }
};

// Whether a reader has more to do before it waits for octets.
enum class Going : std::uint8_t { On, Enough };
// The octets of a direction from `at` on, as far as they lie in one piece.
Octets next_piece(const HttpStep& step, const RelayWay& way, std::uint64_t at);
// Takes the next piece of a body that is not complete, moves `at` behind it and judges what may be
// sent on. False: no octet was there.
bool read_on(const HttpStep& step, RelayWay& way, inspect::BodyFramer& body, std::uint64_t& at);

// Nothing that the client still sends is looked at.
void stop_reading(const HttpStep& step);
// Reads and judges what the client has sent, as far as it goes.
void read_requests(const HttpStep& step);
// The next octets of the client begin a request head.
void begin_request_head(const HttpStep& step);
// The last octet of the request read last has come.
void end_of_request(const HttpStep& step);
// What the client sends after an upgrade that was not granted is read as requests again.
void resume_requests(const HttpStep& step);

// Whether the open server leg is one for this request: the same name under the same rule, by an
// egress address that the rule has now, to a server that it may be bound to now.
bool leg_serves(const HttpStep& step, const HttpRequest& request, const policy::Verdict& verdict);
// The request goes out on the open server leg.
void send_on(const HttpStep& step, RequestIndex index);
// Keeps for the request's line what was decided about the present server leg, and its addresses.
void note_server(const HttpStep& step, RequestIndex index);
// A request waits for a leg: the present one is closed when it has answered everything, then
// another is opened.
void seek_leg(const HttpStep& step);

// Matches what the server has sent to the outstanding requests, as far as it goes.
void read_responses(const HttpStep& step);
// What the server's close or reset means for what is outstanding.
void settle_server_end(const HttpStep& step);

// A request that has its line is forgotten.
void give_back_request(const HttpStep& step, RequestIndex index);
// Takes the outstanding request at the front out of the row, without a line.
RequestIndex pop_request(const HttpStep& step);
// The outstanding request at the front is done with: it gets its line, and its place is free.
void finish_request(const HttpStep& step, Reason reason, std::uint64_t octets_sent);
// All of them, and the one that waits for a leg.
void abandon_requests(const HttpStep& step, Reason reason);

// From here on nothing of the client is sent on. `refused` (kNoIndex: no head was complete) is
// answered as `answer` says, after the responses before it.
void refuse_request(const HttpStep& step, RequestIndex refused, Reason reason,
                    policy::Answer answer);
// The same for a head that will never be whole.
void refuse_broken_head(const HttpStep& step, Reason reason);
// Gives the refused request its answer, once it is its turn.
void answer_refusal(const HttpStep& step);

// Writes the line of a request.
void log_request(const HttpStep& step, const HttpRequest& request, Reason reason,
                 std::uint64_t octets_sent);

}  // namespace sallyport::dp
