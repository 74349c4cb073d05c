// SPDX-License-Identifier: Apache-2.0
// What is remembered of a client between its proof of address and its first byte (embryo), and of a
// session between its end and the end of its cookie's life (tombstone). With their keys both are 32
// octets for IPv4, 56 for IPv6, and live in fixed tables.
#pragma once
#include <cstdint>

#include "tcpstack/base/modular32.h"
#include "tcpstack/tcp/two_family_table.h"
#include "tcpstack/tcp/syn_cookie.h"

namespace sallyport::tcp {

struct Embryo {
    SeqNum irs, iss;  // the client's ISN and ours
    TsVal ts_recent;
    CoarseTime deadline = 0;
    ClientOptions options;
};
static_assert(sizeof(Keyed<Embryo, Ipv4Addr>) == 32);

enum class LateAnswer : std::uint8_t { Silence, Reset, Alert };

struct Tombstone {
    SeqNum irs, iss;
    SeqNum rcv_nxt;  // of the client's octets, what the last answer acknowledged
    CoarseTime deadline = 0;
    LateAnswer answer = LateAnswer::Silence;
    bool timestamps = false;

    // Whether a segment belongs to the connection that ended, and not to a later one that uses the
    // same ports: its numbers lie in what hold could have covered and what the gate could have said.
    bool covers(SeqNum seq, SeqNum ack, std::uint32_t hold_bytes) const {
        constexpr std::uint32_t kSaid = 1U << 16;
        return seq.in_window(irs, hold_bytes + 2) && ack.in_window(iss + 1, kSaid);
    }
};
static_assert(sizeof(Keyed<Tombstone, Ipv4Addr>) == 32);

}  // namespace sallyport::tcp
