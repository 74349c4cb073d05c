// SPDX-License-Identifier: Apache-2.0
#include "dataplane/dpdk/rtnetlink.h"

#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <span>

namespace sallyport::dp {
namespace {

constexpr std::size_t kReplyMax = 32 * 1024;

int open_socket(std::uint32_t groups, int flags) {
    const int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | flags, NETLINK_ROUTE);
    if (fd < 0) return -1;
    sockaddr_nl local{};
    local.nl_family = AF_NETLINK;
    local.nl_groups = groups;
    if (bind(fd, reinterpret_cast<const sockaddr*>(&local), sizeof local) == 0) return fd;
    close(fd);
    return -1;
}

std::string name_of_index(std::uint32_t index) {
    char name[IF_NAMESIZE] = {};
    if (if_indextoname(index, name) != nullptr) return name;
    return "interface " + std::to_string(index) + " of another namespace";
}

using Bytes = std::span<const std::uint8_t>;

// Copies the T that `bytes` begin with; false when they are too few. Netlink's own macros cast.
template <class T>
bool read(Bytes bytes, T& out) {
    if (bytes.size() < sizeof out) return false;
    std::memcpy(&out, bytes.data(), sizeof out);
    return true;
}

// Messages and attributes both stand at multiples of four octets (NLMSG_ALIGNTO, RTA_ALIGNTO).
Bytes after(Bytes bytes, std::size_t length) {
    return bytes.subspan(std::min(bytes.size(), (length + 3) / 4 * 4));
}

void read_attributes(Bytes bytes, Link& link) {
    rtattr attribute;
    while (read(bytes, attribute)) {
        if (attribute.rta_len < sizeof attribute || attribute.rta_len > bytes.size()) return;
        const Bytes value = bytes.first(attribute.rta_len).subspan(sizeof attribute);
        std::uint32_t master = 0;
        if (attribute.rta_type == IFLA_IFNAME && !value.empty())
            link.name.assign(value.begin(), value.end() - 1);
        if (attribute.rta_type == IFLA_MASTER && read(value, master))
            link.master = name_of_index(master);
        bytes = after(bytes, attribute.rta_len);
    }
}

std::vector<Link> links_in(Bytes bytes) {
    std::vector<Link> links;
    nlmsghdr header;
    while (read(bytes, header)) {
        if (header.nlmsg_len < sizeof header || header.nlmsg_len > bytes.size()) break;
        const Bytes body = bytes.first(header.nlmsg_len).subspan(sizeof header);
        ifinfomsg info;
        const bool is_link = header.nlmsg_type == RTM_NEWLINK || header.nlmsg_type == RTM_DELLINK;
        if (is_link && read(body, info)) {
            Link link{info.ifi_index, info.ifi_flags, {}, {}, header.nlmsg_type == RTM_DELLINK};
            read_attributes(after(body, sizeof info), link);
            links.push_back(std::move(link));
        }
        bytes = after(bytes, header.nlmsg_len);
    }
    return links;
}

}  // namespace

bool Link::is_running() const {
    return !gone && (flags & IFF_UP) != 0 && (flags & IFF_RUNNING) != 0;
}

std::optional<Link> read_link(const std::string& name) {
    if (name.empty() || name.size() >= IF_NAMESIZE) return std::nullopt;
    const int index = static_cast<int>(if_nametoindex(name.c_str()));
    if (index == 0) return std::nullopt;
    const int fd = open_socket(0, 0);
    if (fd < 0) return std::nullopt;
    struct {
        nlmsghdr header;
        ifinfomsg info;
    } request{};
    request.header.nlmsg_len = sizeof request;
    request.header.nlmsg_type = RTM_GETLINK;
    request.header.nlmsg_flags = NLM_F_REQUEST;
    request.info.ifi_family = AF_UNSPEC;
    request.info.ifi_index = index;
    std::array<std::uint8_t, kReplyMax> reply;
    ssize_t got = -1;
    if (send(fd, &request, sizeof request, 0) == sizeof request)
        got = recv(fd, reply.data(), reply.size(), 0);
    close(fd);
    if (got <= 0) return std::nullopt;
    const std::vector<Link> links = links_in(Bytes(reply).first(static_cast<std::size_t>(got)));
    return links.empty() ? std::nullopt : std::optional(links.front());
}

LinkEvents::LinkEvents() : fd_(open_socket(RTMGRP_LINK, SOCK_NONBLOCK)) {}

LinkEvents::~LinkEvents() {
    if (fd_ >= 0) close(fd_);
}

std::optional<std::vector<Link>> LinkEvents::take() {
    std::vector<Link> changes;
    std::array<std::uint8_t, kReplyMax> bytes;
    for (;;) {
        const ssize_t got = recv(fd_, bytes.data(), bytes.size(), 0);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0 && errno == ENOBUFS) return std::nullopt;
        if (got <= 0) return changes;
        for (Link& link : links_in(Bytes(bytes).first(static_cast<std::size_t>(got))))
            changes.push_back(std::move(link));
    }
}

}  // namespace sallyport::dp
