// SPDX-License-Identifier: Apache-2.0
// A copy of what an operator may see of one live session.
#pragma once
#include "dataplane/access_record.h"
#include "dataplane/frame.h"

namespace sallyport::dp {

enum class SessionState : std::uint8_t {
    Hold,
    Connecting,
    Joining,
    Spliced,
    Relayed,
    Translated,
    Closing,
    Closed
};

constexpr std::string_view text(SessionState s) {
    switch (s) {
        case SessionState::Hold: return "hold";
        case SessionState::Connecting: return "connecting";
        case SessionState::Joining: return "joining";
        case SessionState::Spliced: return "spliced";
        case SessionState::Relayed: return "relayed";
        case SessionState::Translated: return "translated";
        case SessionState::Closing: return "closing";
        case SessionState::Closed: return "closed";
    }
    __builtin_unreachable();
}

struct SessionRow {
    AccessRecord record;  // as it would be logged now
    SessionState state = SessionState::Hold;
    WorkerIndex worker = 0;
    bool http = false;  // the policy is asked for plain HTTP, and not for TLS
    Duration idle{};
};

}  // namespace sallyport::dp
