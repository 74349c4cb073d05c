// SPDX-License-Identifier: Apache-2.0
// The daemon's own log: one line an event on standard error, key=value, level by what a human must
// do. Only control logs; the data plane counts.
#pragma once
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>

namespace sallyport::ctl {

enum class LogLevel : std::uint8_t { Debug, Info, Warning, Error };

struct LogField {
    std::string_view key;
    std::string value;
};

// Sets up the logger. `level` is debug, info, warning or error (also warn); anything else is info.
// Before this call the level is info.
void set_log_level(std::string_view level);

// May be called from any thread.
void log_event(LogLevel level, std::string_view event, std::initializer_list<LogField> fields = {});

// The text after the level: event="..." key=value; values with blanks or quotes are quoted, control
// characters escaped. For tests.
std::string log_text(std::string_view event, std::initializer_list<LogField> fields);

}  // namespace sallyport::ctl
