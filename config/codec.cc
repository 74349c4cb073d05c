// SPDX-License-Identifier: Apache-2.0
#include "config/codec.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "config/address_text.h"
#include "config/shown.h"
#include "config/spelling.h"
#include "config/text_rules.h"
#include "config/units.h"

namespace sallyport::cfg {
namespace {

// What YAML 1.1 takes for a boolean beside true and false.
bool is_old_boolean(std::string_view text) {
    constexpr auto kWords = std::to_array<std::string_view>({"yes", "no", "on", "off", "y", "n"});
    std::string word(text);
    std::ranges::transform(word, word.begin(), [](char c) {
        return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    });
    return word == "true" || word == "false" || std::ranges::find(kWords, word) != kWords.end();
}

void fail_number(const Value& value, NumberError error, std::string_view what) {
    const std::string text = shown(value.node.text);
    switch (error) {
        case NumberError::LeadingZero:
            value.fail(FindingCode::LeadingZero, text + " has a leading zero",
                       "some readers take it as octal; write it without the zero");
            return;
        case NumberError::TooLarge:
            value.fail(FindingCode::OutOfRange, text + " is too large");
            return;
        case NumberError::NotANumber:
            value.fail(FindingCode::WrongType, text + " is not " + std::string(what));
            return;
    }
}

// A limit in the unit in which the value is written.
std::string limit_text(std::uint64_t limit, Type type) {
    if (type == Type::Size) return format_size(limit);
    if (type == Type::Duration)
        return format_duration(std::chrono::milliseconds(static_cast<std::int64_t>(limit)));
    return std::to_string(limit);
}

bool is_in_range(const Value& value, std::uint64_t n) {
    const ValueLimits& limits = value.field.limits;
    if (n >= limits.min && n <= limits.max) return true;
    value.fail(FindingCode::OutOfRange, shown(value.node.text) + " is not in " +
                                            limit_text(limits.min, value.field.type) + " to " +
                                            limit_text(limits.max, value.field.type));
    return false;
}

std::optional<std::uint64_t> decode_number(const Value& value) {
    const std::string* text = scalar_of(value);
    if (text == nullptr) return std::nullopt;
    if (value.field.type == Type::Integer && value.node.quoted) {
        value.fail(FindingCode::WrongType, "a text stands where a number is expected",
                   "remove the quotes");
        return std::nullopt;
    }
    const bool size = value.field.type == Type::Size;
    const auto number = size ? parse_size(*text) : parse_number(*text);
    if (!number && size && number.error() == NumberError::NotANumber)
        value.fail(FindingCode::BadSize, shown(*text) + " is not a size",
                   "write octets, or a number with KiB, MiB or GiB");
    else if (!number)
        fail_number(value, number.error(), "a decimal number");
    else if (is_in_range(value, *number))
        return *number;
    return std::nullopt;
}

template <class T>
bool decode_integer(const Value& value, T& out) {
    // The table's limits keep within T, which a test checks.
    const auto number = decode_number(value);
    if (number) out = static_cast<T>(*number);
    return number.has_value();
}

void fail_word(const Value& value, std::span<const Choice> choices) {
    std::vector<std::string_view> words;
    for (const Choice& choice : choices)
        if (choice.later.empty()) words.push_back(choice.word);
    const auto meant = nearest(value.node.text, words);
    std::string hint = meant.empty() ? "" : "did you mean '" + std::string(meant) + "'?  ";
    value.fail(FindingCode::UnknownChoice, shown(value.node.text) + " is not a choice here",
               hint += "choices: " + joined(words));
}

}  // namespace

const std::string* scalar_of(const Value& value) {
    switch (value.node.kind) {
        case Node::Kind::Scalar: return &value.node.text;
        case Node::Kind::Broken: return nullptr;
        case Node::Kind::Null:
            value.fail(FindingCode::MissingValue, "no value", "write one, or leave the key out");
            return nullptr;
        case Node::Kind::List:
        case Node::Kind::Map: break;
    }
    const bool list = value.node.kind == Node::Kind::List;
    value.fail(FindingCode::WrongType,
               std::string(list ? "a list" : "a map") + " stands where one value is expected");
    return nullptr;
}

const Choice* decode_choice(const Value& value, std::span<const Choice> choices) {
    const std::string* text = scalar_of(value);
    if (text == nullptr) return nullptr;
    const auto found = std::ranges::find(choices, *text, &Choice::word);
    if (found == choices.end()) {
        fail_word(value, choices);
        return nullptr;
    }
    if (!found->later.empty()) {
        value.fail(FindingCode::NotSupportedYet, shown(*text) + " is not supported yet",
                   "it comes with " + std::string(found->later));
        return nullptr;
    }
    return &*found;
}

bool decode_into(const Value& value, bool& out) {
    const std::string* text = scalar_of(value);
    if (text == nullptr) return false;
    if (!value.node.quoted && (*text == "true" || *text == "false")) {
        out = *text == "true";
        return true;
    }
    if (value.node.quoted || !is_old_boolean(*text))
        value.fail(FindingCode::WrongType, shown(*text) + " is not a boolean",
                   "write true or false");
    else
        value.fail(FindingCode::OldBoolean, shown(*text) + " is not accepted as a boolean",
                   "write true or false");
    return false;
}

bool decode_into(const Value& value, std::uint16_t& out) {
    return decode_integer(value, out);
}
bool decode_into(const Value& value, std::uint32_t& out) {
    return decode_integer(value, out);
}
bool decode_into(const Value& value, std::uint64_t& out) {
    return decode_integer(value, out);
}

bool decode_into(const Value& value, std::chrono::milliseconds& out) {
    const std::string* text = scalar_of(value);
    if (text == nullptr) return false;
    const auto duration = parse_duration(*text);
    if (!duration && duration.error() == NumberError::NotANumber) {
        const bool bare = parse_number(*text).has_value();
        value.fail(FindingCode::BadDuration, shown(*text) + " is not a duration",
                   bare ? "the unit is missing: " + *text + "s?" : "like 500ms, 5s or 2h4m");
        return false;
    }
    if (!duration) {
        fail_number(value, duration.error(), "a duration");
        return false;
    }
    if (!is_in_range(value, static_cast<std::uint64_t>(duration->count()))) return false;
    out = *duration;
    return true;
}

bool decode_into(const Value& value, std::string& out) {
    if (value.field.type == Type::Choice) {
        const Choice* found = decode_choice(value, value.field.words);
        if (found != nullptr) out = found->word;
        return found != nullptr;
    }
    const std::string* text = scalar_of(value);
    if (text == nullptr || !check_text_value(value, *text)) return false;
    out = *text;
    return true;
}

bool decode_into(const Value& value, IpAddr& out) {
    const std::string* text = scalar_of(value);
    return text != nullptr && parse_address(value, *text, out);
}

bool decode_into(const Value& value, IpPrefix& out) {
    const std::string* text = scalar_of(value);
    InterfaceAddress parsed;
    if (text == nullptr || !parse_address_length(value, *text, parsed)) return false;
    const IpPrefix prefix(parsed.address, parsed.prefix_length);
    if (prefix.address() != parsed.address) {
        value.fail(FindingCode::HostBits, shown(*text) + " has bits set beyond its length",
                   "did you mean " + address_text(prefix.address()) + '/' +
                       std::to_string(prefix.length()) + '?');
        return false;
    }
    out = prefix;
    return true;
}

bool decode_into(const Value& value, InterfaceAddress& out) {
    const std::string* text = scalar_of(value);
    if (text == nullptr || !parse_address_length(value, *text, out)) return false;
    out.mark = value.node.where.mark;
    return true;
}

bool decode_into(const Value& value, PortRange& out) {
    const std::string* text = scalar_of(value);
    if (text == nullptr) return false;
    const std::size_t dash = text->find('-');
    const std::string_view all = *text;
    const auto first = parse_number(all.substr(0, dash));
    const auto last = dash == std::string::npos ? first : parse_number(all.substr(dash + 1));
    for (const auto& part : {first, last}) {
        if (part || part.error() == NumberError::NotANumber) continue;
        fail_number(value, part.error(), "a port");
        return false;
    }
    if (!first || !last || *first < 1 || *last > 65535 || *first > *last) {
        value.fail(FindingCode::BadPortRange, shown(*text) + " is not a range of ports",
                   "two ports from 1 to 65535, the smaller one first: 1024-65535");
        return false;
    }
    out = {static_cast<std::uint16_t>(*first), static_cast<std::uint16_t>(*last)};
    return true;
}

}  // namespace sallyport::cfg
