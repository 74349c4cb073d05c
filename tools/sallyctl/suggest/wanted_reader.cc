// SPDX-License-Identifier: Apache-2.0
#include "tools/sallyctl/suggest/wanted_reader.h"

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>
#include <optional>
#include <vector>

#include "config/host_name.h"
#include "config/time_text.h"

namespace sallyport::ctl {
namespace {

using Json = nlohmann::json;
using Add = std::function<void(const Wanted&)>;
enum class LineKind : std::uint8_t { Unreadable, Allowed, Taken };
constexpr std::size_t kLineMax = 64 * 1024;

std::optional<dp::Reason> reason_of(std::string_view text) {
    for (std::size_t i = 1; i < dp::kReasonCount; ++i)
        if (dp::kReasons[i].text == text) return static_cast<dp::Reason>(i);
    return std::nullopt;
}

// 192.0.2.1:443, [2001:db8::1]:443, or an address alone.
std::optional<Endpoint> endpoint_of(std::string_view text) {
    if (const auto alone = IpAddr::parse(text)) return Endpoint{*alone, Port{}};
    const std::size_t colon = text.rfind(':');
    if (colon == std::string_view::npos) return std::nullopt;
    std::string_view host = text.substr(0, colon);
    if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
    const std::string_view digits = text.substr(colon + 1);
    Endpoint out;
    const auto [end, error] =
        std::from_chars(digits.data(), digits.data() + digits.size(), out.port.number);
    const auto address = IpAddr::parse(host);
    if (!address || error != std::errc{} || end != digits.data() + digits.size())
        return std::nullopt;
    out.address = *address;
    return out;
}

std::string name_of(std::string_view text) {
    const auto host = cfg::parse_host(text);
    return host && !host->wildcard ? host->name : "";
}

// Fractions of seconds do not count here.
std::chrono::sys_seconds time_of(std::string_view text) {
    const std::size_t end = std::min(text.find('.'), text.find('Z'));
    return cfg::parse_moment(std::string(text.substr(0, end)) + "Z").value_or(std::chrono::sys_seconds{});
}

std::string string_at(const Json& object, const char* key) {
    const auto at = object.find(key);
    return at != object.end() && at->is_string() ? at->get<std::string>() : "";
}

std::optional<cfg::Protocol> protocol_of(const Json& record) {
    const std::string protocol = string_at(record, "protocol");
    const std::string transport = string_at(record, "transport");
    if (protocol == "tls") return cfg::Protocol::Tls;
    if (protocol == "http") return cfg::Protocol::Http;
    if (transport == "tcp") return cfg::Protocol::Tcp;
    if (transport == "udp") return cfg::Protocol::Udp;
    if (transport == "icmp") return cfg::Protocol::Icmp;
    return std::nullopt;
}

bool is_wanted(const Json& verdict) {
    const std::string text = string_at(verdict, "verdict");
    return text == "deny" || text == "would_deny";
}

LineKind read_record(const std::string& line, const Add& add) {
    const Json record = Json::parse(line, nullptr, false);
    if (!record.is_object()) return LineKind::Unreadable;
    const auto client = endpoint_of(string_at(record, "client"));
    const auto server = endpoint_of(string_at(record, "server"));
    const auto protocol = protocol_of(record);
    if (!client || !server || !protocol) return LineKind::Unreadable;
    if (!is_wanted(record)) return LineKind::Allowed;
    Wanted wanted{.source = client->address,
                  .destination = server->address,
                  .name = name_of(string_at(record, "name")),
                  .service = {*protocol, server->port.number},
                  .reason = {},
                  .at = time_of(string_at(record, "time"))};
    const auto take = [&](const Json& verdict) {
        const auto reason = reason_of(string_at(verdict, "reason"));
        if (!reason) return LineKind::Unreadable;
        wanted.reason = *reason;
        add(wanted);
        return LineKind::Taken;
    };
    const auto requests = record.find("requests");
    if (requests == record.end() || !requests->is_array() || requests->empty()) return take(record);
    LineKind kind = LineKind::Allowed;
    for (const Json& request : *requests) {
        if (!request.is_object() || !is_wanted(request)) continue;
        wanted.name = name_of(string_at(request, "host"));
        kind = take(request);
    }
    return kind;
}

// The fields of a line of the log: separated by blanks, but for those in quotes.
std::vector<std::string_view> fields_of(std::string_view line) {
    std::vector<std::string_view> out;
    while (!line.empty()) {
        if (line.front() == ' ') {
            line.remove_prefix(1);
            continue;
        }
        const bool quoted = line.front() == '"';
        if (quoted) line.remove_prefix(1);
        const std::size_t end = std::min(line.find(quoted ? '"' : ' '), line.size());
        out.push_back(line.substr(0, end));
        line.remove_prefix(std::min(end + 1, line.size()));
    }
    return out;
}

// Places of the fields of the 2024 form.
enum Field : std::size_t {
    kStart = 0, kRequest = 1, kFlags = 3, kDetails = 4, kAuthority = 14, kServer = 18, kClient = 19,
    kSni = 20, kFields = 22,
};

std::optional<cfg::Protocol> protocol_of(const std::vector<std::string_view>& fields) {
    const std::string_view request = fields[kRequest];
    if (request == "- - TCP") return cfg::Protocol::Tcp;
    if (request == "- - UDP") return cfg::Protocol::Udp;
    if (request == "- - ICMP") return cfg::Protocol::Icmp;
    if (request.find(" HTTP/") != std::string_view::npos) return cfg::Protocol::Http;
    if (fields[kSni] != "-") return cfg::Protocol::Tls;
    return cfg::Protocol::Tcp;
}

LineKind read_log_line(std::string_view line, const Add& add) {
    const auto fields = fields_of(line);
    if (fields.size() != kFields) return LineKind::Unreadable;
    const auto client = endpoint_of(fields[kClient]), server = endpoint_of(fields[kServer]);
    const auto protocol = protocol_of(fields);
    if (!client || !server) return LineKind::Unreadable;
    std::string_view details = fields[kDetails];
    constexpr std::string_view kAudited = "would_deny:";
    if (details.starts_with(kAudited)) details.remove_prefix(kAudited.size());
    const auto reason = reason_of(details);
    const bool is_denied = fields[kFlags] == "NR" || details.size() < fields[kDetails].size();
    if (!reason || !is_denied) return LineKind::Allowed;
    std::string_view name = *protocol == cfg::Protocol::Http ? fields[kAuthority] : fields[kSni];
    if (*protocol == cfg::Protocol::Http) name = name.substr(0, name.find(':'));
    add({.source = client->address,
         .destination = server->address,
         .name = name_of(name),
         .service = {*protocol, server->port.number},
         .reason = *reason,
         .at = time_of(fields[kStart].substr(std::min<std::size_t>(1, fields[kStart].size())))});
    return LineKind::Taken;
}

}  // namespace

WantedCounts read_wanted(std::istream& in, const Add& add) {
    WantedCounts counts;
    for (std::string line; std::getline(in, line);) {
        if (line.empty()) continue;
        ++counts.lines;
        LineKind kind = LineKind::Unreadable;
        if (line.size() <= kLineMax && line.front() == '{') kind = read_record(line, add);
        if (line.size() <= kLineMax && line.front() == '[') kind = read_log_line(line, add);
        if (kind == LineKind::Unreadable) ++counts.unreadable;
        if (kind == LineKind::Allowed) ++counts.allowed;
    }
    return counts;
}

}  // namespace sallyport::ctl
