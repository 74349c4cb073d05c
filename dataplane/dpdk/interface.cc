// SPDX-License-Identifier: Apache-2.0
#include "dataplane/dpdk/interface.h"

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <linux/capability.h>
#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <bit>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>

#include "dataplane/dpdk/rtnetlink.h"

namespace sallyport::dp {
namespace {

class Socket {
   public:
    Socket() : fd_(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {}
    ~Socket() {
        if (fd_ >= 0) close(fd_);
    }
    Socket(const Socket&) = delete;
    Socket& operator=(const Socket&) = delete;
    bool ask(unsigned long request, ifreq& ifr) const { return ioctl(fd_, request, &ifr) == 0; }

   private:
    int fd_;
};

ifreq request_for(const std::string& name) {
    ifreq ifr{};
    std::strncpy(ifr.ifr_name, name.c_str(), IFNAMSIZ - 1);
    return ifr;
}

std::uint32_t ethtool_value_of(const std::string& name, std::uint32_t command) {
    ethtool_value value{command, 0};
    ifreq ifr = request_for(name);
    ifr.ifr_data = reinterpret_cast<char*>(&value);
    return Socket().ask(SIOCETHTOOL, ifr) ? value.data : 0;
}

// /proc/sys/net shows the namespace of the reader.
std::optional<int> read_setting(const std::string& path) {
    std::ifstream file("/proc/sys/net/" + path);
    int value = 0;
    if (!(file >> value)) return std::nullopt;
    return value;
}

template <class Octets>
int prefix_length(const Octets& mask) {
    int length = 0;
    for (std::size_t i = 0; i < sizeof mask; ++i)
        length += std::popcount(reinterpret_cast<const std::uint8_t*>(&mask)[i]);
    return length;
}

template <class Sockaddr, auto Member>
std::string address_text(const ifaddrs& entry) {
    char text[INET6_ADDRSTRLEN] = {};
    const auto* address = reinterpret_cast<const Sockaddr*>(entry.ifa_addr);
    const auto* mask = reinterpret_cast<const Sockaddr*>(entry.ifa_netmask);
    inet_ntop(entry.ifa_addr->sa_family, &(address->*Member), text, sizeof text);
    const int length = mask != nullptr ? prefix_length(mask->*Member) : 0;
    return std::string(text) + "/" + std::to_string(length);
}

std::vector<std::string> addresses_of(const std::string& name) {
    std::vector<std::string> out;
    ifaddrs* list = nullptr;
    if (getifaddrs(&list) != 0) return out;
    for (const ifaddrs* entry = list; entry != nullptr; entry = entry->ifa_next) {
        if (entry->ifa_addr == nullptr || name != entry->ifa_name) continue;
        if (entry->ifa_addr->sa_family == AF_INET)
            out.push_back(address_text<sockaddr_in, &sockaddr_in::sin_addr>(*entry));
        else if (entry->ifa_addr->sa_family == AF_INET6)
            out.push_back(address_text<sockaddr_in6, &sockaddr_in6::sin6_addr>(*entry));
    }
    freeifaddrs(list);
    return out;
}

}  // namespace

std::optional<InterfaceFacts> read_interface(const std::string& name) {
    const std::optional<Link> link = read_link(name);
    if (!link) return std::nullopt;
    InterfaceFacts facts;
    facts.name = name;
    facts.up = (link->flags & IFF_UP) != 0;
    facts.addresses = addresses_of(name);
    facts.master = link->master;
    facts.gro = ethtool_value_of(name, ETHTOOL_GGRO) != 0;
    facts.lro = (ethtool_value_of(name, ETHTOOL_GFLAGS) & ETH_FLAG_LRO) != 0;
    facts.ipv6_disabled = read_setting("ipv6/conf/" + name + "/disable_ipv6");
    facts.forwarding_v4 = read_setting("ipv4/conf/" + name + "/forwarding");
    facts.forwarding_v6 = read_setting("ipv6/conf/" + name + "/forwarding");
    return facts;
}

NamespaceFacts read_namespace() {
    return {read_setting("ipv4/ip_forward"), read_setting("ipv6/conf/all/forwarding")};
}

PciFacts read_pci(const std::string& address) {
    std::error_code none;
    const std::filesystem::path device = "/sys/bus/pci/devices/" + address;
    if (!std::filesystem::exists(device, none)) return {};
    return {true, std::filesystem::read_symlink(device / "driver", none).filename().string()};
}

std::vector<std::string> interfaces_of_pci(const std::string& address) {
    std::vector<std::string> names;
    std::error_code none;
    const std::filesystem::path directory = "/sys/bus/pci/devices/" + address + "/net";
    for (const auto& entry : std::filesystem::directory_iterator(directory, none))
        names.push_back(entry.path().filename().string());
    return names;
}

bool has_link(const std::string& name) {
    ifreq ifr = request_for(name);
    return Socket().ask(SIOCGIFFLAGS, ifr) && (ifr.ifr_flags & IFF_UP) != 0 &&
           (ifr.ifr_flags & IFF_RUNNING) != 0;
}

int set_interface_mtu(const std::string& name, std::uint16_t mtu) {
    ifreq ifr = request_for(name);
    ifr.ifr_mtu = mtu;
    return Socket().ask(SIOCSIFMTU, ifr) ? 0 : -errno;
}

Privileges read_privileges() {
    std::ifstream file("/proc/self/status");
    std::string key;
    while (file >> key) {
        if (key != "CapEff:") continue;
        std::uint64_t effective = 0;
        file >> std::hex >> effective;
        return {(effective >> CAP_NET_RAW & 1) != 0, (effective >> CAP_NET_ADMIN & 1) != 0};
    }
    return {};
}

}  // namespace sallyport::dp
