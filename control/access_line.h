// SPDX-License-Identifier: Apache-2.0
// One access record as one line of text, in the default form of Istio since 1.9:
//
// [START_TIME] "METHOD PATH PROTOCOL" RESPONSE_CODE RESPONSE_FLAGS RESPONSE_CODE_DETAILS
// CONNECTION_TERMINATION_DETAILS "UPSTREAM_TRANSPORT_FAILURE_REASON" BYTES_RECEIVED BYTES_SENT
// DURATION UPSTREAM_SERVICE_TIME "X-FORWARDED-FOR" "USER-AGENT" "X-REQUEST-ID" "AUTHORITY"
// "UPSTREAM_HOST" UPSTREAM_CLUSTER UPSTREAM_LOCAL_ADDRESS DOWNSTREAM_LOCAL_ADDRESS
// DOWNSTREAM_REMOTE_ADDRESS REQUESTED_SERVER_NAME ROUTE_NAME
//
// PROTOCOL of a flow that a layer-4 rule lets pass, or that none does, is TCP, UDP or ICMP.
// What is unknown, or has no meaning for a session that is not HTTP, is "-". Of HTTP, bytes are
// those of the bodies, and X-FORWARDED-FOR is the address of the client: what the request says
// there is a claim.
#pragma once
#include <chrono>
#include <string>

#include "config/model.h"
#include "control/rule_book.h"
#include "dataplane/access_record.h"
#include "dataplane/dataplane.h"

namespace sallyport::ctl {

struct LogContext {
    const RuleBook& rules;
    // Wall time of the origin of the workers' clock.
    std::chrono::system_clock::time_point clock_origin;
    cfg::LogQuery query = cfg::LogQuery::Keep;  // of the paths of requests

    std::chrono::system_clock::time_point wall(Instant t) const {
        using std::chrono::system_clock;
        return clock_origin +
               std::chrono::duration_cast<system_clock::duration>(t.time_since_epoch());
    }
};

// With the relation between the two clocks as it is now: the wall clock may be set at any time.
LogContext log_context(const dp::Dataplane& dataplane, const RuleBook& rules);

// Ends with a newline and holds no other one.
std::string format_istio(const dp::AccessRecord& record, const LogContext& context);

}  // namespace sallyport::ctl
