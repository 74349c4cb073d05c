// SPDX-License-Identifier: Apache-2.0
// The far end of a wire: sends and receives raw frames on an interface.
#pragma once
#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "tests/unit/dpdk/support/orders.h"

namespace sallyport::dp::test {

using Octets = std::vector<std::uint8_t>;

class WireEnd {
   public:
    explicit WireEnd(const std::string& interface);
    ~WireEnd();
    WireEnd(const WireEnd&) = delete;
    WireEnd& operator=(const WireEnd&) = delete;

    void send(const Octets& frame) const;
    // The first frame that `wanted` accepts, with its tag; nullopt after `patience`.
    std::optional<Octets> receive(
        const std::function<bool(const Octets&)>& wanted,
        std::chrono::milliseconds patience = std::chrono::seconds(5)) const;
    const Octets& mac() const { return mac_; }

   private:
    int fd_ = -1;
    Octets mac_;
};

Octets order_frame(const WireEnd& from, Order order, std::uint8_t argument,
                   std::size_t length = 60);
bool is_order(const Octets& frame);
Octets tagged(const Octets& frame, std::uint16_t vlan);  // IEEE 802.1Q
bool is_tagged(const Octets& frame);                     // an order inside
// An ARP request for 10.10.0.1 from 10.10.0.9.
Octets arp_request(const WireEnd& from);
bool is_arp(const Octets& frame, std::uint16_t operation);

}  // namespace sallyport::dp::test
