// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/dpdk/support/wire_end.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstring>

#include "tcpstack/wire/arp.h"

namespace sallyport::dp::test {

WireEnd::WireEnd(const std::string& interface)
    : fd_(socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, htons(ETH_P_ALL))) {
    EXPECT_GE(fd_, 0);
    ifreq ifr{};
    std::strncpy(ifr.ifr_name, interface.c_str(), IFNAMSIZ - 1);
    EXPECT_EQ(ioctl(fd_, SIOCGIFHWADDR, &ifr), 0);
    mac_.assign(ifr.ifr_hwaddr.sa_data, ifr.ifr_hwaddr.sa_data + 6);
    sockaddr_ll address{};
    address.sll_family = AF_PACKET;
    address.sll_protocol = htons(ETH_P_ALL);
    address.sll_ifindex = static_cast<int>(if_nametoindex(interface.c_str()));
    EXPECT_EQ(bind(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
    const int ignore = 1;
    setsockopt(fd_, SOL_PACKET, PACKET_IGNORE_OUTGOING, &ignore, sizeof ignore);
}

WireEnd::~WireEnd() {
    close(fd_);
}

void WireEnd::send(const Octets& frame) const {
    EXPECT_EQ(::send(fd_, frame.data(), frame.size(), 0), static_cast<ssize_t>(frame.size()));
}

std::optional<Octets> WireEnd::receive(const std::function<bool(const Octets&)>& wanted,
                                       std::chrono::milliseconds patience) const {
    const auto give_up = std::chrono::steady_clock::now() + patience;
    for (;;) {
        const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
            give_up - std::chrono::steady_clock::now());
        pollfd p{fd_, POLLIN, 0};
        if (left.count() <= 0 || poll(&p, 1, static_cast<int>(left.count())) <= 0)
            return std::nullopt;
        Octets frame(65536);
        const ssize_t got = recv(fd_, frame.data(), frame.size(), 0);
        if (got <= 0) continue;
        frame.resize(static_cast<std::size_t>(got));
        if (wanted(frame)) return frame;
    }
}

Octets order_frame(const WireEnd& from, Order order, std::uint8_t argument, std::size_t length) {
    Octets frame(length);
    std::fill_n(frame.begin(), 6, std::uint8_t{0x02});  // any receiver: the ports are promiscuous
    std::copy(from.mac().begin(), from.mac().end(), frame.begin() + 6);
    frame[12] = kOrderEthertype >> 8;
    frame[13] = kOrderEthertype & 0xff;
    frame[14] = static_cast<std::uint8_t>(order);
    frame[15] = argument;
    return frame;
}

bool is_order(const Octets& frame) {
    return frame.size() > 16 && frame[12] == kOrderEthertype >> 8 &&
           frame[13] == (kOrderEthertype & 0xff);
}

Octets arp_request(const WireEnd& from) {
    Octets frame(wire::kArpFrameLength);
    wire::MacAddr mac;
    std::copy(from.mac().begin(), from.mac().end(), mac.octets.begin());
    wire::emit_arp({wire::kArpRequest,
                    mac,
                    Ipv4Addr{{10, 10, 0, 9}},
                    {},
                    Ipv4Addr{{10, 10, 0, 1}},
                    wire::kBroadcast},
                   frame.data());
    return frame;
}

bool is_arp(const Octets& frame, std::uint16_t operation) {
    return frame.size() >= wire::kArpFrameLength && frame[12] == 0x08 && frame[13] == 0x06 &&
           frame[21] == operation;
}

}  // namespace sallyport::dp::test
