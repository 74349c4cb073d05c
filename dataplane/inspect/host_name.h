// SPDX-License-Identifier: Apache-2.0
// Host names as the policy compares them: lower case, no trailing dot, letters, digits, hyphen and
// underscore (RFC 1123 section 2.1, RFC 5890 A-labels), labels of 1 to 63 and 253 octets in all.
#pragma once
#include <array>
#include <cstdint>
#include <span>
#include <string_view>

namespace sallyport::dp::inspect {

inline constexpr std::size_t kHostNameMax = 253;

enum class HostNameError : std::uint8_t { None, Invalid, IpLiteral };

struct HostName {
    std::array<char, kHostNameMax> octets{};
    std::uint8_t length = 0;
    std::string_view view() const { return {octets.data(), length}; }
};

// Folds case and strips one trailing dot. Invalid: empty, too long, an empty label, an octet
// outside the set, a label that begins or ends with a hyphen, a last label that is a number.
// IpLiteral: an IPv4 address in any form that inet_aton takes (decimal, octal, hexadecimal, short)
// and everything else that is made of numbers alone, or an IPv6 address. `out` is empty after an
// error.
HostNameError normalise(std::span<const std::uint8_t> raw, HostName& out);

}  // namespace sallyport::dp::inspect
