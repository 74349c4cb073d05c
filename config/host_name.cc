// SPDX-License-Identifier: Apache-2.0
#include "config/host_name.h"

#include <idn2.h>

#include <algorithm>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "tcpstack/base/ip_addr.h"

namespace sallyport::cfg {
namespace {

constexpr std::size_t kLabelMax = 63;
// In UTF-8 a name may be longer than its A-labels; nothing that makes sense is longer than this.
constexpr std::size_t kWrittenMax = 1024;

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

bool is_more_than_a_name(std::string_view name) {
    return name.find_first_of(":/@?#") != std::string_view::npos;
}

// Of a name in lower case.
std::optional<HostError> check_name(std::string_view name) {
    if (name.empty()) return HostError::Empty;
    if (is_address(name)) return HostError::IpLiteral;
    if (is_more_than_a_name(name)) return HostError::NotAName;
    for (std::size_t at = 0;;) {
        const std::size_t dot = name.find('.', at);
        if (const auto error = check_label(name.substr(at, dot - at))) return error;
        if (dot == std::string_view::npos) return std::nullopt;
        at = dot + 1;
    }
}

bool is_ascii(std::string_view text) {
    return std::ranges::all_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

struct FreeText {
    void operator()(char* text) const { idn2_free(text); }
};

// The A-labels of a name (RFC 5891 section 5, with the mapping of UTS 46), or nothing.
std::optional<std::string> to_ascii(const std::string& name) {
    char* raw = nullptr;
    const int result = idn2_to_ascii_8z(name.c_str(), &raw, IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL);
    const std::unique_ptr<char, FreeText> ascii(raw);
    if (result != IDN2_OK || name.find('\0') != std::string::npos) return std::nullopt;
    return std::string(ascii.get());
}

// Into lower case and the buffer; the name is ASCII.
Result<std::string_view, HostError> fold(std::string_view name, HostBuffer& buffer) {
    if (name.size() > buffer.size())
        return std::unexpected(is_more_than_a_name(name) ? HostError::NotAName
                                                         : HostError::TooLong);
    std::ranges::transform(name, buffer.begin(), lower);
    return std::string_view(buffer.data(), name.size());
}

}  // namespace

Result<NormalHost, HostError> normalise_host(std::string_view text, HostBuffer& buffer) {
    NormalHost host;
    if (text.size() > 1 && text.ends_with('.')) text.remove_suffix(1);
    if (text.starts_with("*.")) {
        host.wildcard = true;
        text.remove_prefix(2);
    }
    const bool url = text.find("://") != std::string_view::npos;
    if (!url && text.find('*') != std::string_view::npos)
        return std::unexpected(HostError::BadWildcard);
    std::string ascii;
    if (!is_ascii(text)) {
        if (text.size() > kWrittenMax) return std::unexpected(HostError::TooLong);
        auto converted = to_ascii(std::string(text));
        if (!converted) return std::unexpected(HostError::BadIdn);
        ascii = std::move(*converted);
        text = ascii;
    }
    const auto folded = fold(text, buffer);
    if (!folded) return std::unexpected(folded.error());
    if (const auto error = check_name(*folded)) return std::unexpected(*error);
    host.name = *folded;
    return host;
}

Result<HostPattern, HostError> parse_host(std::string_view text) {
    HostBuffer buffer;
    const auto host = normalise_host(text, buffer);
    if (!host) return std::unexpected(host.error());
    return HostPattern{.name = std::string(host->name), .wildcard = host->wildcard, .mark = {}};
}

HostFailure describe(HostError error) {
    switch (error) {
        case HostError::Empty: return {FindingCode::BadHost, " is empty", "write a host name"};
        case HostError::TooLong:
            return {FindingCode::BadHost, " is too long for a host name",
                    "63 octets a label, 253 in all"};
        case HostError::BadLabel:
            return {FindingCode::BadHost, " is not a host name",
                    "labels have letters, digits, '-' and '_', and no '-' at an end"};
        case HostError::NotAName:
            return {FindingCode::BadHost, " is more than a host name",
                    "write the name alone; the port stands in protocols"};
        case HostError::BadIdn:
            return {FindingCode::IdnHost, " is not an internationalised name",
                    "IDNA refuses it; check its letters, or write its A-label (xn--...)"};
        case HostError::IpLiteral:
            return {FindingCode::IpHost, " is an address, not a name",
                    "no client sends an address as its server name"};
        case HostError::BadWildcard:
            return {FindingCode::BadWildcard, ": the wildcard stands wrong",
                    "only as the whole first label: \"*.example.com\""};
    }
    __builtin_unreachable();
}

}  // namespace sallyport::cfg
