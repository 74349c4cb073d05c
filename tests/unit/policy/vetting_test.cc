// SPDX-License-Identifier: Apache-2.0
#include "dataplane/policy/vetting.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/unit/policy/rules.h"

namespace sallyport::dp::policy {
namespace {

using namespace test;

const std::vector<IpAddr> kOwn{address("203.0.113.7"), address("10.10.0.1"),
                               address("2001:db8::7")};
const std::vector<IpPrefix> kInside{prefix("10.10.0.0/24"), prefix("203.0.114.0/24"),
                                    prefix("2001:db8:10::/64")};

Reason vet(std::string_view text, PrivateAddresses private_addresses) {
    return vet_destination(address(text), {kOwn, kInside}, private_addresses);
}

struct Row {
    std::string description, destination;
    Reason refused;  // while private addresses are not allowed
    Reason allowed;  // while they are
};

constexpr Reason kNone = Reason::None, kReserved = Reason::DstReserved,
                 kOwnAddress = Reason::DstOwn, kInsideNet = Reason::DstInside,
                 kPrivate = Reason::DstNotPublic;

const Row kRows[] = {
    {"public", "93.184.216.34", kNone, kNone},
    {"this network", "0.0.0.0", kReserved, kReserved},
    {"the end of this network", "0.255.255.255", kReserved, kReserved},
    {"behind it", "1.0.0.0", kNone, kNone},
    {"loopback", "127.0.0.1", kReserved, kReserved},
    {"all of loopback", "127.255.255.254", kReserved, kReserved},
    {"link-local", "169.254.0.1", kReserved, kReserved},
    {"metadata", "169.254.169.254", kReserved, kReserved},
    {"next to link-local", "169.253.255.255", kNone, kNone},
    {"protocol assignments", "192.0.0.8", kReserved, kReserved},
    {"behind protocol assignments", "192.0.1.1", kNone, kNone},
    {"6to4 relay", "192.88.99.1", kReserved, kReserved},
    {"multicast", "224.0.0.1", kReserved, kReserved},
    {"the end of multicast", "239.255.255.255", kReserved, kReserved},
    {"before multicast", "223.255.255.255", kNone, kNone},
    {"class E", "240.0.0.1", kReserved, kReserved},
    {"limited broadcast", "255.255.255.255", kReserved, kReserved},
    {"documentation 1 is open", "192.0.2.1", kNone, kNone},
    {"documentation 2 is open", "198.51.100.1", kNone, kNone},
    {"documentation 3 is open", "203.0.113.9", kNone, kNone},
    {"private 10/8", "10.11.0.1", kPrivate, kNone},
    {"next to 10/8", "11.0.0.0", kNone, kNone},
    {"private 172.16/12", "172.31.255.255", kPrivate, kNone},
    {"next to 172.16/12", "172.32.0.0", kNone, kNone},
    {"private 192.168/16", "192.168.1.1", kPrivate, kNone},
    {"shared 100.64/10", "100.127.0.1", kPrivate, kNone},
    {"next to 100.64/10", "100.128.0.1", kNone, kNone},
    {"benchmarking", "198.19.255.1", kPrivate, kNone},
    {"own public address", "203.0.113.7", kOwnAddress, kOwnAddress},
    {"own address inside", "10.10.0.1", kOwnAddress, kOwnAddress},
    {"an inside network that is private", "10.10.0.9", kInsideNet, kInsideNet},
    {"an inside network that is public", "203.0.114.9", kInsideNet, kInsideNet},

    {"public IPv6", "2a00:1450:4001::1", kNone, kNone},
    {"documentation of IPv6 is open", "2001:db8::1", kNone, kNone},
    {"own IPv6 address", "2001:db8::7", kOwnAddress, kOwnAddress},
    {"an inside network of IPv6", "2001:db8:10::9", kInsideNet, kInsideNet},
    {"unspecified", "::", kReserved, kReserved},
    {"loopback of IPv6", "::1", kReserved, kReserved},
    {"IPv4-compatible", "::93.184.216.34", kReserved, kReserved},
    {"IPv4-translated", "::ffff:0:93.184.216.34", kReserved, kReserved},
    {"discard", "100::1", kReserved, kReserved},
    {"link-local of IPv6", "fe80::1", kReserved, kReserved},
    {"site-local", "fec0::1", kReserved, kReserved},
    {"multicast of IPv6", "ff02::1", kReserved, kReserved},
    {"not assigned", "4000::1", kReserved, kReserved},
    {"segment identifiers", "5f00::1", kReserved, kReserved},
    {"returned ORCHID", "2001:1f::1", kReserved, kReserved},
    {"ORCHIDv2", "2001:20::1", kNone, kNone},
    {"benchmarking of IPv6", "2001:2::1", kPrivate, kNone},
    {"unique local", "fd00::1", kPrivate, kNone},
    {"the other half of unique local", "fc00::1", kPrivate, kNone},
    {"metadata over IPv6", "fd00:ec2::254", kReserved, kReserved},
    {"metadata over IPv6, of another cloud", "fd20:ce::254", kReserved, kReserved},
    {"next to metadata over IPv6", "fd00:ec2::255", kPrivate, kNone},
    {"metadata in a shared range", "100.100.100.200", kReserved, kReserved},
    {"next to metadata in a shared range", "100.100.100.201", kPrivate, kNone},
    {"metadata at a public address", "168.63.129.16", kReserved, kReserved},
    {"next to metadata at a public address", "168.63.129.17", kNone, kNone},

    {"mapped public", "::ffff:93.184.216.34", kNone, kNone},
    {"mapped loopback", "::ffff:127.0.0.1", kReserved, kReserved},
    {"mapped metadata", "::ffff:169.254.169.254", kReserved, kReserved},
    {"mapped private", "::ffff:10.11.0.1", kPrivate, kNone},
    {"mapped inside", "::ffff:10.10.0.9", kInsideNet, kInsideNet},
    {"mapped own", "::ffff:203.0.113.7", kOwnAddress, kOwnAddress},
    {"NAT64 public", "64:ff9b::93.184.216.34", kNone, kNone},
    {"NAT64 loopback", "64:ff9b::127.0.0.1", kReserved, kReserved},
    {"NAT64 metadata", "64:ff9b::169.254.169.254", kReserved, kReserved},
    {"NAT64 metadata in a shared range", "64:ff9b::100.100.100.200", kReserved, kReserved},
    {"NAT64 multicast", "64:ff9b::224.0.0.1", kReserved, kReserved},
    {"NAT64 private", "64:ff9b::192.168.1.1", kPrivate, kNone},
    {"NAT64 own", "64:ff9b::203.0.113.7", kOwnAddress, kOwnAddress},
    {"NAT64 inside", "64:ff9b::10.10.0.9", kInsideNet, kInsideNet},
    {"next to NAT64", "64:ff9b:0:1::1", kReserved, kReserved},
    {"local NAT64 public, address last", "64:ff9b:1::93.184.216.34", kPrivate, kNone},
    {"local NAT64 metadata, address last", "64:ff9b:1::169.254.169.254", kReserved, kReserved},
    {"local NAT64 public, address behind 48 bits", "64:ff9b:1:5db8:d8:2200::", kPrivate, kNone},
    {"local NAT64 metadata, address behind 48 bits", "64:ff9b:1:a9fe:a9:fe00::", kReserved,
     kReserved},
    {"local NAT64 with no address at all", "64:ff9b:1::", kReserved, kReserved},
    {"6to4 public", "2002:5db8:d822::1", kNone, kNone},
    {"6to4 loopback", "2002:7f00:1::1", kReserved, kReserved},
    {"6to4 metadata", "2002:a9fe:a9fe::1", kReserved, kReserved},
    {"6to4 inside", "2002:a0a:9::1", kInsideNet, kInsideNet},
    {"6to4 private", "2002:c0a8:101::1", kPrivate, kNone},
    {"6to4 own", "2002:cb00:7107::1", kOwnAddress, kOwnAddress},
    {"Teredo public", "2001:0:5db8:d822::a247:27dd", kNone, kNone},
    {"Teredo with a private server", "2001:0:c0a8:101::a247:27dd", kPrivate, kNone},
    {"Teredo with metadata for a client", "2001:0:5db8:d822::5601:5601", kReserved, kReserved},
    {"Teredo with a loopback client", "2001:0:5db8:d822::80ff:fffe", kReserved, kReserved},
    {"ISATAP public", "2a00:1450::5efe:93.184.216.34", kNone, kNone},
    {"ISATAP metadata", "2a00:1450::5efe:169.254.169.254", kReserved, kReserved},
    {"ISATAP with the universal bit", "2a00:1450::200:5efe:127.0.0.1", kReserved, kReserved},
    {"like ISATAP, but not it", "2a00:1450::100:5efe:127.0.0.1", kNone, kNone},
    {"ISATAP inside 6to4", "2002:5db8:d822::5efe:127.0.0.1", kReserved, kReserved},
};

TEST(Vetting, RefusesWhatIsNotToBeDialled) {
    for (const Row& row : kRows) {
        EXPECT_EQ(text(vet(row.destination, PrivateAddresses::Refuse)), text(row.refused))
            << row.description;
        EXPECT_EQ(text(vet(row.destination, PrivateAddresses::Allow)), text(row.allowed))
            << row.description << ", private allowed";
    }
}

}  // namespace
}  // namespace sallyport::dp::policy
