// SPDX-License-Identifier: Apache-2.0
// http-parser, an independent reader of HTTP/1.x, asked about one message: where its head and its
// body end, and what they say. What Sallyport accepts http-parser must read alike, but for what
// `known_difference` lists.
#pragma once
#include <http_parser.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "dataplane/inspect/http_fields.h"
#include "dataplane/inspect/http_text.h"
#include "tests/support/http_reader.h"

namespace sallyport::test {

class HttpOracle {
   public:
    // `has_no_content`: a response that has none whatever its head says (RFC 9112 section 6.3),
    // which http-parser leaves to its user.
    HttpOracle(http_parser_type type, bool has_no_content) : has_no_content_(has_no_content) {
        http_parser_init(&parser_, type);
        parser_.data = this;
        http_parser_settings_init(&settings_);
        settings_.on_url = [](http_parser* p, const char* at, std::size_t n) {
            return of(p).append(of(p).url, at, n);
        };
        settings_.on_header_field = [](http_parser* p, const char* at, std::size_t n) {
            return of(p).field(at, n);
        };
        settings_.on_header_value = [](http_parser* p, const char* at, std::size_t n) {
            of(p).in_name_ = false;
            return of(p).append(of(p).fields.back().second, at, n);
        };
        settings_.on_headers_complete = [](http_parser* p) { return of(p).end_of_head(); };
        settings_.on_body = [](http_parser* p, const char*, std::size_t n) {
            of(p).body_octets += n;
            return 0;
        };
        settings_.on_message_complete = [](http_parser* p) {
            of(p).is_complete = true;
            return 0;
        };
    }
    HttpOracle(const HttpOracle&) = delete;
    HttpOracle& operator=(const HttpOracle&) = delete;

    // Octet by octet, so that each end is known exactly; stops at the end of the message.
    void read(std::string_view stream) {
        for (std::size_t at = 0; at < stream.size() && !is_complete; ++at) {
            const bool had_head = has_head;
            http_parser_execute(&parser_, &settings_, stream.data() + at, 1);
            if (parser_.http_errno != HPE_OK) return;
            if (has_head && !had_head) head_size = at + 1;
            if (is_complete) size = at + 1;
        }
    }

    bool is_good() const { return parser_.http_errno == HPE_OK; }
    std::string_view error() const {
        return http_errno_name(static_cast<http_errno>(parser_.http_errno));
    }
    // Without the whitespace behind them, which http-parser leaves there.
    std::vector<std::string> values(std::string_view lower_name) const {
        std::vector<std::string> found;
        for (const auto& [name, value] : fields)
            if (dp::inspect::equals_ignoring_case(name, lower_name))
                found.push_back(value.substr(0, value.find_last_not_of(" \t") + 1));
        return found;
    }

    bool has_head = false, is_complete = false;
    std::size_t head_size = 0, size = 0;
    std::string method, url;
    std::vector<std::pair<std::string, std::string>> fields;  // trailers too, at the end
    int status = 0, minor = 0;
    bool is_chunked = false, has_length = false, keep_alive = false;
    std::uint64_t length = 0, body_octets = 0;

   private:
    static HttpOracle& of(http_parser* p) { return *static_cast<HttpOracle*>(p->data); }

    int append(std::string& to, const char* at, std::size_t n) {
        to.append(at, n);
        return 0;
    }
    int field(const char* at, std::size_t n) {
        if (!std::exchange(in_name_, true)) fields.emplace_back();
        return append(fields.back().first, at, n);
    }
    int end_of_head() {
        has_head = true;
        if (parser_.type == HTTP_REQUEST)
            method = http_method_str(static_cast<http_method>(parser_.method));
        status = parser_.status_code;
        minor = parser_.http_minor;
        is_chunked = (parser_.flags & F_CHUNKED) != 0;
        has_length = (parser_.flags & F_CONTENTLENGTH) != 0;
        length = has_length ? parser_.content_length : 0;
        if (has_no_content_) parser_.flags |= F_SKIPBODY;  // its keep-alive looks at it
        keep_alive = http_should_keep_alive(&parser_) != 0;
        return has_no_content_ ? 1 : 0;
    }

