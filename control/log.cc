// SPDX-License-Identifier: Apache-2.0
#include "control/log.h"

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <array>
#include <cstdio>
#include <memory>

namespace sallyport::ctl {
namespace {

spdlog::level::level_enum spdlog_level(LogLevel level) {
    switch (level) {
        case LogLevel::Debug: return spdlog::level::debug;
        case LogLevel::Info: return spdlog::level::info;
        case LogLevel::Warning: return spdlog::level::warn;
        case LogLevel::Error: return spdlog::level::err;
    }
    __builtin_unreachable();
}

spdlog::logger& logger() {
    static const std::shared_ptr<spdlog::logger> instance = [] {
        auto made = std::make_shared<spdlog::logger>(
            "sallyport", std::make_shared<spdlog::sinks::stderr_sink_mt>());
        made->set_pattern("time=%Y-%m-%dT%H:%M:%S.%eZ level=%l %v", spdlog::pattern_time_type::utc);
        made->flush_on(spdlog::level::trace);
        return made;
    }();
    return *instance;
}

bool needs_quotes(std::string_view value) {
    if (value.empty()) return true;
    for (const char c : value) {
        const auto octet = static_cast<unsigned char>(c);
        if (octet <= 0x20 || octet >= 0x7f || c == '"' || c == '\\' || c == '=') return true;
    }
    return false;
}

void append_quoted(std::string& out, std::string_view value) {
    out += '"';
    for (const char c : value) {
        const auto octet = static_cast<unsigned char>(c);
        if (octet < 0x20 || octet == 0x7f) {
            std::array<char, 8> escaped{};
            std::snprintf(escaped.data(), escaped.size(), "\\x%02x", static_cast<unsigned>(octet));
            out += escaped.data();
            continue;
        }
        if (c == '"' || c == '\\') out += '\\';
        out += c;
    }
    out += '"';
}

void append_value(std::string& out, std::string_view value) {
    if (needs_quotes(value))
        append_quoted(out, value);
    else
        out += value;
}

}  // namespace

void set_log_level(std::string_view level) {
    auto chosen = spdlog::level::info;
    if (level == "debug") chosen = spdlog::level::debug;
    if (level == "warning" || level == "warn") chosen = spdlog::level::warn;
    if (level == "error") chosen = spdlog::level::err;
    logger().set_level(chosen);
}

std::string log_text(std::string_view event, std::initializer_list<LogField> fields) {
    std::string out = "event=";
    append_quoted(out, event);
    for (const LogField& field : fields) {
        out.append(" ").append(field.key).append("=");
        append_value(out, field.value);
    }
    return out;
}

void log_event(LogLevel level, std::string_view event, std::initializer_list<LogField> fields) {
    // The text is an argument, not the format: braces in a value stand for themselves.
    logger().log(spdlog_level(level), spdlog::string_view_t(log_text(event, fields)));
}

}  // namespace sallyport::ctl
