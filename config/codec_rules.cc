// SPDX-License-Identifier: Apache-2.0
// Values of rules (codec.h): who, where to, how, when.
#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "config/address_text.h"
#include "config/codec.h"
#include "config/host_name.h"
#include "config/shown.h"
#include "config/text_rules.h"
#include "config/time_text.h"
#include "config/units.h"

namespace sallyport::cfg {
namespace {

void fail_host(const Value& value, const HostFailure& failure) {
    value.fail(failure.code, shown(value.node.text) + failure.message, failure.hint);
}

bool decode_protocol(const Value& value, std::string_view word, Protocol& out) {
    const auto* found = std::ranges::find(kProtocolChoices, word, &Choice::word);
    if (found == kProtocolChoices.end()) {
        const bool web = word == "https";
        value.fail(FindingCode::BadProtocol, shown(value.node.text) + " is not a protocol",
                   web ? "did you mean 'tls/443'?"
                       : "write tls/PORT, http/PORT, tcp/PORT, udp/PORT or icmp");
        return false;
    }
    out = static_cast<Protocol>(found->value);
    return true;
}

std::optional<std::uint16_t> parse_port(const Value& value, std::string_view text,
                                        FindingCode code) {
    const auto port = parse_number(text);
    if (!port && port.error() == NumberError::LeadingZero) {
        value.fail(FindingCode::LeadingZero, shown(value.node.text) + " has a leading zero",
                   "some readers take it as octal; write it without the zero");
        return std::nullopt;
    }
    if (!port || *port < 1 || *port > 65535) {
        value.fail(code, shown(value.node.text) + " has no port from 1 to 65535");
        return std::nullopt;
    }
    return static_cast<std::uint16_t>(*port);
}

// "203.0.113.9", "203.0.113.9:443", "2001:db8::1", "[2001:db8::1]:443": the address, and the port
// with its colon.
std::pair<std::string_view, std::string_view> split_endpoint(std::string_view text) {
    if (text.starts_with('[')) {
        const std::size_t end = text.find(']');
        if (end == std::string_view::npos) return {text, {}};
        return {text.substr(1, end - 1), text.substr(end + 1)};
    }
    const std::size_t colon = text.find(':');
    const bool one = colon != std::string_view::npos && colon == text.rfind(':');
    return one ? std::pair(text.substr(0, colon), text.substr(colon))
               : std::pair(text, std::string_view{});
}

}  // namespace

bool decode_into(const Value& value, HostPattern& out) {
    const std::string* text = scalar_of(value);
    if (text == nullptr) return false;
    auto pattern = parse_host(*text);
    if (!pattern) {
        fail_host(value, describe(pattern.error()));
        return false;
    }
    out = std::move(*pattern);
    out.mark = value.node.where.mark;
    return true;
}

// A name cannot hold a slash or a colon, nor can it be an address.
bool decode_into(const Value& value, Source& out) {
    const std::string* text = scalar_of(value);
    if (text == nullptr) return false;
    const bool network = text->find_first_of("/:") != std::string::npos || IpAddr::parse(*text);
    if (network || !is_name(*text)) return decode_into(value, out.network);
    out.group = *text;
    return true;
}

bool decode_into(const Value& value, ProtocolPort& out) {
    const std::string* text = scalar_of(value);
    if (text == nullptr) return false;
    const std::size_t slash = text->find('/');
    ProtocolPort parsed;
    if (!decode_protocol(value, std::string_view(*text).substr(0, slash), parsed.protocol))
        return false;
    const bool has_port = slash != std::string::npos;
    if (parsed.protocol == Protocol::Icmp && has_port) {
        value.fail(FindingCode::BadProtocol, shown(*text) + ": icmp has no ports", "write icmp");
        return false;
    }
    if (parsed.protocol != Protocol::Icmp && !has_port) {
        value.fail(FindingCode::BadProtocol, shown(*text) + " has no port",
                   "write " + *text + "/PORT");
        return false;
    }
    if (has_port) {
        const auto port =
            parse_port(value, std::string_view(*text).substr(slash + 1), FindingCode::BadProtocol);
        if (!port) return false;
        parsed.port = *port;
    }
    out = parsed;
    return true;
}

bool decode_into(const Value& value, Endpoint& out) {
    const std::string* text = scalar_of(value);
    if (text == nullptr) return false;
    const auto [address, port] = split_endpoint(*text);
    Endpoint parsed;
    if (!IpAddr::parse(address)) {
        value.fail(FindingCode::BadEndpoint, shown(*text) + " is not an endpoint",
                   "an address, or address:port: 203.0.113.9:8443, [2001:db8::1]:443");
        return false;
    }
    if (!parse_address(value, address, parsed.address)) return false;
    if (!port.empty()) {
        const auto number = port.starts_with(':')
                                ? parse_port(value, port.substr(1), FindingCode::BadEndpoint)
                                : parse_port(value, {}, FindingCode::BadEndpoint);
        if (!number) return false;
        parsed.port = *number;
    }
    out = parsed;
    return true;
}

bool decode_into(const Value& value, std::chrono::sys_seconds& out) {
    const std::string* text = scalar_of(value);
    if (text == nullptr) return false;
    const auto moment = parse_moment(*text);
    if (!moment) {
        const bool zone = text->find('T') != std::string::npos && !text->ends_with('Z');
        value.fail(FindingCode::BadMoment, shown(*text) + " is not a moment",
                   zone ? "write it in UTC, with a Z behind it"
                        : "like 2026-12-31T18:00:00Z, or 2026-12-31 for the end of that day");
        return false;
    }
    out = *moment;
    return true;
}

bool decode_into(const Value& value, TimeWindow& out) {
    const std::string* text = scalar_of(value);
    if (text == nullptr) return false;
    const auto window = parse_window(*text);
    if (!window) {
        value.fail(FindingCode::BadWindow, shown(*text) + " is not a time of the week",
                   "days, hours or both, in UTC: \"Mon-Fri 08:00-18:00\", \"Sat,Sun\"");
        return false;
    }
    out = *window;
    return true;
}

bool decode_into(const Value& value, Label& out) {
    const std::string* text = scalar_of(value);
    if (text == nullptr) return false;
    const std::size_t equals = text->find('=');
    const std::string_view all = *text;
    if (equals == std::string::npos || !is_label_key(all.substr(0, equals)) ||
        !is_label_value(all.substr(equals + 1))) {
        value.fail(FindingCode::BadLabel, shown(*text) + " is not a label", "like app=egress");
        return false;
    }
    out = {text->substr(0, equals), text->substr(equals + 1)};
    return true;
}

}  // namespace sallyport::cfg
