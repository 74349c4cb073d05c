// SPDX-License-Identifier: Apache-2.0
// One session: client leg, server leg and what was decided. Cold: the packet path of a splice
// touches only its two flow records. What is needed until the splice begins stands apart, in Setup;
// a relay has one while it opens a server leg. What a relay needs besides stands in Relay.
#pragma once
#include <cstdint>

#include "dataplane/access_record.h"
#include "dataplane/policy/terms.h"
#include "dataplane/policy/verdict.h"
#include "dataplane/resolve/name_cache.h"
#include "dataplane/session/candidates.h"
#include "dataplane/session/hold.h"
#include "dataplane/session/limits.h"
#include "dataplane/session/name_pool.h"
#include "dataplane/session/rate_limits.h"
#include "dataplane/session/source_shares.h"
#include "dataplane/session_row.h"
#include "tcpstack/base/index_list.h"
#include "tcpstack/tcp/active_open.h"
#include "tcpstack/tcp/embryo.h"
#include "tcpstack/tcp/syn_cookie.h"

namespace sallyport::dp {

using SessionIndex = std::uint32_t;  // into the store; its flow records are 2 * index and the next
using SetupIndex = std::uint32_t;
using RelayIndex = std::uint32_t;

struct Session {
    std::uint64_t id = 0;
    std::uint64_t generation = 0;  // of the verdict
    Instant start{};         // first payload octet
    Instant closed_until{};  // in state Closed
    SourceHash source = 0;
    SetupIndex setup = kNoIndex;
    RelayIndex relay = kNoIndex;
    NameId name = kNoIndex;
    policy::RuleId rule = policy::kDefaultRule;
    std::uint8_t upstream = 0;  // which of the rule's
    bool redirected = false;    // the client's own address was none of the name's
    Reason would_deny = Reason::None;
    LimitHold limits;                         // of its rule and source
    std::uint32_t upstream_use = kNoIndex;    // of its upstream
    Duration idle_timeout{};                  // of its upstream; zero: that of the settings
    policy::Keepalive keepalive;              // of its upstream
    std::uint32_t probes_sent = 0;            // since the server was heard last
    Instant probe_at = kNever;
    std::array<Instant, 2> heard_at{};        // the last packet each way, when its record was looked at (silence.h)
    Instant ends_at = kNever;                 // when it has lasted for long enough
    ChallengeLimit challenges;
    ListLinks closed;    // in the list of closed sessions, oldest first
    SeqNum irs, iss;     // client leg: its ISN, ours
    SeqNum server_irs;   // server leg: its ISN
    TsVal server_ts_start;
    SessionState state = SessionState::Hold;
    Reason reason = Reason::None;
    EndedBy ended_by = EndedBy::Gate;
    policy::Decision decision = policy::Decision::Deny;
    RecordProtocol protocol = RecordProtocol::Tcp;
    bool translated = false;  // by a layer-4 rule: no set-up, no relay, no name
    bool answered = false;    // translated TCP: the server's SYN was seen, `server_irs` is known
    bool has_server = false;  // the server leg has a port: the second flow record is in the table
    bool ech = false;
    bool timestamps = false;
    bool reset = false;       // a reset that is not exact was passed on: transitory
    EndedBy first_close = EndedBy::Gate;  // who sent the first FIN
    tcp::LateAnswer late_answer = tcp::LateAnswer::Silence;
};

//              (Resolving)
// Undecided -> Connecting -> Delivering -> AwaitingServer -> (splice)
//                                                |  HelloRetryRequest
//                                                v
//                                           SecondHold -> Delivering -> (splice)
enum class Stage : std::uint8_t {
    Undecided,
    Resolving,  // the name is allowed, its address not known yet
    Connecting,
    Delivering,
    AwaitingServer,
    SecondHold,
};

struct Setup {
    SessionIndex session = kNoIndex;
    Stage stage = Stage::Undecided;
    bool server_spoke = false;   // its first record was seen and is no HelloRetryRequest
    bool second_hello = false;   // a HelloRetryRequest was answered
    bool dialled = false;        // some address was
    std::uint8_t port_tries = 0; // towards the present address
    std::array<std::uint8_t, 48> server_first{};  // the server's first octets
    std::uint64_t server_first_known = 0;         // which of them have come, by bit
    std::uint64_t generation = 0;  // that the next four are of
    std::uint16_t egress_set = 0;
    bool allow_private = false;
    policy::Answer answer = policy::Answer::Drop;
    Duration connect_timeout{};    // to one address; zero: that of the settings
    Candidates candidates;
    Reason failure = Reason::None;  // why the last candidate was none
    std::uint16_t client_window = 0;  // its last window field
    tcp::ClientOptions options;
    SeqNum base;       // of the first octet in hold, the client's numbers
    SeqNum joined_at;  // S: octets below it are ours to deliver
    TsVal ts_recent;   // the client's last TSval in order
    TsVal ts_sent;     // our last TSval to the client
    Instant acknowledge_at = kNever;  // what is held is acknowledged then (held_ack.h)
    tcp::Range repeated;              // of hold, what came twice since the last acknowledgement
    std::uint32_t hello_octets = 0;  // length of the first hello
    bool shared_out = false;                // Session::upstream is chosen
    NameEntryIndex awaits = kNoIndex;       // Resolving: in whose chain it stands
    ListLinks waiting, woken;
    Instant resolve_deadline = kNever, ask_again_at = kNever;
    Instant hello_deadline = kNever, connect_deadline = kNever, setup_deadline = kNever;
    Hold hold;
    tcp::ActiveOpen leg;
};

}  // namespace sallyport::dp
