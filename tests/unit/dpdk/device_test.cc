// SPDX-License-Identifier: Apache-2.0
#include "dataplane/dpdk/device.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sallyport::dp {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr std::string_view kSetting = "ports.inside.device";

Device device_of(std::string_view text) {
    auto device = parse_device(kSetting, text);
    EXPECT_TRUE(device) << text;
    return device.value_or(Device{});
}

TEST(Device, ReadsPciAddressWithAndWithoutDomain) {
    EXPECT_TRUE(device_of("0000:8a:00.1").pci);
    EXPECT_EQ(device_of("8a:00.1").name, "0000:8a:00.1");
    EXPECT_EQ(device_of("8a:00.1,devargs=1").text(), "0000:8a:00.1,devargs=1");
}

TEST(Device, ReadsVirtualDeviceWithArguments) {
    const Device device = device_of("net_af_packet0,iface=gi,qpairs=2");
    EXPECT_FALSE(device.pci);
    EXPECT_EQ(device.name, "net_af_packet0");
    EXPECT_EQ(device.driver, "net_af_packet");
    EXPECT_EQ(device.argument("iface"), "gi");
    EXPECT_EQ(device.argument("framesz"), std::nullopt);
    EXPECT_EQ(device.text(), "net_af_packet0,iface=gi,qpairs=2");
}

TEST(Device, RefusesTextThatNamesNoDevice) {
    for (const std::string_view text :
         {"", "eth0", "af_packet0,iface=gi", "net_", "net_0", "Net_ring0", "0000:8a:00.8", "8a:00",
          "net_ring0,,a=b", "net_ring0,=x", "net ring0"}) {
        const auto device = parse_device(kSetting, text);
        ASSERT_FALSE(device) << text;
        EXPECT_EQ(device.error().setting, kSetting);
        EXPECT_THAT(device.error().what, HasSubstr(std::string(text)));
        EXPECT_THAT(device.error().remedy, HasSubstr("net_af_packet0,iface="));
    }
}

TEST(Device, RefusesKernelDeviceWithoutInterface) {
    const auto device = parse_device(kSetting, "net_af_packet0,qpairs=2");
    ASSERT_FALSE(device);
    EXPECT_THAT(device.error().remedy, HasSubstr("iface="));
}

TEST(Device, NamesKernelInterfacesOfKernelDevicesOnly) {
    EXPECT_THAT(device_of("net_af_packet0,iface=gi").kernel_interfaces(), ElementsAre("gi"));
    EXPECT_THAT(device_of("net_af_xdp0,iface=gx").kernel_interfaces(), ElementsAre("gx"));
    EXPECT_THAT(device_of("net_pcap0,rx_iface=a,tx_iface=b").kernel_interfaces(),
                ElementsAre("a", "b"));
    EXPECT_THAT(device_of("net_tap0,iface=t0").kernel_interfaces(), IsEmpty());
    EXPECT_THAT(device_of("net_ring0").kernel_interfaces(), IsEmpty());
}

TEST(Device, NamesTheFarEndOfATap) {
    EXPECT_EQ(device_of("net_tap0,iface=t0").far_interface(), "t0");
    EXPECT_EQ(device_of("net_tap0").far_interface(), std::nullopt);
    EXPECT_EQ(device_of("net_af_packet0,iface=gi").far_interface(), std::nullopt);
}

TEST(RingSlots, GrowOnlyForFramesThatDoNotFit) {
    Device small = device_of("net_af_packet0,iface=gi");
    fit_ring_slots(small, 1500);
    EXPECT_EQ(small.text(), "net_af_packet0,iface=gi");
    Device large = device_of("net_af_packet0,iface=gi");
    fit_ring_slots(large, 9000);
    EXPECT_EQ(large.text(), "net_af_packet0,iface=gi,framesz=16384,blocksz=65536,framecnt=256");
}

TEST(RingSlots, LeaveWhatTheOperatorWrote) {
    Device device = device_of("net_af_packet0,iface=gi,framesz=32768,blocksz=65536");
    fit_ring_slots(device, 9000);
    EXPECT_EQ(device.text(), "net_af_packet0,iface=gi,framesz=32768,blocksz=65536");
}

TEST(DataRoom, TakesTheLargestFrameOrRingSlot) {
    EXPECT_EQ(data_room(device_of("net_ring0"), 1500), 2048);
    EXPECT_GE(data_room(device_of("net_ring0"), 9000), 9018);
    Device device = device_of("net_af_packet0,iface=gi");
    fit_ring_slots(device, 9000);
    EXPECT_EQ(data_room(device, 9000), 16384);
}

}  // namespace
}  // namespace sallyport::dp
