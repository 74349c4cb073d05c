// SPDX-License-Identifier: Apache-2.0
#include "config/address_text.h"

#include <array>
#include <optional>

#include "config/shown.h"
#include "config/units.h"

namespace sallyport::cfg {
namespace {

// The IPv4-mapped form is IPv6 notation as well, whatever it is read as.
bool is_ipv6_notation(std::string_view text) {
    return text.find(':') != std::string_view::npos && IpAddr::parse(text).has_value();
}

std::uint64_t length_max(const IpAddr& address) {
    return address.is_v4() ? 32 : 128;
}

std::optional<std::uint8_t> parse_length(const Value& value, std::string_view text,
                                         const IpAddr& address) {
    const auto length = parse_number(text.substr(text.find('/') + 1));
    if (!length && length.error() == NumberError::LeadingZero) {
        value.fail(FindingCode::LeadingZero, shown(text) + " has a leading zero in its length",
                   "write it without the zero");
        return std::nullopt;
    }
    if (!length || *length > length_max(address)) {
        value.fail(FindingCode::BadPrefix,
                   shown(text) + " has no length from 0 to " + std::to_string(length_max(address)));
        return std::nullopt;
    }
    return static_cast<std::uint8_t>(*length);
}

}  // namespace

bool parse_address(const Value& value, std::string_view text, IpAddr& out) {
    const auto address = IpAddr::parse(text);
    if (!address) {
        const bool length = text.find('/') != std::string_view::npos;
        value.fail(FindingCode::BadAddress, shown(text) + " is not an address",
                   length ? "write it without a prefix length" : "like 203.0.113.7 or 2001:db8::7");
        return false;
    }
    if (address->is_v4() && is_ipv6_notation(text)) {
        value.fail(FindingCode::BadAddress, shown(text) + " is an IPv4 address in IPv6 notation",
                   "write " + address_text(*address));
        return false;
    }
    out = *address;
    return true;
}

bool parse_address_length(const Value& value, std::string_view text, InterfaceAddress& out) {
    const std::size_t slash = text.find('/');
    if (slash == std::string_view::npos) {
        IpAddr address;
        if (!parse_address(value, text, address)) return false;
        value.fail(FindingCode::BadPrefix, shown(text) + " has no prefix length",
                   value.field.type == Type::InterfaceAddress
                       ? "write the length of its network: " + std::string(text) +
                             (address.is_v4() ? "/24?" : "/64?")
                       : "write " + std::string(text) + '/' + std::to_string(length_max(address)) +
                             " for one host");
        return false;
    }
    if (!parse_address(value, text.substr(0, slash), out.address)) return false;
    const auto length = parse_length(value, text, out.address);
    if (!length) return false;
    out.prefix_length = *length;
    return true;
}

std::string address_text(const IpAddr& address) {
    std::array<char, kIpTextMax> text{};
    return std::string(format(address, text));
}

}  // namespace sallyport::cfg
