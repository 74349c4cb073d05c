// SPDX-License-Identifier: Apache-2.0
#include "dataplane/dpdk/kernel_path.h"

#include <algorithm>

namespace sallyport::dp {
namespace {

// An unknown setting does not exist in this kernel and opens nothing.
bool is_on(const std::optional<int>& setting) {
    return setting && *setting != 0;
}

Opening open_setting(const std::string& key, int closed) {
    return {"the setting " + key + " is " + std::to_string(1 - closed),
            "sysctl -w " + key + "=" + std::to_string(closed)};
}

// sysctl writes the dot of an interface name (eth0.100) as a slash.
std::string key_of(const std::string& family, std::string name, const std::string& setting) {
    std::ranges::replace(name, '.', '/');
    return "net." + family + ".conf." + name + "." + setting;
}

// A tap or a virtio device with the kernel behind it has an interface that is the other end of the
// wire, and that vanishes with the process; only forwarding matters.
bool makes_interface(const Device& device) {
    return device.driver == "net_tap" || device.driver == "net_tun" ||
           device.argument("path") == "/dev/vhost-net";
}

// Packet sockets want both; a tap is made, not listened to.
std::optional<StartError> check_privileges(const Device& device) {
    const Privileges have = read_privileges();
    const bool raw = have.net_raw || makes_interface(device);
    if (raw && have.net_admin) return std::nullopt;
    const std::string lacking = raw              ? "CAP_NET_ADMIN"
                                : have.net_admin ? "CAP_NET_RAW"
                                                 : "CAP_NET_RAW and CAP_NET_ADMIN";
    return StartError{device.setting, "the process lacks " + lacking + " for " + device.text(),
                      "run it as root or with these capabilities"};
}

}  // namespace

std::vector<Opening> openings(const InterfaceFacts& interface) {
    std::vector<Opening> found;
    const std::string& name = interface.name;
    for (const std::string& address : interface.addresses)
        found.push_back(
            {name + " has the address " + address, "ip addr del " + address + " dev " + name});
    if (!interface.master.empty())
        found.push_back(
            {name + " belongs to " + interface.master, "ip link set " + name + " nomaster"});
    if (interface.ipv6_disabled && *interface.ipv6_disabled == 0)
        found.push_back(open_setting(key_of("ipv6", name, "disable_ipv6"), 1));
    if (is_on(interface.forwarding_v4))
        found.push_back(open_setting(key_of("ipv4", name, "forwarding"), 0));
    if (is_on(interface.forwarding_v6))
        found.push_back(open_setting(key_of("ipv6", name, "forwarding"), 0));
    // Not a path, but as fatal: merged segments are larger than any frame that the gate can send
    // on, so TCP connects and then stalls.
    if (interface.gro) found.push_back({name + " has GRO on", "ethtool -K " + name + " gro off"});
    if (interface.lro) found.push_back({name + " has LRO on", "ethtool -K " + name + " lro off"});
    return found;
}

std::vector<Opening> openings(const NamespaceFacts& settings) {
    std::vector<Opening> found;
    if (is_on(settings.ip_forward)) found.push_back(open_setting("net.ipv4.ip_forward", 0));
    if (is_on(settings.forwarding_v6))
        found.push_back(open_setting("net.ipv6.conf.all.forwarding", 0));
    return found;
}

std::optional<StartError> refusal(const std::string& setting, const std::vector<Opening>& found) {
    if (found.empty()) return std::nullopt;
    StartError error{setting, "the kernel would handle this port's traffic as well: ", "run: "};
    const char* separator = "";
    for (const Opening& opening : found) {
        error.what += (*separator != 0 ? ", " : "") + opening.what;
        error.remedy += separator + opening.command;
        separator = "; ";
    }
    return error;
}

std::optional<StartError> check_kernel_path(const Device& device,
                                            std::vector<std::string>& warnings) {
    const std::vector<std::string> interfaces =
        device.pci ? interfaces_of_pci(device.name) : device.kernel_interfaces();
    if (interfaces.empty() && !makes_interface(device)) return std::nullopt;
    if (auto error = check_privileges(device)) return error;
    std::vector<Opening> found = openings(read_namespace());
    for (const std::string& name : interfaces) {
        const std::optional<InterfaceFacts> facts = read_interface(name);
        if (!facts)
            return StartError{device.setting,
                              "there is no interface " + name + " in this network namespace",
                              "create it, or correct iface= in \"" + device.text() + "\""};
        for (Opening& opening : openings(*facts)) found.push_back(std::move(opening));
        if (!facts->up)
            warnings.push_back(device.setting + ": " + name + " is down (ip link set " + name +
                               " up)");
    }
    return refusal(device.setting, found);
}

}  // namespace sallyport::dp
