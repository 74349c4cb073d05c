// SPDX-License-Identifier: Apache-2.0
// The first record of a server: does it ask for a second ClientHello (RFC 8446 section 4.1.4)?
#pragma once
#include <cstdint>
#include <span>

namespace sallyport::dp::inspect {

// Octets that decide: record header, handshake header, version, random.
inline constexpr std::size_t kServerHelloPrefix = 5 + 4 + 2 + 32;

enum class ServerFirst : std::uint8_t { NeedMore, ServerHello, HelloRetryRequest, Alert, NotTls };

// `stream` is the server's octets from its first on, in order. Never NeedMore with
// kServerHelloPrefix octets or more, unless the ServerHello's own first fragment is shorter
// (records may cut it): then the answer is NotTls, which ends the session.
ServerFirst classify_server_first(std::span<const std::uint8_t> stream);

}  // namespace sallyport::dp::inspect
