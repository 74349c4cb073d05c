// SPDX-License-Identifier: Apache-2.0
#include "dataplane/policy/range_list.h"

#include <algorithm>

namespace sallyport::dp::policy {
namespace {

using AddressOctets = std::array<std::uint8_t, 16>;

constexpr AddressOctets filled(std::uint8_t value) {
    AddressOctets octets{};
    octets.fill(value);
    return octets;
}
constexpr IpAddr kLowest{Ipv6Addr{filled(0)}}, kHighest{Ipv6Addr{filled(0xff)}};
constexpr IpAddr kFirstMapped{Ipv4Addr{{0, 0, 0, 0}}}, kLastMapped{Ipv4Addr{{255, 255, 255, 255}}};

IpAddr before(const IpAddr& a) {
    AddressOctets octets = a.octets();
    for (std::size_t i = octets.size(); i-- > 0;)
        if (octets[i]-- != 0) break;
    return Ipv6Addr{octets};
}

IpAddr last_of(const IpPrefix& prefix) {
    const unsigned length = prefix.length() + (prefix.family() == Family::V4 ? 96 : 0);
    AddressOctets octets = prefix.address().octets();
    for (unsigned bit = length; bit < 128; ++bit)
        octets[bit / 8] |= static_cast<std::uint8_t>(0x80U >> (bit % 8));
    return Ipv6Addr{octets};
}

}  // namespace

IpAddr after(const IpAddr& a) {
    AddressOctets octets = a.octets();
    for (std::size_t i = octets.size(); i-- > 0;)
        if (++octets[i] != 0) break;
    return Ipv6Addr{octets};
}

bool is_highest(const IpAddr& a) {
    return a == kHighest;
}

void add_prefix(const IpPrefix& prefix, Ranges& out) {
    const AddressRange whole{prefix.address(), last_of(prefix)};
    const bool around_v4 = prefix.family() == Family::V6 &&
                           whole.first.octets() <= kFirstMapped.octets() &&
                           kLastMapped.octets() <= whole.last.octets();
    if (!around_v4) {
        out.push_back(whole);
        return;
    }
    if (whole.first != kFirstMapped) out.push_back({whole.first, before(kFirstMapped)});
    if (whole.last != kLastMapped) out.push_back({after(kLastMapped), whole.last});
}

Ranges ranges_of(const std::vector<IpPrefix>& prefixes) {
    Ranges out;
    for (const IpPrefix& prefix : prefixes) add_prefix(prefix, out);
    return out;
}

Ranges every_address() {
    return {{kLowest, kHighest}};
}

Ranges joined(Ranges ranges) {
    std::sort(ranges.begin(), ranges.end(), [](const AddressRange& a, const AddressRange& b) {
        return a.first.octets() < b.first.octets();
    });
    Ranges out;
    for (const AddressRange& range : ranges) {
        if (out.empty() || out.back().last.octets() < range.first.octets())
            out.push_back(range);
        else if (out.back().last.octets() < range.last.octets())
            out.back().last = range.last;
    }
    return out;
}

}  // namespace sallyport::dp::policy
