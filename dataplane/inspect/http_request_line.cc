// SPDX-License-Identifier: Apache-2.0
#include "dataplane/inspect/http_request_line.h"

#include <algorithm>
#include <array>

#include "dataplane/inspect/http_head.h"
#include "dataplane/inspect/http_text.h"

namespace sallyport::dp::inspect {
namespace {

// RFC 9110 section 9.3, RFC 5789, and what WebDAV, DeltaV, CalDAV and Subversion are used with.
constexpr std::array<std::string_view, 31> kMethods{
    "GET",         "HEAD",   "POST",   "PUT",    "DELETE",          "OPTIONS",
    "PATCH",       "TRACE",  "ACL",    "BIND",   "CHECKIN",         "CHECKOUT",
    "COPY",        "LABEL",  "LOCK",   "MERGE",  "MKACTIVITY",      "MKCALENDAR",
    "MKCOL",       "MOVE",   "REBIND", "REPORT", "PROPFIND",        "PROPPATCH",
    "SEARCH",      "UNBIND", "UNLOCK", "UPDATE", "VERSION-CONTROL", "UNCHECKOUT",
    "MKWORKSPACE",
};

Reason check_method(std::string_view method) {
    if (!is_token(method)) return Reason::HttpAmbiguous;
    if (method == "CONNECT") return Reason::UpgradeDenied;
    const bool is_known = std::find(kMethods.begin(), kMethods.end(), method) != kMethods.end();
    return is_known ? Reason::None : Reason::MethodUnknown;
}

Reason check_version(std::string_view version, std::uint8_t& minor) {
    if (!version.starts_with("HTTP/")) return Reason::HttpAmbiguous;
    minor = version == "HTTP/1.0" ? 0 : 1;
    return version == "HTTP/1.0" || version == "HTTP/1.1" ? Reason::None : Reason::HttpVersion;
}

// One space means HTTP/0.9, which names neither a version nor a host.
Reason check_spaces(std::string_view line) {
    const auto spaces = std::count(line.begin(), line.end(), ' ');
    if (spaces == 1 && line.back() != ' ' && line.front() != ' ') return Reason::HttpVersion;
    return spaces == 2 ? Reason::None : Reason::HttpAmbiguous;
}

// The target is what stands between the first and the last space.
std::string_view split(std::string_view line, RequestLine& out) {
    std::string_view rest = line;
    out.method = take_until(rest, ' ');
    const std::size_t last = rest.rfind(' ');
    out.target_text = first(rest, std::min(last, rest.size()));
    return last == std::string_view::npos ? std::string_view{} : behind(rest, last + 1);
}

Reason check_target(RequestLine& line) {
    const Reason reason = parse_target(line.target_text, line.target);
    if (reason != Reason::None) return reason;
    const bool is_asterisk = line.target.form == TargetForm::Asterisk;
    return is_asterisk && line.method != "OPTIONS" ? Reason::HttpAmbiguous : Reason::None;
}

}  // namespace

Reason parse_request_line(std::string_view line, RequestLine& out) {
    out = {};
    const std::string_view version = split(line, out);
    if (const Reason r = check_spaces(line); r != Reason::None) return r;
    if (const Reason r = check_version(version, out.minor); r != Reason::None) return r;
    if (const Reason r = check_method(out.method); r != Reason::None) return r;
    return check_target(out);
}

void skip_empty_line(std::string_view& head) {
    if (head.starts_with("\r\n")) head.remove_prefix(2);
}

Reason check_request_line(std::span<const std::uint8_t> line) {
    std::string_view rest = text_of(line), text;
    skip_empty_line(rest);
    if (!take_line(rest, text) || !rest.empty()) return Reason::HttpAmbiguous;
    RequestLine read;
    return parse_request_line(text, read);
}

}  // namespace sallyport::dp::inspect
