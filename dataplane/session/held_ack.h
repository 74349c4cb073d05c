// SPDX-License-Identifier: Apache-2.0
// When the gate acknowledges what a client has sent before its session is joined.
//
// By the first acknowledgement a client measures the round trip. The gate is nearer than the server; a
// sender that has once seen the short way takes the long one for a queue that grows, and leaves slow
// start at once (HyStart, RFC 9406 section 4.2). So a hello that is whole is acknowledged when the
// server has it, or kHelloAckDelay after it came: before the client may think it lost. What came
// twice meanwhile is reported (D-SACK, RFC 2883), so that the client knows its probe for needless.
#pragma once
#include "dataplane/session/core.h"

namespace sallyport::dp {

// RFC 1122 section 4.2.3.2 allows half a second; the least retransmission timeout in wide use is 200 ms.
inline constexpr Duration kHelloAckDelay = std::chrono::milliseconds(150);
// The rest of a hello follows a full segment at once, or never.
inline constexpr Duration kPartAckDelay = std::chrono::milliseconds(1);
inline constexpr std::uint32_t kFullSegmentMin = 1000;

// Now; with SACK blocks for what came twice and for what lies ahead.
void acknowledge_held(Core& core, SessionIndex s);

// After kPartAckDelay; at once while something is missing, and of less than a full segment.
void acknowledge_part(Core& core, SessionIndex s);

// After kHelloAckDelay, or at once while something is missing.
void acknowledge_hello(Core& core, SessionIndex s);

// More came, or the same again: at once, unless an acknowledgement is under way already.
void acknowledge_more(Core& core, SessionIndex s);

// So many octets from `first` on came again: the next acknowledgement says so.
void note_repeated(Core& core, SessionIndex s, SeqNum first, std::size_t octets);

// The server's own acknowledgement of all that was held is about to be passed on.
void leave_ack_to_server(Core& core, SessionIndex s);

}  // namespace sallyport::dp
