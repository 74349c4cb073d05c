// SPDX-License-Identifier: Apache-2.0
// How values look in the log, in JSON and in tables.
#pragma once
#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "tcpstack/base/endpoint.h"

namespace sallyport::ctl {

// RFC 3339 in UTC with milliseconds: 2024-01-11T21:09:42.835Z.
std::string time_text(std::chrono::system_clock::time_point t);

std::string address_text(const IpAddr& address);

// 192.0.2.1:443, [2001:db8::1]:443.
std::string endpoint_text(const IpAddr& address, Port port);

// Sixteen hexadecimal digits; text, because JSON readers round numbers beyond 2^53.
std::string session_id_text(std::uint64_t id);

// For a field of a log line that is separated by blanks: what is no printable ASCII, a blank, a
// double quote or a backslash becomes \xHH, so that no name can forge a field or a line. Empty:
// "-".
std::string log_token(std::string_view raw);

// The same for a field that stands between double quotes: a blank stays as it is.
std::string log_text(std::string_view raw);

}  // namespace sallyport::ctl
