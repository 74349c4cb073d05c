// SPDX-License-Identifier: Apache-2.0
// What `ports.*.device` says: a PCI address or the text of a virtual device, as DPDK writes them.
// Pure: nothing is probed here.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "dataplane/dataplane.h"

namespace sallyport::dp {

struct DeviceArgument {
    std::string key, value;
};

struct Device {
    std::string setting;  // the key of the configuration that names it
    std::string name;     // of the ethdev: "net_af_packet0", "0000:8a:00.1"
    std::string driver;   // of a virtual device, without its number: "net_af_packet"
    bool pci = false;
    std::vector<DeviceArgument> arguments;

    std::optional<std::string_view> argument(std::string_view key) const;
    // What DPDK is given: the name and all arguments.
    std::string text() const;
    // A socket or an XDP program on an interface that the kernel keeps: its stack sees the frames.
    bool is_kernel_device() const;
    // The interfaces that such a device is attached to.
    std::vector<std::string> kernel_interfaces() const;
    // The interface that a tap is to the kernel, where its text names it: the far end of the wire.
    std::optional<std::string> far_interface() const;
};

Result<Device, StartError> parse_device(std::string_view setting, std::string_view text);

// The largest MTU whose frames fit the default slot of an af_packet ring (2048 octets, less the
// header and the Ethernet header).
inline constexpr std::uint16_t kAfPacketDefaultMtu = 1900;
// Gives an af_packet device ring slots that hold frames of `mtu`, unless its text names them.
void fit_ring_slots(Device& device, std::uint16_t mtu);
// The largest MTU that the ring slots of an af_packet device hold.
std::uint32_t largest_mtu(const Device& device);
// Octets of payload that a packet buffer needs for this device and MTU.
std::uint16_t data_room(const Device& device, std::uint16_t mtu);

}  // namespace sallyport::dp
