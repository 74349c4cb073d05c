// SPDX-License-Identifier: Apache-2.0
#include "config/host_name.h"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>

#include "tcpstack/base/ip_addr.h"

namespace sallyport::cfg {
namespace {

constexpr std::size_t kNameMax = 253;  // RFC 1035 section 2.3.4, without the root's octets
constexpr std::size_t kLabelMax = 63;

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}
bool is_letter(char c) {
    return c >= 'a' && c <= 'z';
}

char lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

// inet_aton takes decimal, octal and hexadecimal numbers, one to four of them. A name whose last
// label is such a number may be taken for an address somewhere, so it is no name.
bool is_number(std::string_view label) {
    const bool hex = label.starts_with("0x");
    if (hex) label.remove_prefix(2);
    return (hex || !label.empty()) && std::ranges::all_of(label, [hex](char c) {
               return is_digit(c) || (hex && c >= 'a' && c <= 'f');
           });
}

bool is_address(std::string_view name) {
    if (name.starts_with('[') && name.ends_with(']')) name = name.substr(1, name.size() - 2);
    if (IpAddr::parse(name)) return true;
    const std::size_t dot = name.rfind('.');
    return is_number(dot == std::string_view::npos ? name : name.substr(dot + 1));
}

std::optional<HostError> check_label(std::string_view label) {
    if (label.empty()) return HostError::BadLabel;
    if (label.size() > kLabelMax) return HostError::TooLong;
    if (label.front() == '-' || label.back() == '-') return HostError::BadLabel;
    for (const char c : label)
        if (!is_letter(c) && !is_digit(c) && c != '-' && c != '_') return HostError::BadLabel;
    return std::nullopt;
}

std::optional<HostError> check_name(std::string_view name) {
    if (name.empty()) return HostError::Empty;
    if (is_address(name)) return HostError::IpLiteral;
    if (name.find_first_of(":/@?#") != std::string_view::npos) return HostError::NotAName;
    if (name.size() > kNameMax) return HostError::TooLong;
    for (std::size_t at = 0;;) {
        const std::size_t dot = name.find('.', at);
        if (const auto error = check_label(name.substr(at, dot - at))) return error;
        if (dot == std::string_view::npos) return std::nullopt;
        at = dot + 1;
    }
}

}  // namespace

Result<HostPattern, HostError> parse_host(std::string_view text) {
    HostPattern pattern;
    std::ranges::transform(text, std::back_inserter(pattern.name), lower);
    std::string& name = pattern.name;
    if (std::ranges::any_of(name, [](char c) { return static_cast<unsigned char>(c) >= 0x80; }))
        return std::unexpected(HostError::NotAscii);
    if (name.size() > 1 && name.ends_with('.')) name.pop_back();
    if (name.starts_with("*.")) {
        pattern.wildcard = true;
        name.erase(0, 2);
    }
    const bool url = name.find("://") != std::string::npos;
    if (!url && name.find('*') != std::string::npos) return std::unexpected(HostError::BadWildcard);
    if (const auto error = check_name(name)) return std::unexpected(*error);
    return pattern;
}

}  // namespace sallyport::cfg
