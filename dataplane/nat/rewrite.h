// SPDX-License-Identifier: Apache-2.0
// Header rewriting with incremental checksums (RFC 1624). What is wrong in a packet stays wrong.
#pragma once
#include <cstdint>

#include "dataplane/session/flow_record.h"
#include "tcpstack/wire/checksum.h"
#include "tcpstack/wire/packet_view.h"

namespace sallyport::dp {

// Everything that a splice changes in a packet but its MACs: addresses, ports, numbers, SACK blocks,
// timestamps, window and TTL or hop limit. `earliest_echo`: TSecr values before it are raised to it (they answer
// what the gate itself sent before the joining); nullptr when the flow is past that.
// Returns true when a TSecr was seen that needed no raising.
bool rewrite_headers(const FlowLines& lines, const wire::PacketView& packet,
                     const TsVal* earliest_echo);

// Addresses and TTL (one less) of an IP header of the flow's family and, in IPv4, its checksum; what
// that changes in a pseudo-header is added to `transport`.
void rewrite_addresses(const FlowLines& lines, const wire::PacketView& packet,
                       wire::Sum16& transport);

// TSval of a segment, if it has one.
bool read_ts_val(const wire::PacketView& packet, TsVal& out);

}  // namespace sallyport::dp
