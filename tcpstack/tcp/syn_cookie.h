// SPDX-License-Identifier: Apache-2.0
// A SYN stores nothing: what the gate must remember of it travels in the sequence number of the
// SYN-ACK and comes back in the client's ACK (RFC 4987 section 3.6).
//
//   31     29 28      25   24     23    22                         0
//   MSS class | window shift | SACK | tick parity |        MAC          |
//
// The MAC covers the four-tuple, the client's ISN, all options, the full tick and a boot secret. When
// the client offers timestamps, the low 8 bits of the SYN-ACK's TSval carry 8 more bits of it.
#pragma once
#include <array>
#include <cstdint>
#include <optional>

#include "tcpstack/base/endpoint.h"
#include "tcpstack/base/modular32.h"
#include "tcpstack/base/siphash.h"
#include "tcpstack/base/time.h"

namespace sallyport::tcp {

// A cookie is accepted in the tick that made it and in the next: 32 to 64 seconds.
inline constexpr Duration kCookieTick = std::chrono::seconds(32);
inline constexpr Duration kCookieLife = 2 * kCookieTick;

// The largest segment that the client takes, rounded down to one of eight. 536 is what RFC 9293
// section 3.7.1 assumes without the option; 1220 is its IPv6 counterpart.
inline constexpr std::array<std::uint16_t, 8> kMssClasses{64, 256, 536, 1024, 1220, 1340, 1400, 1460};

inline constexpr std::uint8_t kNoWindowScale = 15;  // the field's value for "not offered"

// What a client's SYN said, as far as the gate remembers it.
struct ClientOptions {
    std::uint8_t mss_class = 2;                  // index into kMssClasses
    std::uint8_t window_shift = kNoWindowScale;  // 0..14, or kNoWindowScale
    bool sack = false;
    bool timestamps = false;

    std::uint16_t mss() const { return kMssClasses[mss_class]; }
    friend constexpr bool operator==(const ClientOptions&, const ClientOptions&) = default;
};

// The largest class that is not above `mss`; the smallest class for anything below it.
std::uint8_t mss_class_of(std::uint16_t mss);

struct SynCookie {
    SeqNum isn;
    std::uint8_t ts_mac = 0;  // low 8 bits of our TSval when timestamps are negotiated
};

// `tuple` is the client's: src is the client.
SynCookie make_cookie(const SipKey& secret, const FourTuple& tuple, SeqNum client_isn,
                      const ClientOptions& options, Instant now);

// The options that the SYN had, or nullopt when the cookie is forged, too old, or of another SYN.
// `ts_echo` is TSecr of the client's segment, present when it carries timestamps.
std::optional<ClientOptions> check_cookie(const SipKey& secret, const FourTuple& tuple,
                                          SeqNum client_isn, SeqNum cookie,
                                          std::optional<TsVal> ts_echo, Instant now);

}  // namespace sallyport::tcp
