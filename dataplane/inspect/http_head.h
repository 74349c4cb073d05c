// SPDX-License-Identifier: Apache-2.0
// Heads of HTTP/1.x messages (RFC 9112), as strict as every server behind the gate might be: a head
// that two servers could read differently is refused, never guessed. The octets go on as they came,
// so all that counts is that nobody can read another name or another length in them.
//
// A head arrives in pieces. HeadScanner finds its end, refusing on the way what no head may
// contain; the parsers then get it in one piece. So the verdict cannot depend on where the stream
// was cut, and the work is linear in the octets.
#pragma once
#include <cstdint>
#include <span>
#include <string_view>

#include "dataplane/inspect/host_name.h"
#include "dataplane/inspect/http_body.h"
#include "dataplane/reason.h"

namespace sallyport::dp::inspect {

inline constexpr std::uint32_t kRequestHeadMax = 16 * 1024;
inline constexpr std::uint32_t kResponseHeadMax = 32 * 1024;
inline constexpr std::uint32_t kFieldsMax = 100;  // where Apache and Python stop as well

enum class HeadStatus : std::uint8_t {
    NeedMore,
    FirstLine,  // the first line is complete: line() octets; go on with the rest
    Done,       // the head is complete: size() octets
    // Bare CR or LF, NUL, another control character, two empty lines ahead: HttpAmbiguous.
    Bad,
    TooLarge,  // too many octets or fields: RequestHeadTooLarge
};

enum class HeadKind : std::uint8_t { Request, Response };

class HeadScanner {
   public:
    explicit HeadScanner(HeadKind kind = HeadKind::Request) : kind_(kind) {}

    // Takes octets up to the next thing to be told, and says in `used` how many. One empty line
    // ahead of a request is part of its head (RFC 9112 section 2.2). The octet that makes a head
    // Bad is not taken; a head is TooLarge as soon as it can no longer end within its limit. Done,
    // Bad and TooLarge stay.
    HeadStatus feed(std::span<const std::uint8_t> octets, std::uint32_t& used);

    std::uint32_t size() const { return size_; }  // octets taken so far
    std::uint32_t line() const { return line_; }  // of them, up to the end of the first line

   private:
    enum class At : std::uint8_t {
        Start,
        EmptyLineLf,  // behind the CR of the empty line ahead
        LineStart,    // behind that line
        FirstLine,
        FirstLineLf,
        FieldStart,
        Field,
        FieldLf,
        LastLf,  // behind the CR of the empty line that ends the head
        Over,
    };
    std::uint32_t size_max() const;
    std::uint32_t plain_run(std::span<const std::uint8_t> octets) const;
    HeadStatus end(HeadStatus status);
    HeadStatus step(std::uint8_t octet);
    HeadStatus step_start(std::uint8_t octet);
    HeadStatus step_in_line(std::uint8_t octet, At lf);
    HeadStatus step_field_start(std::uint8_t octet);
    HeadStatus step_lf(std::uint8_t octet);
    HeadStatus complete_line();

    HeadKind kind_;
    At at_ = At::Start;
    HeadStatus status_ = HeadStatus::NeedMore;
    std::uint8_t fields_ = 0;
    std::uint32_t size_ = 0, line_ = 0;
};

// Views point into the head that was parsed.
struct RequestHead {
    std::string_view method;
    std::string_view target;     // as it stands in the request line
    std::string_view authority;  // as it stands in Host
    std::string_view user_agent;
    std::string_view request_id;  // X-Request-Id
    HostName host;                // normalised; empty when there is no valid one
    std::uint16_t port = 0;       // of the authority; 0: none given
    std::uint8_t minor = 1;       // HTTP/1.minor: 0 or 1
    bool is_head = false;
    bool keep_alive = true;  // RFC 9112 section 9.3
    bool websocket = false;  // asks for the upgrade of RFC 6455 section 4.1
    bool expect_continue = false;
    BodyFraming body;
};

// Of the first line alone, its CRLF included (and the empty line before it): None when a request
// may begin so. For an early refusal of what never completes a head.
Reason check_request_line(std::span<const std::uint8_t> line);

// `head` is what the scanner took until Done. None, or why the request is refused; the first reason
// in the order of the octets counts. `out` holds what could be read even then, for the log: method,
// target, authority, user agent and request id, as they came. Any octets may be given, also a head
// that is not complete, and nothing is accepted that the scanner would refuse.
Reason parse_request_head(std::span<const std::uint8_t> head, RequestHead& out);

struct ResponseHead {
    std::uint16_t status = 0;  // 100 to 599
    std::uint8_t minor = 1;
    bool keep_alive = true;
    bool is_interim = false;  // 1xx but 101
    BodyFraming body;
};

// What of its request a response is read by (RFC 9112 section 6.3).
struct RequestFacts {
    bool is_head = false;
    bool websocket = false;
};

// None or UpstreamProtocol.
Reason parse_response_head(std::span<const std::uint8_t> head, const RequestFacts& request,
                           ResponseHead& out);

}  // namespace sallyport::dp::inspect
