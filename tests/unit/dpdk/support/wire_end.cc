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

#include <array>
#include <cstring>

#include "tcpstack/wire/arp.h"

namespace sallyport::dp::test {
namespace {

// The kernel takes the tag out of a frame and tells it beside.
std::optional<std::uint16_t> tag_of(msghdr& message) {
    for (cmsghdr* c = CMSG_FIRSTHDR(&message); c != nullptr; c = CMSG_NXTHDR(&message, c)) {
        tpacket_auxdata aux;
        if (c->cmsg_level != SOL_PACKET || c->cmsg_type != PACKET_AUXDATA) continue;
        std::memcpy(&aux, CMSG_DATA(c), sizeof aux);
        if ((aux.tp_status & TP_STATUS_VLAN_VALID) != 0) return aux.tp_vlan_tci;
    }
    return std::nullopt;
}

Octets receive_one(int fd) {
    Octets frame(65536);
    std::array<char, CMSG_SPACE(sizeof(tpacket_auxdata))> control;
    iovec vector{frame.data(), frame.size()};
    msghdr message{};
    message.msg_iov = &vector;
    message.msg_iovlen = 1;
    message.msg_control = control.data();
    message.msg_controllen = control.size();
    const ssize_t got = recvmsg(fd, &message, 0);
    frame.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
    const auto tag = got > 0 ? tag_of(message) : std::nullopt;
    return tag ? tagged(frame, *tag) : frame;
}

}  // namespace

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
    const int on = 1;
    setsockopt(fd_, SOL_PACKET, PACKET_IGNORE_OUTGOING, &on, sizeof on);
    setsockopt(fd_, SOL_PACKET, PACKET_AUXDATA, &on, sizeof on);
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
        const Octets frame = receive_one(fd_);
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

Octets tagged(const Octets& frame, std::uint16_t vlan) {
    Octets out = frame;
    const std::array<std::uint8_t, 4> tag{0x81, 0x00, static_cast<std::uint8_t>(vlan >> 8),
                                          static_cast<std::uint8_t>(vlan)};
    out.insert(out.begin() + 12, tag.begin(), tag.end());
    return out;
}

bool is_tagged(const Octets& frame) {
    return frame.size() > 20 && frame[12] == 0x81 && frame[13] == 0x00 &&
           frame[16] == kOrderEthertype >> 8 && frame[17] == (kOrderEthertype & 0xff);
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
