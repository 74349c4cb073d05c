// SPDX-License-Identifier: Apache-2.0
// What the log needs to know about a session, as the worker writes it: binary, fixed size, no
// formatting. control/access_log turns it into a line.
#pragma once
#include <algorithm>
#include <array>
#include <cstdint>
#include <string_view>

#include "dataplane/policy/verdict.h"
#include "dataplane/reason.h"
#include "tcpstack/base/endpoint.h"
#include "tcpstack/base/time.h"

namespace sallyport::dp {

inline constexpr std::size_t kNameMax = 253;  // of a host name, RFC 1035 section 2.3.4

enum class EndedBy : std::uint8_t { Gate, Client, Server };

struct AccessRecord {
    std::uint64_t session_id = 0;
    std::uint64_t generation = 0;
    Instant start{};            // first payload byte, on the worker's clock
    Duration duration{};        // to the end of the session
    std::uint64_t bytes_received = 0;  // from the client, each payload octet once
    std::uint64_t bytes_sent = 0;      // to the client
    FourTuple client;           // src: the client; dst: where it wanted to go
    FourTuple server;           // src: egress address and port; dst: the address dialled
    bool has_server = false;    // whether a server leg was begun; else `server` means nothing
    policy::Decision decision = policy::Decision::Deny;
    Reason reason = Reason::None;  // why denied, or how it ended
    EndedBy ended_by = EndedBy::Gate;
    policy::RuleId rule = policy::kDefaultRule;
    bool ech = false;           // the ClientHello carried encrypted_client_hello (outer or GREASE)
    std::uint8_t name_length = 0;
    std::array<char, kNameMax> name_octets{};  // normalised server name

    std::string_view name() const { return {name_octets.data(), name_length}; }
    void set_name(std::string_view name) {
        name_length = static_cast<std::uint8_t>(std::min(name.size(), kNameMax));
        std::copy_n(name.data(), name_length, name_octets.data());
    }
};

}  // namespace sallyport::dp
