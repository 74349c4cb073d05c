// SPDX-License-Identifier: Apache-2.0
// What the kernel knows of one network interface in the namespace of this process.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace sallyport::dp {

struct InterfaceFacts {
    std::string name;
    bool up = false;
    std::vector<std::string> addresses;  // with their prefix length
    std::string master;                  // bridge or other device that it belongs to; empty: none
    bool gro = false, lro = false;
    // Kernel settings, nullopt where the kernel has no such setting (no IPv6 at all).
    std::optional<int> ipv6_disabled;  // net.ipv6.conf.NAME.disable_ipv6
    std::optional<int> forwarding_v4;  // net.ipv4.conf.NAME.forwarding
    std::optional<int> forwarding_v6;  // net.ipv6.conf.NAME.forwarding
};

struct NamespaceFacts {
    std::optional<int> ip_forward;     // net.ipv4.ip_forward
    std::optional<int> forwarding_v6;  // net.ipv6.conf.all.forwarding
};

// nullopt: there is no such interface.
std::optional<InterfaceFacts> read_interface(const std::string& name);
NamespaceFacts read_namespace();
// Whether the machine has this PCI device, and the kernel driver that it is bound to ("" for none).
struct PciFacts {
    bool exists = false;
    std::string driver;
};
PciFacts read_pci(const std::string& address);
// Interfaces that the kernel made for a PCI device whose driver shares it with DPDK.
std::vector<std::string> interfaces_of_pci(const std::string& address);

// Whether the interface is up and has a carrier.
bool has_link(const std::string& name);

// 0 or a negative errno.
int set_interface_mtu(const std::string& name, std::uint16_t mtu);

// Whether the process may open packet sockets and change interfaces.
struct Privileges {
    bool net_raw = false, net_admin = false;
};
Privileges read_privileges();

}  // namespace sallyport::dp
