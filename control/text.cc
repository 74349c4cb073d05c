// SPDX-License-Identifier: Apache-2.0
#include "control/text.h"

#include <array>
#include <cstdio>

namespace sallyport::ctl {
namespace {

// What is printable ASCII from `first` on stays; neither quotes nor backslashes do.
std::string escaped(std::string_view raw, unsigned char first) {
    static constexpr std::string_view kHex = "0123456789abcdef";
    if (raw.empty()) return "-";
    std::string out;
    out.reserve(raw.size());
    for (const char c : raw) {
        const auto octet = static_cast<unsigned char>(c);
        if (octet >= first && octet < 0x7f && c != '"' && c != '\\') {
            out += c;
            continue;
        }
        out += "\\x";
        out += kHex[octet >> 4];
        out += kHex[octet & 0xf];
    }
    return out;
}

}  // namespace

std::string time_text(std::chrono::system_clock::time_point t) {
    using namespace std::chrono;
    const auto ms = floor<milliseconds>(t);
    const auto day = floor<days>(ms);
    const year_month_day date(day);
    const hh_mm_ss time(ms - day);
    std::array<char, 64> out{};
    std::snprintf(out.data(), out.size(), "%04d-%02u-%02uT%02d:%02d:%02d.%03dZ",
                  static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                  static_cast<unsigned>(date.day()), static_cast<int>(time.hours().count()),
                  static_cast<int>(time.minutes().count()),
                  static_cast<int>(time.seconds().count()),
                  static_cast<int>(time.subseconds().count()));
    return out.data();
}

std::string address_text(const IpAddr& address) {
    std::array<char, kIpTextMax> buffer{};
    return std::string(format(address, buffer));
}

std::string endpoint_text(const IpAddr& address, Port port) {
    const std::string ip = address_text(address);
    std::string out;
    out.reserve(ip.size() + 8);
    if (!address.is_v4()) out += '[';
    out += ip;
    if (!address.is_v4()) out += ']';
    out += ':';
    out += std::to_string(port.number);
    return out;
}

std::string session_id_text(std::uint64_t id) {
    std::array<char, 20> out{};
    std::snprintf(out.data(), out.size(), "%016llx", static_cast<unsigned long long>(id));
    return out.data();
}

std::string log_token(std::string_view raw) {
    return escaped(raw, 0x21);
}

std::string log_text(std::string_view raw) {
    return escaped(raw, 0x20);
}

}  // namespace sallyport::ctl
