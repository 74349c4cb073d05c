// SPDX-License-Identifier: Apache-2.0
// What the log needs to know about a session, as the worker writes it: binary, fixed size, no
// formatting. control/access_log turns it into a line.
#pragma once
#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "dataplane/policy/verdict.h"
#include "dataplane/reason.h"
#include "tcpstack/base/endpoint.h"
#include "tcpstack/base/time.h"

namespace sallyport::dp {

inline constexpr std::size_t kNameMax = 253;  // of a host name, RFC 1035 section 2.3.4

// A text that is cut to what fits. Octets as they came: whoever prints them escapes them. What lies
// beyond the text has no value and is not copied: a record is written for each request, and few of
// its texts are long.
template <std::size_t N>
struct ShortText {
    std::uint16_t length = 0;
    std::array<char, N> octets;

    ShortText() {}  // not defaulted: ShortText{} would clear the octets
    ShortText(const ShortText& other) { set(other.view()); }
    ShortText& operator=(const ShortText& other) {
        if (this != &other) set(other.view());
        return *this;
    }

    std::string_view view() const { return {octets.data(), length}; }
    void set(std::string_view text) {
        length = static_cast<std::uint16_t>(std::min(text.size(), N));
        std::copy_n(text.data(), length, octets.data());
    }
};

// One HTTP request and its response. What is empty or zero was not seen.
struct HttpExchange {
    ShortText<16> method;
    ShortText<512> path;                // the request target, query included
    ShortText<kNameMax + 7> authority;  // Host as the client wrote it
    ShortText<192> user_agent;
    ShortText<64> request_id;  // X-Request-Id of the request; of a page of our own, its id
    std::uint8_t minor = 1;    // HTTP/1.minor
    std::uint16_t code = 0;    // of the response; 0: none was begun
    bool own_answer = false;   // the response is the gate's own page
    std::optional<Duration> service_time;  // end of the request to the first octet of the response
};

enum class EndedBy : std::uint8_t { Gate, Client, Server };
// What a session was: inspected by name, or a flow that a layer-4 rule lets pass (`translated`).
enum class RecordProtocol : std::uint8_t { Tcp, Udp, Icmp };

// A session; or one HTTP request of it, when `http` has a value.
struct AccessRecord {
    std::uint64_t session_id = 0;
    std::uint64_t generation = 0;
    Instant start{};      // first payload byte (of the request), on the worker's clock
    Duration duration{};  // to the end of the session, or to the last byte of the response
    std::uint64_t bytes_received =
        0;                         // from the client, each payload octet once; HTTP: of the body
    std::uint64_t bytes_sent = 0;  // to the client; HTTP: of the body
    FourTuple client;           // src: the client; dst: where it wanted to go
    FourTuple server;           // src: egress address and port; dst: the address dialled
    bool has_server = false;    // whether a server leg was begun; else `server` means nothing
    policy::Decision decision = policy::Decision::Deny;
    Reason reason = Reason::None;  // why denied, or how it ended
    Reason would_deny = Reason::None;  // of WouldDeny: what the denial would have been
    RecordProtocol protocol = RecordProtocol::Tcp;
    bool translated = false;       // by a layer-4 rule
    bool redirected = false;       // the client's address was not one of the name's
    std::uint8_t upstream = 0;     // which of the rule's upstreams
    EndedBy ended_by = EndedBy::Gate;
    policy::RuleId rule = policy::kDefaultRule;
    bool ech = false;           // the ClientHello carried encrypted_client_hello (outer or GREASE)
    ShortText<kNameMax> name_text;  // normalised server name
    std::optional<HttpExchange> http;

    std::string_view name() const { return name_text.view(); }
    void set_name(std::string_view name) { name_text.set(name); }
};

}  // namespace sallyport::dp
