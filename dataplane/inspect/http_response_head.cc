// SPDX-License-Identifier: Apache-2.0
#include "dataplane/inspect/http_head.h"

#include <algorithm>

#include "dataplane/inspect/http_fields.h"
#include "dataplane/inspect/http_framing.h"
#include "dataplane/inspect/http_text.h"

namespace sallyport::dp::inspect {
namespace {

constexpr std::uint16_t kSwitchingProtocols = 101;
constexpr std::uint16_t kNoContent = 204;
constexpr std::uint16_t kNotModified = 304;

// "HTTP/1.x 200" (RFC 9112 section 4). The space behind the status is missing from some servers
// that give no reason phrase.
constexpr std::size_t kVersionAndStatus = 12;

bool read_status_line(std::string_view line, ResponseHead& out) {
    if (line.size() < kVersionAndStatus) return false;
    if (!line.starts_with("HTTP/1.0 ") && !line.starts_with("HTTP/1.1 ")) return false;
    out.minor = line[7] == '1' ? 1 : 0;
    for (const char c : first(behind(line, 9), 3)) {
        if (!is_digit(c)) return false;
        out.status = static_cast<std::uint16_t>(out.status * 10 + (c - '0'));
    }
    const std::string_view reason = behind(line, kVersionAndStatus);
    if (!reason.empty() && reason.front() != ' ') return false;
    return std::all_of(reason.begin(), reason.end(), is_value_char) && out.status >= 100 &&
           out.status <= 599;
}

bool read_fields(std::string_view section, HeadFraming& out) {
    FieldWalk walk(section);
    Field field;
    for (std::uint32_t count = 1; walk.next(field); ++count) {
        if (!field.is_valid || count > kFieldsMax) return false;
        const FieldName name = identify(field.name);
        // Servers offer upgrades of all kinds; only with 101 does one take place.
        if (!out.note(name, field.value) && name != FieldName::Upgrade) return false;
    }
    return walk.is_complete();
}

bool is_without_content(std::uint16_t status) {
    return status < 200 || status == kNoContent;
}

// Neither Transfer-Encoding nor Content-Length may stand there (RFC 9110 section 8.6, RFC 9112
// section 6.1); a length of zero does no harm.
bool announces_content(const HeadFraming& framing) {
    return framing.has_coding() || framing.length() > 0;
}

bool may_switch(const HeadFraming& framing, const RequestFacts& request) {
    return request.websocket && framing.is_websocket() && framing.lists_upgrade();
}

// RFC 9112 section 6.3, in its order.
bool read_framing(const HeadFraming& framing, const RequestFacts& request, ResponseHead& out) {
    if (!framing.body(out.minor, out.body)) return false;
    const bool is_empty = is_without_content(out.status);
    if (is_empty && announces_content(framing)) return false;
    if (is_empty || out.status == kNotModified || request.is_head) {
        out.body = {};
        return true;
    }
    if (out.body.kind == BodyKind::None) out.body.kind = BodyKind::UntilClose;
    return true;
}

bool read_response(std::string_view head, const RequestFacts& request, ResponseHead& out) {
    std::string_view line;
    HeadFraming framing;
    if (head.size() > kResponseHeadMax || !take_line(head, line)) return false;
    if (!read_status_line(line, out) || !read_fields(head, framing)) return false;
    if (out.status == kSwitchingProtocols && !may_switch(framing, request)) return false;
    if (!read_framing(framing, request, out)) return false;
    out.is_interim = out.status < 200 && out.status != kSwitchingProtocols;
    out.keep_alive = framing.is_persistent(out.minor) && out.body.kind != BodyKind::UntilClose;
    return true;
}

}  // namespace

Reason parse_response_head(std::span<const std::uint8_t> head, const RequestFacts& request,
                           ResponseHead& out) {
    out = {};
    return read_response(text_of(head), request, out) ? Reason::None : Reason::UpstreamProtocol;
}

}  // namespace sallyport::dp::inspect
