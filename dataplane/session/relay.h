// SPDX-License-Identifier: Apache-2.0
// The session with two TCP endpoints of our own. Octets of the client wait in `to_server`, those of
// the server in `to_client`; an inspector decides how far each may be sent on (`judged`):
//
//            client leg          to_server: [ acknowledged | sent | judged | unjudged ] server leg
//   client <------------> Connection ------------------------------------------------> Connection
//   <--> server
//                                <---------------------------------------------------
//                                to_client: [ acknowledged | sent | judged | unjudged ]
//
// A relay whose legs got segments in a burst is due; pump_relays() takes each due one through its
// turn: inspect, hand on closes, open windows, send. So a burst costs an acknowledgement a leg,
// and more only when much of it is for that leg or when something is missing.
#pragma once
#include <cstdint>

#include "dataplane/session/http_relay.h"
#include "dataplane/session/session.h"
#include "dataplane/session/tls_relay.h"
#include "tcpstack/base/index_list.h"
#include "tcpstack/tcp/connection.h"

namespace sallyport::dp {

enum class RelayKind : std::uint8_t { Http, Tls };

// How a relay ends before both sides have closed.
enum class RelayEnd : std::uint8_t {
    None,
    Abort,      // both legs are reset
    Delivered,  // the same, once the client has all that was judged
    Spent,      // the same, once both have all that was judged: no limit lets more pass
    Silence,    // likewise, but the client is told nothing; the server leg is reset
};

// Octets of one direction that may be in the gate: at first, and when much can be sent at once.
inline constexpr std::uint32_t kRelayQueueStart = 128 * 1024, kRelayQueueMax = 4 * 1024 * 1024;
static_assert(kRelayQueueMax < tcp::ByteQueue::kOctetsMax, "a page of the gate's own fits as well");

// One direction.
struct RelayWay {
    tcp::ByteQueue queue;
    std::uint64_t judged = 0;   // octets below may be sent on
    std::uint64_t metered = 0;  // and those below were counted against limits: they are sent
    std::uint32_t limit = kRelayQueueStart;  // of the queue; it grows with the measured need
    bool closed = false;       // nothing will be judged any more: FIN follows
};

struct Relay {
    SessionIndex session = kNoIndex;
    ListLinks due;
    RelayKind kind = RelayKind::Http;
    bool server_open = false;  // `server` is a connection (maybe closed); else there is no leg yet
    RelayEnd end = RelayEnd::None;
    Reason end_reason = Reason::None;
    bool server_reset = false;            // by the server
    EndedBy first_close = EndedBy::Gate;  // who sent the first FIN or reset
    std::uint64_t progress = 0;           // octets received and acknowledged on both legs
    Instant progress_at{};                // when that number last grew
    std::uint32_t chunks_counted = 0;     // of the source's share
    std::uint64_t promised = 0;           // octets of large windows, as SessionStore counts them
    Instant judge_deadline = kNever;      // when what has begun to come must be whole, to be judged
    Instant rate_deadline = kNever;    // when limits let more octets go on
    Instant linger_deadline = kNever;  // when a close that one side does not take part in is enough
    RelayWay to_server, to_client;
    tcp::Connection client, server;
    HttpRelay http;
    TlsRelay tls;

    void end_by(RelayEnd how, Reason why) {
        if (end == RelayEnd::Abort || end == RelayEnd::Silence) return;
        if (end == RelayEnd::None) end_reason = why;
        end = how;
    }
};

}  // namespace sallyport::dp
