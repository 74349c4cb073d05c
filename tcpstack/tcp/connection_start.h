// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>

#include "tcpstack/base/modular32.h"
#include "tcpstack/base/time.h"
#include "tcpstack/tcp/keepalive.h"

namespace sallyport::tcp {

// R2 of RFC 9293 section 3.8.3, which asks for 100 s at least.
inline constexpr Duration kUserTimeout = std::chrono::seconds(120);

// What both ends know when the handshake is over.
struct ConnectionStart {
    SeqNum iss, irs;                 // ours, the peer's
    std::uint16_t snd_mss = 536;     // of the peer; options count towards it
    std::uint8_t snd_shift = 0;      // of the peer's window fields, 0 to 14
    std::uint8_t rcv_shift = 0;      // of ours
    bool sack = false;               // both sides permit it
    bool timestamps = false;         // both sides use them
    TsVal ts_recent{};               // the peer's last TSval in order
    TsVal ts_sent{};                 // our last TSval; it goes on from there by the millisecond
    Duration round_trip{};           // of the handshake; zero: it was not measured
    std::uint32_t snd_wnd = 0;       // octets that the peer takes beyond iss + 1
    std::uint64_t send_from = 0;     // offset of the octet iss + 1
    std::uint64_t receive_from = 0;  // offset of the octet irs + 1 in the queue `in`
    std::uint32_t received = 0;      // octets from there on that are in the queue already
    std::uint32_t offered = 0;       // octets beyond those that the peer has been promised
    bool owes_ack = false;           // some of the received octets were not acknowledged yet
    std::uint8_t quick_acks = 0;     // segments that are acknowledged at once, at first and when
                                     // the peer speaks again after a pause
    Duration user_timeout = kUserTimeout;  // how long the peer may leave what was sent unanswered
    KeepaliveTimes keepalive{};
};

}  // namespace sallyport::tcp
