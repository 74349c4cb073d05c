// SPDX-License-Identifier: Apache-2.0
// Each IPv4 address of a test has a twin of IPv6 and the other way round, so that what a test says of
// one family it can say of the other: 198.51.100.80 is 2001:db8:c633:6450::1, and 10.10.0.5, which is
// private, is fd00:0:a0a:5::1. Each twin has a /64 of its own, as each IPv4 address is a source.
#pragma once
#include <algorithm>
#include <array>

#include "tcpstack/base/ip_addr.h"

namespace sallyport::test {

namespace twins {

inline const IpPrefix kPublic = IpPrefix::parse("2001:db8::/32").value();
inline const IpPrefix kPrivate = IpPrefix::parse("fd00::/32").value();
// Those that mean the same by another number.
inline const std::array<std::array<IpAddr, 2>, 1> kNamed{
    {{IpAddr::parse("169.254.169.254").value(), IpAddr::parse("fd00:ec2::254").value()}}};

inline bool is_private(const IpAddr& v4) {
    for (const char* network : {"10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"})
        if (IpPrefix::parse(network)->contains(v4)) return true;
    return false;
}

// Of an IPv4 network: 2001:db8::/32 and the network's octets behind it.
inline IpAddr network_of(const IpAddr& v4) {
    auto octets = (is_private(v4) ? kPrivate : kPublic).address().octets();
    const auto quad = v4.v4().octets;
    std::ranges::copy(quad, octets.begin() + 4);
    return Ipv6Addr{octets};
}

}  // namespace twins

// An IPv6 address that is nobody's twin is its own.
inline IpAddr twin(const IpAddr& a) {
    for (const auto& [v4, v6] : twins::kNamed)
        if (a == v4 || a == v6) return a == v4 ? v6 : v4;
    auto octets = a.is_v4() ? twins::network_of(a).octets() : a.octets();
    if (a.is_v4()) {
        octets[15] = 1;
        return Ipv6Addr{octets};
    }
    const IpAddr v4 = Ipv4Addr{{octets[4], octets[5], octets[6], octets[7]}};
    octets = twins::network_of(v4).octets();
    octets[15] = 1;
    return a == IpAddr{Ipv6Addr{octets}} ? v4 : a;
}

// Of an IPv4 network.
inline IpPrefix twin(const IpPrefix& p) { return {twins::network_of(p.address()), p.length() + 32}; }

}  // namespace sallyport::test
