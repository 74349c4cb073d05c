// SPDX-License-Identifier: Apache-2.0
#include "tests/impairment/packet_socket.h"

#include <arpa/inet.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <system_error>

namespace sallyport::test {
namespace {

constexpr std::size_t kBatch = 64;
constexpr std::size_t kFrameMax = 16 * 1024;  // an MTU of 9000, and more
constexpr int kSocketOctets = 8 << 20;

void check(bool good, const std::string& what) {
    if (!good) throw std::system_error(errno, std::generic_category(), what);
}

void set(int fd, int level, int option, int value, const std::string& what) {
    check(setsockopt(fd, level, option, &value, sizeof value) == 0, what);
}

}  // namespace

// It is bound before it listens to a protocol, so that it never sees the frames of other devices.
PacketSocket::PacketSocket(const std::string& device)
    : fd_(socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0)), buffers_(kBatch * kFrameMax) {
    check(fd_ >= 0, "packet socket");
    set(fd_, SOL_PACKET, PACKET_IGNORE_OUTGOING, 1, "PACKET_IGNORE_OUTGOING");
    set(fd_, SOL_PACKET, PACKET_QDISC_BYPASS, 1, "PACKET_QDISC_BYPASS");
    set(fd_, SOL_SOCKET, SO_RCVBUFFORCE, kSocketOctets, "SO_RCVBUFFORCE");
    set(fd_, SOL_SOCKET, SO_SNDBUFFORCE, kSocketOctets, "SO_SNDBUFFORCE");
    sockaddr_ll address{};
    address.sll_family = AF_PACKET;
    address.sll_protocol = htons(ETH_P_ALL);
    address.sll_ifindex = static_cast<int>(if_nametoindex(device.c_str()));
    check(address.sll_ifindex > 0, device);
    check(bind(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0, device);
}

PacketSocket::~PacketSocket() {
    close(fd_);
}

std::vector<Frame> PacketSocket::receive() {
    std::array<iovec, kBatch> vectors;
    std::array<mmsghdr, kBatch> messages{};
    for (std::size_t i = 0; i < kBatch; ++i) {
        vectors[i] = {buffers_.data() + i * kFrameMax, kFrameMax};
        messages[i].msg_hdr.msg_iov = &vectors[i];
        messages[i].msg_hdr.msg_iovlen = 1;
    }
    const int count = recvmmsg(fd_, messages.data(), kBatch, MSG_DONTWAIT, nullptr);
    // A link that is down says so once; it may come up again.
    check(count >= 0 || errno == EAGAIN || errno == EINTR || errno == ENETDOWN, "recvmmsg");
    std::vector<Frame> frames;
    for (std::size_t i = 0; count > 0 && i < static_cast<std::size_t>(count); ++i) {
        const auto* begin = static_cast<const std::uint8_t*>(vectors[i].iov_base);
        frames.emplace_back(begin, begin + messages[i].msg_len);
    }
    return frames;
}

void PacketSocket::send(std::vector<Frame>& frames) {
    for (std::size_t next = 0; next < frames.size();) {
        std::array<iovec, kBatch> vectors;
        std::array<mmsghdr, kBatch> messages{};
        const std::size_t batch = std::min(kBatch, frames.size() - next);
        for (std::size_t i = 0; i < batch; ++i) {
            vectors[i] = {frames[next + i].data(), frames[next + i].size()};
            messages[i].msg_hdr.msg_iov = &vectors[i];
            messages[i].msg_hdr.msg_iovlen = 1;
        }
        const int sent = sendmmsg(fd_, messages.data(), static_cast<unsigned>(batch), 0);
        if (sent < 0 && errno == EINTR) continue;
        // One that the device does not take (it is down, or its peer's queue is full) is passed over.
        if (sent <= 0) ++not_sent_;
        next += sent > 0 ? static_cast<std::size_t>(sent) : 1;
    }
}

// The kernel's count begins anew with each question.
std::uint64_t PacketSocket::missed() {
    tpacket_stats stats{};
    socklen_t length = sizeof stats;
    if (getsockopt(fd_, SOL_PACKET, PACKET_STATISTICS, &stats, &length) == 0) missed_ += stats.tp_drops;
    return missed_;
}

}  // namespace sallyport::test
