// SPDX-License-Identifier: Apache-2.0
#include "config/text_check.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "config/load.h"
#include "config/report.h"

namespace sallyport::cfg {
namespace {

struct CodePoint {
    std::uint32_t value = 0;
    std::size_t length = 0;  // 0: not UTF-8
};

std::uint8_t octet_at(std::string_view text, std::size_t at) {
    return at < text.size() ? static_cast<std::uint8_t>(text[at]) : std::uint8_t{0};
}

// RFC 3629 section 4: no overlong form, no surrogate, nothing above U+10FFFF.
CodePoint decode(std::string_view text, std::size_t at) {
    const std::uint8_t lead = octet_at(text, at);
    if (lead < 0x80) return {lead, 1};
    const std::size_t length = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
    if (lead < 0xc2 || lead > 0xf4) return {};
    std::uint32_t value = lead & (0x7fU >> length);
    for (std::size_t i = 1; i < length; ++i) {
        const std::uint8_t octet = octet_at(text, at + i);
        if ((octet & 0xc0U) != 0x80) return {};
        value = value << 6U | (octet & 0x3fU);
    }
    const bool overlong = (length == 3 && value < 0x800) || (length == 4 && value < 0x10000);
    const bool surrogate = value >= 0xd800 && value <= 0xdfff;
    if (overlong || surrogate || value > 0x10ffff) return {};
    return {value, length};
}

bool is_control(std::uint32_t c) {
    return (c < 0x20 && c != '\n' && c != '\t') || (c >= 0x7f && c <= 0x9f);
}

// Characters that make a line look different from what is read: line separators, direction
// overrides (Unicode Technical Report 36), a byte order mark in the middle.
bool is_hidden(std::uint32_t c) {
    return (c >= 0x200b && c <= 0x200f) || (c >= 0x2028 && c <= 0x202e) ||
           (c >= 0x2066 && c <= 0x2069) || c == 0xfeff;
}

std::string code_point_name(std::uint32_t c) {
    constexpr std::string_view kHex = "0123456789ABCDEF";
    std::string name = "U+";
    for (int shift = c > 0xffff ? 20 : 12; shift >= 0; shift -= 4) name += kHex[c >> shift & 0xfU];
    return name;
}

bool is_line_end(std::string_view text, std::size_t at) {
    return text[at] == '\r' && octet_at(text, at + 1) == '\n';
}

bool check_characters(const SourceText& source, Report& report) {
    auto bad = find_bad_character(source.text());
    if (!bad) return true;
    report.add(bad->code, {.mark = source.mark_at(bad->at), .end_column = 0}, {},
               {std::move(bad->message), std::move(bad->hint)});
    return false;
}

// A directive can only stand before a document: at the begin of the text, and behind a line that
// ends a document. The first line there that says something decides.
bool check_directives(const SourceText& source, Report& report) {
    const std::string_view text = source.text();
    bool before_document = true;
    for (int number = 1; source.offset_of({number, 1}) < text.size(); ++number) {
        const std::string_view line = source.line(number);
        const std::size_t first = line.find_first_not_of(" \t");
        if (first == std::string_view::npos || line[first] == '#') continue;
        if (before_document && line[0] == '%') {
            report.add(
                FindingCode::Directive,
                {.mark = {number, 1, source.file()}, .end_column = static_cast<int>(line.size())},
                {}, {"directives are not accepted", "remove the line"});
            return false;
        }
        before_document = line.starts_with("...");
    }
    return true;
}

// The YAML reader looks far ahead behind each open bracket, so a long row of them must not reach
// it. Brackets in quotes and comments count as well: nothing that makes sense has so many.
bool check_brackets(const SourceText& source, Report& report) {
    constexpr int kOpenMax = 1000;
    const std::string_view text = source.text();
    int open = 0;
    for (std::size_t at = 0; at < text.size(); ++at) {
        if (text[at] == '[' || text[at] == '{') ++open;
        if ((text[at] == ']' || text[at] == '}') && open > 0) --open;
        if (open <= kOpenMax) continue;
        report.add(FindingCode::TooDeep, {.mark = source.mark_at(at), .end_column = 0}, {},
                   {"more than " + std::to_string(kOpenMax) + " open brackets"});
        return false;
    }
    return true;
}

}  // namespace

std::optional<BadCharacter> find_bad_character(std::string_view text) {
    for (std::size_t at = 0; at < text.size();) {
        const CodePoint c = decode(text, at);
        if (c.length == 0)
            return BadCharacter{at, FindingCode::NotUtf8, "the text is not UTF-8 here", {}};
        if ((is_control(c.value) && !is_line_end(text, at)) || is_hidden(c.value))
            return BadCharacter{at, FindingCode::ControlCharacter,
                                "control character " + code_point_name(c.value), "remove it"};
        at += c.length;
    }
    return std::nullopt;
}

bool check_text(const SourceText& source, Report& report) {
    if (source.text().size() > kMaxFileBytes) {
        report.add(FindingCode::TooLarge, source.whole(), {}, {"the file has more than 16 MiB"});
        return false;
    }
    return check_characters(source, report) && check_brackets(source, report) &&
           check_directives(source, report);
}

}  // namespace sallyport::cfg
