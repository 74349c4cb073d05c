// SPDX-License-Identifier: Apache-2.0
#include "config/text_rules.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <string>

#include "config/shown.h"

namespace sallyport::cfg {
namespace {

constexpr std::size_t kNameMax = 63;
constexpr std::size_t kDeviceMax = 255;

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}
bool is_alnum(char c) {
    return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
bool is_name_character(char c) {
    return is_alnum(c) || c == '.' || c == '_' || c == '-';
}

// A bus address ("0000:8a:00.1", "auxiliary:...") or a virtual device's driver name.
bool is_device(std::string_view text) {
    constexpr auto kDrivers =
        std::to_array<std::string_view>({"net_", "eth_", "virtio_user", "vdev:"});
    const std::string_view name = text.substr(0, text.find(','));
    const bool graphic = std::ranges::all_of(text, [](char c) { return c > ' ' && c < 0x7f; });
    if (!graphic || text.size() > kDeviceMax) return false;
    return name.find(':') != std::string_view::npos ||
           std::ranges::any_of(kDrivers, [&](auto driver) { return name.starts_with(driver); });
}

// Plain scalars that a typed reader takes for something else than text.
bool is_typed(std::string_view text) {
    constexpr auto kWords = std::to_array<std::string_view>(
        {"true", "false", "null", "True", "False", "Null", "TRUE", "FALSE", "NULL", "~"});
    const bool number = !text.empty() && std::ranges::all_of(text, [](char c) {
        return is_digit(c) || c == '.' || c == '_';
    });
    return number || std::ranges::find(kWords, text) != kWords.end();
}

bool check_name(const Value& value, std::string_view text) {
    if (is_name(text)) return true;
    value.fail(FindingCode::BadName, shown(text) + " is not a name",
               "letters, digits, '.', '_' and '-', at most 63, the first a letter or digit");
    return false;
}

bool check_device(const Value& value, std::string_view text) {
    if (is_device(text)) return true;
    std::string hint = "a PCI address, or a virtual device with its arguments";
    if (is_name(text))
        hint = "for the kernel interface " + std::string(text) +
               " write \"net_af_packet0,iface=" + std::string(text) + '"';
    value.fail(FindingCode::BadDevice, shown(text) + " is not a device", std::move(hint));
    return false;
}

// A name of the kernel's: what it takes (dev_valid_name), and nothing that a terminal obeys.
bool is_interface(std::string_view text) {
    constexpr std::size_t kInterfaceMax = 15;
    return !text.empty() && text.size() <= kInterfaceMax && text != "." && text != ".." &&
           std::ranges::all_of(text,
                               [](char c) { return c > ' ' && c < 0x7f && c != '/' && c != ':'; });
}

bool check_interface(const Value& value, std::string_view text) {
    if (is_interface(text)) return true;
    value.fail(FindingCode::BadName, shown(text) + " is not a kernel interface",
               "at most 15 characters, like eth0");
    return false;
}

bool check_path(const Value& value, std::string_view text) {
    if (value.field.type == Type::PathOrStdout && text == "stdout") return true;
    if (value.field.type == Type::RelativePath && text.empty()) {
        value.fail(FindingCode::BadPath, shown(text) + " is not a path", "name a file");
        return false;
    }
    if (value.field.type != Type::RelativePath && (!text.starts_with('/'))) {
        value.fail(FindingCode::BadPath, shown(text) + " is not an absolute path",
                   "begin it with '/'");
        return false;
    }
    // An escape of a quoted text can bring in what ends a path, or a line of a log.
    const auto printable = [](char c) { return c >= ' ' && c < 0x7f; };
    if (!std::ranges::all_of(text, printable) || text.size() > value.field.limits.max) {
        value.fail(
            FindingCode::BadPath, shown(text) + " cannot be used as a path",
            "at most " + std::to_string(value.field.limits.max) + " octets of printable ASCII");
        return false;
    }
    return true;
}

}  // namespace

bool is_name(std::string_view text) {
    return !text.empty() && text.size() <= kNameMax && is_alnum(text[0]) &&
           std::ranges::all_of(text, is_name_character);
}

bool is_label_key(std::string_view text) {
    constexpr std::size_t kPrefixMax = 253;
    const std::size_t slash = text.find('/');
    if (slash == std::string_view::npos) return is_label_value(text) && !text.empty();
    const std::string_view prefix = text.substr(0, slash);
    return !prefix.empty() && prefix.size() <= kPrefixMax && is_alnum(prefix[0]) &&
           std::ranges::all_of(prefix, is_name_character) && slash + 1 < text.size() &&
           is_label_value(text.substr(slash + 1));
}

bool is_label_value(std::string_view text) {
    return text.empty() || (is_name(text) && is_alnum(text.back()));
}

bool check_text_value(const Value& value, std::string_view text) {
    if (!value.node.quoted && is_typed(text)) {
        value.fail(FindingCode::WrongType, shown(text) + " stands where a text is expected",
                   "write it in quotes");
        return false;
    }
    if (value.field.type == Type::Name) return check_name(value, text);
    if (value.field.type == Type::Device) return check_device(value, text);
    if (value.field.type == Type::Interface) return check_interface(value, text);
    return check_path(value, text);
}

bool is_plain_text(std::string_view text) {
    constexpr auto kOldBooleans =
        std::to_array<std::string_view>({"y", "n", "yes", "no", "on", "off", "Y", "N", "Yes", "No",
                                         "On", "Off", "YES", "NO", "ON", "OFF"});
    const auto is_safe = [](char c) { return is_name_character(c) || c == '/'; };
    const bool safe = !text.empty() && (is_alnum(text[0]) || text[0] == '/') &&
                      std::ranges::all_of(text, is_safe);
    // A leading digit may begin a number in some notation (1e3, 0x1f); quotes settle it.
    return safe && !is_digit(text[0]) && !is_typed(text) &&
           std::ranges::find(kOldBooleans, text) == kOldBooleans.end();
}

}  // namespace sallyport::cfg
