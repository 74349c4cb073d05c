// SPDX-License-Identifier: Apache-2.0
// Initial sequence numbers and timestamps of the connections that the gate opens.
#pragma once
#include "tcpstack/base/endpoint.h"
#include "tcpstack/base/modular32.h"
#include "tcpstack/base/siphash.h"
#include "tcpstack/base/time.h"

namespace sallyport::tcp {

// RFC 6528 section 3: a 4 microsecond clock plus a keyed hash of the four-tuple.
SeqNum initial_sequence(const SipKey& secret, const FourTuple& tuple, Instant now);

// One monotone millisecond clock for each pair of addresses (RFC 7323 section 5.4), so that a server
// sees one host behind an egress address and PAWS never rejects a reused port.
TsVal timestamp_clock(const SipKey& secret, const IpAddr& local, const IpAddr& remote, Instant now);

// TSval of a SYN-ACK that carries 8 bits of cookie MAC in its low octet: the clock rounded up to the
// next multiple of 256, plus the MAC. At most 511 ticks ahead of the clock.
TsVal cookie_timestamp(TsVal clock, std::uint8_t mac);

}  // namespace sallyport::tcp
