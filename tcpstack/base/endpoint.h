// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <type_traits>

#include "tcpstack/base/ip_addr.h"

namespace sallyport {

// A transport port, in host order.
struct Port {
    std::uint16_t number = 0;
    friend constexpr auto operator<=>(Port, Port) = default;
};

struct Endpoint {
    IpAddr address;
    Port port;
    friend constexpr bool operator==(const Endpoint&, const Endpoint&) = default;
};

// One connection as the sender of a packet writes it: src is who sent it.
struct FourTuple {
    IpAddr src, dst;
    Port src_port, dst_port;
    constexpr FourTuple reversed() const { return {dst, src, dst_port, src_port}; }
    friend constexpr bool operator==(const FourTuple&, const FourTuple&) = default;
};
static_assert(std::has_unique_object_representations_v<FourTuple>);

}  // namespace sallyport
