// SPDX-License-Identifier: Apache-2.0
// The request line (RFC 9112 section 3): single spaces, a method that the gate knows, HTTP/1.0 or
// HTTP/1.1.
#pragma once
#include <cstdint>
#include <string_view>

#include "dataplane/inspect/http_target.h"
#include "dataplane/reason.h"

namespace sallyport::dp::inspect {

struct RequestLine {
    std::string_view method, target_text;  // for the log even when refused
    Target target;
    std::uint8_t minor = 1;
};

// `line` without its CRLF.
Reason parse_request_line(std::string_view line, RequestLine& out);

// Takes away the one empty line that may stand before a request (RFC 9112 section 2.2).
void skip_empty_line(std::string_view& head);

}  // namespace sallyport::dp::inspect
