// SPDX-License-Identifier: Apache-2.0
#include "dataplane/inspect/http_target.h"

#include <algorithm>
#include <limits>

#include "dataplane/inspect/http_text.h"

namespace sallyport::dp::inspect {
namespace {

constexpr std::string_view kScheme = "http://";

// A fragment never goes to a server (RFC 9112 section 3.2), and where it begins the name ends for
// some.
bool is_target_char(char c) {
    return is_visible(c) && c != '#';
}

bool read_port(std::string_view digits, std::uint16_t& out) {
    if (digits.empty() || digits.size() > 5 || digits.front() == '0') return false;
    std::uint32_t port = 0;
    for (const char c : digits) {
        if (!is_digit(c)) return false;
        port = port * 10 + static_cast<std::uint32_t>(c - '0');
    }
    out = static_cast<std::uint16_t>(port);
    return port <= std::numeric_limits<std::uint16_t>::max();
}

Reason read_host(std::string_view text, HostName& out) {
    switch (normalise(octets_of(text), out)) {
        case HostNameError::None: return Reason::None;
        case HostNameError::Invalid: return Reason::HostInvalid;
        case HostNameError::IpLiteral: return Reason::IpLiteral;
    }
    __builtin_unreachable();
}

// Where the port begins: behind the last colon that no bracket follows. An IPv6 address without
// brackets stays whole, and is an address then.
std::size_t end_of_host(std::string_view text) {
    if (text.starts_with('[')) {
        const std::size_t bracket = text.find(']');
        return bracket == std::string_view::npos ? text.size() : bracket + 1;
    }
    const std::size_t colon = text.find(':');
    return colon == text.rfind(':') ? std::min(colon, text.size()) : text.size();
}

// Behind the scheme. A backslash is a slash to some, so that the authority ends at it.
Reason parse_absolute(std::string_view text, Target& out) {
    if (text.find('\\') != std::string_view::npos) return Reason::HttpAmbiguous;
    out.form = TargetForm::Absolute;
    const std::size_t end = text.find_first_of("/?");
    return parse_authority(first(text, std::min(end, text.size())), out.authority);
}

}  // namespace

Reason parse_authority(std::string_view text, Authority& out) {
    out = {};
    const std::size_t end = end_of_host(text);
    const std::string_view port = behind(text, end);
    std::uint16_t number = 0;
    if (!port.empty() && (port.front() != ':' || !read_port(behind(port, 1), number)))
        return Reason::HostInvalid;
    out.port = number;
    return read_host(first(text, end), out.host);
}

bool is_same(const Authority& a, const Authority& b) {
    const auto port = [](const Authority& of) { return of.port == 0 ? kHttpPort : of.port; };
    return a.host.view() == b.host.view() && port(a) == port(b);
}

Reason parse_target(std::string_view text, Target& out) {
    out = {};
    if (text.empty() || !std::all_of(text.begin(), text.end(), is_target_char))
        return Reason::HttpAmbiguous;
    if (text.front() == '/') return Reason::None;
    if (text == "*") {
        out.form = TargetForm::Asterisk;
        return Reason::None;
    }
    if (text.size() < kScheme.size() || !equals_ignoring_case(first(text, kScheme.size()), kScheme))
        return Reason::HttpAmbiguous;
    return parse_absolute(behind(text, kScheme.size()), out);
}

}  // namespace sallyport::dp::inspect
