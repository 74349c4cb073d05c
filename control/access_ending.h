// SPDX-License-Identifier: Apache-2.0
// How a session or a request went, as the access log tells it: RESPONSE_FLAGS,
// RESPONSE_CODE_DETAILS and CONNECTION_TERMINATION_DETAILS.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "dataplane/access_record.h"

namespace sallyport::ctl {

enum class Ending : std::uint8_t {
    Normal,             // both sides closed, or the response is complete
    Denied,             // the policy said no, or what a TLS client sent names nobody
    Malformed,          // an HTTP request that nobody should have to read
    ConnectFailed,      // the server leg never came about
    ResolveFailed,      // the name has no address, or nobody said
    NoUsableAddress,    // it has addresses, but none that could be dialled
    Exhausted,          // a resource of the gate was used up, or a limit on connections was met
    RateLimited,        // too many at once, by a limit of a rule or of the gate
    OverBudget,         // it had been allowed, and has used up its octets
    DurationOver,       // it had been allowed, and its time is over
    ClientLeft,         // the client ended it before there was a verdict or a whole response
    UpstreamLeft,       // HTTP: the server ended it before or within its response
    UpstreamMalformed,  // HTTP: what the server sent is no response to the request
    Terminated,         // it had been allowed, and something ended it before its time
};

Ending ending_of(const dp::AccessRecord& record);

// The flag of Envoy's list, or "-".
std::string_view response_flag(Ending ending);

// Why it was refused or failed; for what only audit mode let pass, "would_deny:" and why; for a
// response of the server, "via_upstream"; or "-".
std::string response_details(const dp::AccessRecord& record, Ending ending);

// What cut short something that was neither refused nor failed, or "-".
std::string_view termination_details(const dp::AccessRecord& record, Ending ending);

}  // namespace sallyport::ctl
