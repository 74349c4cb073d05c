// SPDX-License-Identifier: Apache-2.0
// Access records: what the log will say of a session.
#pragma once
#include <string_view>

#include "dataplane/session/core.h"

namespace sallyport::dp {

// A client that was refused without a session of its own.
struct Refusal {
    FourTuple client{};
    Reason reason = Reason::None;
    policy::RuleId rule = policy::kDefaultRule;
    std::string_view name{};
    std::uint32_t bytes_received = 0;
    bool ech = false;
    RecordProtocol protocol = RecordProtocol::Tcp;
};
void log_refusal(Core& core, const Refusal& refusal);

// Unique over all workers of this run.
std::uint64_t next_session_id(Core& core);

// A session as it stands now.
AccessRecord record_of(const SessionStore& store, SessionIndex s, Instant now);

// A copy of what an operator may see of a session.
SessionRow row_of(const SessionStore& store, SessionIndex s, WorkerIndex worker, Instant now);

bool is_http(const SessionStore& store, SessionIndex s);  // a relay of plain HTTP
// The name of a session, copied to `out`.
std::string_view name_of(const SessionStore& store, SessionIndex s, std::span<char> out);

}  // namespace sallyport::dp