    http_parser parser_{};
    http_parser_settings settings_{};
    bool has_no_content_ = false, in_name_ = false;
};

inline std::vector<dp::inspect::Field> fields_of(std::string_view head) {
    std::string_view line;
    if (head.starts_with("\r\n")) head.remove_prefix(2);
    dp::inspect::take_line(head, line);
    dp::inspect::FieldWalk walk(head);
    std::vector<dp::inspect::Field> found;
    dp::inspect::Field field;
    while (walk.next(field)) found.push_back(field);
    return found;
}

// http-parser takes what follows an element along with it when that one is the beginning of a word
// that it looks for; so does it with an empty one, and with what is no token (both stand in
// responses alone, where they do no harm).
inline bool is_list_of_whole_words(std::string_view list) {
    using namespace dp::inspect;
    constexpr std::array<std::string_view, 3> kWords{"close", "keep-alive", "upgrade"};
    while (!list.empty()) {
        const std::string_view element = trimmed(take_until(list, ','));
        if (!is_token(element)) return false;
        for (const std::string_view word : kWords)
            if (element.size() < word.size() &&
                equals_ignoring_case(element, first(word, element.size())))
                return false;
    }
    return true;
}

// What http-parser cannot be asked about, each with its reason. Empty: it must agree.
inline std::string_view known_difference(const ReadMessage& m, std::string_view head) {
    using namespace dp::inspect;
    constexpr std::array<std::string_view, 6> kMethodsOfDeltaV{
        "CHECKIN", "LABEL", "MKWORKSPACE", "UNCHECKOUT", "UPDATE", "VERSION-CONTROL"};
    constexpr std::string_view kCoding = "transfer-encoding";
    if (std::ranges::count(kMethodsOfDeltaV, m.method) > 0)
        return "http-parser knows no methods of RFC 3253 but those that Subversion uses";
    if (std::ranges::any_of(m.target, is_obs_text))
        return "http-parser refuses octets above 127 in the target, which browsers do send";
    for (const Field& field : fields_of(head)) {
        const std::string_view begin = field.name.substr(0, kCoding.size());
        if (equals_ignoring_case(begin, kCoding) && field.name.size() > kCoding.size())
            return "http-parser takes a longer name that begins with Transfer-Encoding for it";
        if (equals_ignoring_case(field.name, "proxy-connection"))
            return "http-parser takes it for Connection, which no RFC does";
        if (equals_ignoring_case(field.name, "connection") && !is_list_of_whole_words(field.value))
            return "http-parser loses the element behind one that it began to recognise";
    }
    return {};
}

// In which point http-parser reads the message otherwise; empty when in none. `m` was accepted, and
// `stream` begins with it.
inline std::string disagreement(const ReadMessage& m, const HttpOracle& oracle) {
    using dp::inspect::BodyKind;
    if (!oracle.is_good()) return "error " + std::string(oracle.error());
    if (!oracle.has_head || oracle.head_size != m.head_size) return "end of the head";
    if (oracle.minor != m.minor) return "version";
    if (oracle.status != m.status) return "status";
    if (oracle.method != m.method) return "method";
    if (oracle.url != m.target) return "target";
    if (m.status == 0 && oracle.values("host") != std::vector{m.authority}) return "Host";
    if (m.framing.kind == BodyKind::Chunked && !oracle.is_chunked) return "chunked";
    if (m.framing.kind == BodyKind::Length && oracle.length != m.framing.length) return "length";
    // HTTP/1.0 with both: close wins here (RFC 9112 section 9.3), and keep-alive there.
    if (oracle.keep_alive != m.keep_alive && (m.minor == 1 || m.keep_alive)) return "keep-alive";
    if (oracle.is_complete != m.is_complete()) return "whether the body is complete";
    if (oracle.is_complete && oracle.size != m.head_size + m.body_taken) return "end of the body";
    if (oracle.body_octets != m.body_octets) return "octets of the body";
    return {};
}

}  // namespace sallyport::test
