// SPDX-License-Identifier: Apache-2.0
// ICMP errors that the gate originates (RFC 792, RFC 1812 section 4.3.2, RFC 4443 section 2.4).
#pragma once
#include "dataplane/frame.h"
#include "tcpstack/base/ip_addr.h"
#include "tcpstack/wire/packet_view.h"

namespace sallyport::dp {

struct IcmpErrorKind {
    std::uint8_t type = 0, code = 0;
    std::uint32_t rest = 0;
};
// In the numbers of either family.
IcmpErrorKind admin_prohibited(bool v6);
IcmpErrorKind time_exceeded(bool v6);
// RFC 1812 section 5.2.7.1, RFC 4443 section 3.1.
IcmpErrorKind no_route(bool v6);
// `mtu` of the next hop (RFC 1191 section 4, RFC 4443 section 3.2).
IcmpErrorKind too_big(bool v6, std::uint16_t mtu);

// Whether the address can be that of one host: not of 0/8, 127/8, a multicast, reserved or
// broadcast address; not unspecified or multicast. Directed broadcasts cannot be told from hosts here.
bool is_single_host(const IpAddr& a);

// Whether RFC 1812 section 4.3.2.7 and RFC 4443 section 2.4 (e) permit an ICMP error about this packet:
// never about an ICMP error or unknown ICMP, a fragment that is not the first, or what was sent to or by
// more than one host or station.
bool may_report(const wire::PacketView& packet);

// Writes an error about `cause` into the empty frame `out`, from `own` (of the family of `cause`) to the
// sender, by way of the station that sent it. False, and `out` stays empty, when no error may be sent.
// Limiting the rate is the caller's.
bool make_icmp_error(const wire::PacketView& cause, const IcmpErrorKind& kind, const IpAddr& own,
                     Frame& out);

}  // namespace sallyport::dp
