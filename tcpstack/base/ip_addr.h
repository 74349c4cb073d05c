// SPDX-License-Identifier: Apache-2.0
// Addresses and prefixes of both families. Octets are kept in network order, so keys made of them
// can be hashed and compared as memory.
#pragma once
#include <array>
#include <bit>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>
#include <string_view>
#include <type_traits>

namespace sallyport {

enum class Family : std::uint8_t { V4, V6 };

struct Ipv4Addr {
    std::array<std::uint8_t, 4> octets{};
    static constexpr Ipv4Addr from_host(std::uint32_t h) {
        return {{static_cast<std::uint8_t>(h >> 24), static_cast<std::uint8_t>(h >> 16),
                 static_cast<std::uint8_t>(h >> 8), static_cast<std::uint8_t>(h)}};
    }
    constexpr std::uint32_t host() const {
        return static_cast<std::uint32_t>(octets[0]) << 24 |
               static_cast<std::uint32_t>(octets[1]) << 16 |
               static_cast<std::uint32_t>(octets[2]) << 8 | octets[3];
    }
    friend constexpr bool operator==(const Ipv4Addr&, const Ipv4Addr&) = default;
};

struct Ipv6Addr {
    std::array<std::uint8_t, 16> octets{};
    friend constexpr bool operator==(const Ipv6Addr&, const Ipv6Addr&) = default;
};

// An address of either family: 16 octets, IPv4 in its mapped form ::ffff:a.b.c.d (RFC 4291 section
// 2.5.5.2). A mapped address on the wire of an IPv6 packet is refused by vetting, so the two never
// meet.
class IpAddr {
   public:
    constexpr IpAddr() = default;  // ::
    constexpr IpAddr(Ipv4Addr a)   // NOLINT(google-explicit-constructor): lossless
        : octets_{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff,
                  a.octets[0], a.octets[1], a.octets[2], a.octets[3]} {}
    constexpr IpAddr(Ipv6Addr a) : octets_(a.octets) {}  // NOLINT(google-explicit-constructor)

    constexpr Family family() const {
        constexpr std::uint32_t kMapped = 0xffff'0000;  // octets 8 to 11, little-endian
        const Words w = words();
        return w.high == 0 && static_cast<std::uint32_t>(w.low) == kMapped ? Family::V4
                                                                           : Family::V6;
    }
    constexpr bool is_v4() const { return family() == Family::V4; }
    constexpr Ipv4Addr v4() const {  // meaningful when is_v4()
        return {{octets_[12], octets_[13], octets_[14], octets_[15]}};
    }
    constexpr Ipv6Addr v6() const { return {octets_}; }
    constexpr const std::array<std::uint8_t, 16>& octets() const { return octets_; }
    friend constexpr bool operator==(const IpAddr& a, const IpAddr& b) {
        return a.words().high == b.words().high && a.words().low == b.words().low;
    }

    // The octets as the machine loads them; good for nothing but comparing.
    struct Words {
        std::uint64_t high = 0, low = 0;
    };
    constexpr Words words() const { return std::bit_cast<Words>(octets_); }

    // Dotted quad or RFC 4291 text; no zone, no brackets, no leading zeros in a quad ("010.0.0.1"
    // means different things to different programs).
    static std::optional<IpAddr> parse(std::string_view text);

   private:
    std::array<std::uint8_t, 16> octets_{};
};

static_assert(std::has_unique_object_representations_v<IpAddr>);

// 46 characters and no terminator at most (RFC 5952 form). Returns the part of `out` that was used.
inline constexpr std::size_t kIpTextMax = 46;
std::string_view format(const IpAddr& a, std::span<char, kIpTextMax> out);

// An address block. `length` counts within the family: 0..32 or 0..128. Host bits are zero.
class IpPrefix {
   public:
    constexpr IpPrefix() = default;
    // Clears the host bits; length is clamped to the family's width.
    IpPrefix(const IpAddr& address, unsigned length);
    // "10.0.0.0/8", "fd00::/8"; a bare address is a prefix of full length. Host bits that are set
    // are an error (nullopt): the author meant something else.
    static std::optional<IpPrefix> parse(std::string_view text);

    constexpr const IpAddr& address() const { return address_; }
    constexpr unsigned length() const { return length_; }
    Family family() const { return address_.family(); }
    bool contains(const IpAddr& a) const;  // false across families
    friend constexpr bool operator==(const IpPrefix&, const IpPrefix&) = default;

   private:
    IpAddr address_;
    std::uint8_t length_ = 0;
};

}  // namespace sallyport
