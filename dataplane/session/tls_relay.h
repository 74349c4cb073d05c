// SPDX-License-Identifier: Apache-2.0
// TLS through a relay, because the server lacks what the client was promised. What follows the
// first hello waits for the server's first record: when that asks for a second hello, the second is
// judged as well; after it both directions are opaque.
#pragma once
#include <array>
#include <cstdint>

#include "dataplane/reason.h"

namespace sallyport::dp {

struct Core;

struct TlsRelay {
    enum class Stage : std::uint8_t { AwaitingServer, SecondHello, Opaque };
    Stage stage = Stage::AwaitingServer;
};

// One step of inspection: moves what may be sent on in both directions.
void inspect_tls(Core& core, std::uint32_t session);

// The session is denied: both legs are reset.
void refuse_tls(Core& core, std::uint32_t session, Reason reason);

}  // namespace sallyport::dp
