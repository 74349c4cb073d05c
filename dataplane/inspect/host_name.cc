// SPDX-License-Identifier: Apache-2.0
#include "dataplane/inspect/host_name.h"

#include <algorithm>

namespace sallyport::dp::inspect {
namespace {

constexpr std::size_t kLabelMax = 63;  // RFC 1035 section 2.3.4

constexpr bool is_digit(char c) {
    return c >= '0' && c <= '9';
}
constexpr bool is_hex_digit(char c) {
    return is_digit(c) || (c >= 'a' && c <= 'f');
}

// Lower case, or NUL for an octet that no host name holds.
constexpr char fold(std::uint8_t octet) {
    const char c = static_cast<char>(octet);
    if (c >= 'A' && c <= 'Z') return static_cast<char>(c - 'A' + 'a');
    if ((c >= 'a' && c <= 'z') || is_digit(c) || c == '-' || c == '_') return c;
    return '\0';
}

// Digits and colons only, two colons at least: "::1", "fe80::1%eth0", "[2001:db8::1]". One colon
// is a port behind a name, which is invalid and no address.
bool is_ipv6_literal(std::span<const std::uint8_t> raw) {
    std::size_t colons = 0;
    for (const std::uint8_t octet : raw) {
        if (octet == '%') break;  // a zone may hold anything
        if (octet == ':') ++colons;
        const bool punctuation = octet == ':' || octet == '.' || octet == '[' || octet == ']';
        if (!punctuation && !is_hex_digit(fold(octet))) return false;
    }
    return colons >= 2;
}

bool fold_label(std::span<const std::uint8_t> label, char* out) {
    if (label.empty() || label.size() > kLabelMax) return false;
    if (label.front() == '-' || label.back() == '-') return false;
    for (const std::uint8_t octet : label) {
        *out = fold(octet);
        if (*out++ == '\0') return false;
    }
    return true;
}

// As inet_aton reads a part: decimal or octal digits, or hexadecimal behind 0x.
bool is_number(std::string_view label) {
    if (label.starts_with("0x")) return std::all_of(label.begin() + 2, label.end(), is_hex_digit);
    return std::all_of(label.begin(), label.end(), is_digit);
}

// The last label of a host name is never a number (RFC 1123 section 2.1), so that nobody can take
// a name for an address. Ranges are not looked at: "256.1.1.1" is no name either.
HostNameError check_numbers(std::string_view name) {
    bool all_numbers = true;
    while (true) {
        const std::size_t dot = name.find('.');
        const bool number = is_number({name.data(), std::min(dot, name.size())});
        all_numbers = all_numbers && number;
        if (dot != std::string_view::npos) {
            name.remove_prefix(dot + 1);
            continue;
        }
        if (!number) return HostNameError::None;
        return all_numbers ? HostNameError::IpLiteral : HostNameError::Invalid;
    }
}

}  // namespace

HostNameError normalise(std::span<const std::uint8_t> raw, HostName& out) {
    out.length = 0;
    if (is_ipv6_literal(raw)) return HostNameError::IpLiteral;
    if (!raw.empty() && raw.back() == '.') raw = raw.first(raw.size() - 1);
    if (raw.empty() || raw.size() > kHostNameMax) return HostNameError::Invalid;

    for (std::size_t at = 0; at <= raw.size();) {
        const auto rest = raw.subspan(at);
        const auto dot = std::find(rest.begin(), rest.end(), '.');
        const auto label = rest.first(static_cast<std::size_t>(dot - rest.begin()));
        if (!fold_label(label, out.octets.data() + at)) return HostNameError::Invalid;
        at += label.size();
        if (at < raw.size()) out.octets[at] = '.';
        ++at;
    }
    const HostNameError error = check_numbers({out.octets.data(), raw.size()});
    if (error == HostNameError::None) out.length = static_cast<std::uint8_t>(raw.size());
    return error;
}

}  // namespace sallyport::dp::inspect
