// SPDX-License-Identifier: Apache-2.0
#include "dataplane/dpdk/device.h"

#include <algorithm>
#include <charconv>

namespace sallyport::dp {
namespace {

constexpr std::string_view kExample =
    "write a PCI address (0000:8a:00.1) or a virtual device (net_af_packet0,iface=eth1)";

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}
bool is_lower(char c) {
    return c >= 'a' && c <= 'z';
}
bool is_hex(char c) {
    return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

// Shape of a PCI address after its domain: bus:device.function.
bool is_bus_address(std::string_view s) {
    return s.size() == 7 && is_hex(s[0]) && is_hex(s[1]) && s[2] == ':' && is_hex(s[3]) &&
           is_hex(s[4]) && s[5] == '.' && s[6] >= '0' && s[6] <= '7';
}

bool is_pci_address(std::string_view s) {
    if (is_bus_address(s)) return true;
    return s.size() == 12 && s[4] == ':' && is_bus_address(s.substr(5)) &&
           std::all_of(s.begin(), s.begin() + 4, is_hex);
}

// net_<driver><number>: letters and underscores, then the number that tells instances apart.
std::string_view driver_of(std::string_view name) {
    std::size_t end = name.size();
    while (end > 0 && is_digit(name[end - 1])) --end;
    const std::string_view driver = name.substr(0, end);
    const bool known_prefix = driver.starts_with("net_") || driver.starts_with("eth_");
    const bool letters = std::all_of(driver.begin(), driver.end(),
                                     [](char c) { return is_lower(c) || is_digit(c) || c == '_'; });
    return known_prefix && driver.size() > 4 && letters ? driver : std::string_view{};
}

bool split_arguments(std::string_view rest, std::vector<DeviceArgument>& out) {
    while (!rest.empty()) {
        const std::string_view item = rest.substr(0, rest.find(','));
        rest.remove_prefix(std::min(rest.size(), item.size() + 1));
        const std::size_t equals = item.find('=');
        if (item.empty() || equals == 0) return false;
        DeviceArgument argument{std::string(item.substr(0, equals)), {}};
        if (equals != std::string_view::npos) argument.value = item.substr(equals + 1);
        out.push_back(argument);
    }
    return true;
}

StartError wrong_text(std::string_view setting, std::string_view text) {
    return {std::string(setting),
            "\"" + std::string(text) + "\" is neither a PCI address nor a virtual device",
            std::string(kExample)};
}

}  // namespace

std::optional<std::string_view> Device::argument(std::string_view key) const {
    for (const DeviceArgument& a : arguments)
        if (a.key == key) return a.value;
    return std::nullopt;
}

std::string Device::text() const {
    std::string out = name;
    for (const DeviceArgument& a : arguments) {
        out += "," + a.key;
        if (!a.value.empty()) out += "=" + a.value;
    }
    return out;
}

bool Device::is_kernel_device() const {
    return driver == "net_af_packet" || driver == "eth_af_packet" || driver == "net_af_xdp" ||
           driver == "net_pcap" || driver == "eth_pcap";
}

std::vector<std::string> Device::kernel_interfaces() const {
    std::vector<std::string> found;
    if (!is_kernel_device()) return found;
    for (const DeviceArgument& a : arguments)
        if (a.key == "iface" || a.key == "rx_iface" || a.key == "tx_iface" ||
            a.key == "rx_iface_in")
            if (std::ranges::find(found, a.value) == found.end()) found.push_back(a.value);
    return found;
}

std::optional<std::string> Device::far_interface() const {
    const auto interface = argument("iface");
    if (driver != "net_tap" || !interface) return std::nullopt;
    return std::string(*interface);
}

Result<Device, StartError> parse_device(std::string_view setting, std::string_view text) {
    const std::string_view name = text.substr(0, text.find(','));
    Device device;
    device.setting = setting;
    device.pci = is_pci_address(name);
    device.name = is_bus_address(name) ? "0000:" + std::string(name) : std::string(name);
    device.driver = device.pci ? std::string_view{} : driver_of(name);
    if (!device.pci && device.driver.empty()) return std::unexpected(wrong_text(setting, text));
    const std::string_view rest = text.size() > name.size() ? text.substr(name.size() + 1) : "";
    if (!split_arguments(rest, device.arguments)) return std::unexpected(wrong_text(setting, text));
    if (device.is_kernel_device() && device.kernel_interfaces().empty() &&
        !device.driver.ends_with("_pcap"))
        return std::unexpected(StartError{device.setting,
                                          "\"" + std::string(text) + "\" names no interface",
                                          "add iface=NAME to it"});
    return device;
}

namespace {

constexpr std::string_view kAfPacketSuffix = "_af_packet";
constexpr unsigned kDefaultSlot = 2048;  // of the driver
// An Ethernet header with a VLAN tag, and what the kernel puts before a frame in its slot.
constexpr unsigned kSlotOverhead = 18 + 130;

unsigned slot_of(const Device& device) {
    unsigned slot = kDefaultSlot;
    if (const auto text = device.argument("framesz"))
        std::from_chars(text->data(), text->data() + text->size(), slot);
    return slot;
}

}  // namespace

std::uint32_t largest_mtu(const Device& device) {
    const unsigned slot = slot_of(device);
    return slot > kSlotOverhead ? slot - kSlotOverhead : 0;
}

void fit_ring_slots(Device& device, std::uint16_t mtu) {
    if (!device.driver.ends_with(kAfPacketSuffix) || mtu <= kAfPacketDefaultMtu) return;
    if (device.argument("framesz") || device.argument("blocksz")) return;
    unsigned slot = kDefaultSlot;
    while (slot < mtu + kSlotOverhead) slot *= 2;
    device.arguments.push_back({"framesz", std::to_string(slot)});
    device.arguments.push_back({"blocksz", std::to_string(slot * 4)});
    if (!device.argument("framecnt")) device.arguments.push_back({"framecnt", "256"});
}

std::uint16_t data_room(const Device& device, std::uint16_t mtu) {
    constexpr unsigned kSmallest = 2048;  // what NICs want for a frame of 1500
    unsigned room = std::max(kSmallest, mtu + 18U + 14U);
    // The driver refuses a buffer that cannot take a whole slot.
    if (device.driver.ends_with(kAfPacketSuffix)) room = std::max(room, slot_of(device));
    room = (room + 127) / 128 * 128;
    return static_cast<std::uint16_t>(std::min(room, 0xff00U - 128U));
}

}  // namespace sallyport::dp
