// SPDX-License-Identifier: Apache-2.0
// Files of host names, for `hosts_from`: UTF-8 text with one name a line.
//
//   # a comment, also behind a name; blank lines; LF or CRLF; a byte order mark
//   edition.cnn.com
//   *.example.com      the names below example.com
//   .example.org       example.org and the names below it, as in the lists of proxies
//
// Names are written as in `hosts` and may stand there twice.
#pragma once
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "config/name_list.h"
#include "config/report.h"

namespace sallyport::cfg {

inline constexpr std::size_t kMaxHostFileBytes = std::size_t{256} * 1024 * 1024;
inline constexpr std::size_t kMaxListedNames = 5'000'000;  // of all files of a load
inline constexpr std::size_t kMaxLineFindings = 100;       // of one file

// The names of a text that is file `file` of the report. Lines that are no names are findings: the
// first of them, and how many more there are. More than `room` names are a finding, too.
NameList read_host_list(std::string_view text, std::uint16_t file, std::size_t room,
                        Report& report);

}  // namespace sallyport::cfg
