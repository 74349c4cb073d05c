// SPDX-License-Identifier: Apache-2.0
#include "tests/tcp/words.h"

#include <algorithm>

#include <charconv>

#include "tests/support/client_hello.h"

namespace sallyport::test {
namespace {

std::uint64_t plain_number(std::string_view word) {
    const bool hex = word.starts_with("0x");
    std::uint64_t n = 0;
    const std::string_view digits = hex ? word.substr(2) : word;
    const auto [end, error] =
        std::from_chars(digits.data(), digits.data() + digits.size(), n, hex ? 16 : 10);
    if (error != std::errc{} || end != digits.data() + digits.size() || digits.empty())
        throw ScriptError("not a number: " + std::string(word));
    return n;
}

// SHA-256 of "HelloRetryRequest", RFC 8446 section 4.1.3.
constexpr std::uint8_t kRetryRandom[32] = {
    0xcf, 0x21, 0xad, 0x74, 0xe5, 0x9a, 0x61, 0x11, 0xbe, 0x1d, 0x8c, 0x02, 0x1e, 0x65, 0xb8, 0x91,
    0xc2, 0xa2, 0x11, 0x16, 0x7a, 0xbb, 0x8c, 0x5e, 0x07, 0x9e, 0x09, 0xe2, 0xc8, 0xa8, 0x33, 0x9c};

Octets server_hello_record(const Octets& random) {
    const Octets body = joined({{3, 3}, random, {0, 0x13, 0x01, 0, 0, 6, 0, 43, 0, 2, 3, 4}});
    return record(joined({{2}, with_length(3, body)}));
}

Octets pattern(std::size_t size, std::size_t factor) {
    Octets out(size);
    for (std::size_t i = 0; i < size; ++i) out[i] = static_cast<std::uint8_t>(i * factor + i / 256);
    return out;
}

// HTTP in one word: `_` is a space, `|` the end of a line.
Octets http_text(std::string_view text) {
    Octets out;
    for (const char c : text) {
        if (c == '|') out.push_back('\r');
        out.push_back(static_cast<std::uint8_t>(c == '_' ? ' ' : c == '|' ? '\n' : c));
    }
    return out;
}

Octets made(std::string_view function, std::string_view argument, const Names& names) {
    if (function == "hello") return record(Hello::of(argument).message());
    if (function == "hello_pq") return record(Hello::post_quantum(argument).message());
    if (function == "bytes") return pattern(number_of(argument, names), 7);
    if (function == "other") return pattern(number_of(argument, names), 11);
    if (function == "appdata") return record(pattern(plain_number(argument), 7), 23, 0x0303);
    if (function == "http") return http_text(argument);
    if (function == "text") return octets_of(argument);
    throw ScriptError("unknown octets: " + std::string(function));
}

Octets fixed(std::string_view name) {
    if (name == "hello_without_name") return record(Hello::of("x.example").drop(0).message());
    if (name == "server_hello") return server_hello_record(Octets(32, 0x42));
    if (name == "hrr") return server_hello_record({std::begin(kRetryRandom), std::end(kRetryRandom)});
    if (name == "alert") return {21, 3, 3, 0, 2, 2, 112};
    if (name == "ccs") return {20, 3, 3, 0, 1, 1};
    throw ScriptError("unknown octets: " + std::string(name));
}

Octets whole_piece(std::string_view word, const Names& names) {
    if (const auto named = names.find(word); named != names.end()) return named->second;
    const std::size_t open = word.find('(');
    if (open == word.npos) return fixed(word);
    return made(word.substr(0, open), word.substr(open + 1, word.find(')') - open - 1), names);
}

Octets piece_named(std::string_view word, const Names& names) {
    const std::size_t open = word.find('[');
    const Octets whole = whole_piece(word.substr(0, open), names);
    if (open == word.npos) return whole;
    const std::size_t colon = word.find(':', open), close = word.find(']', open);
    if (colon == word.npos || close == word.npos) throw ScriptError("not a slice: " + std::string(word));
    const std::string_view from = word.substr(open + 1, colon - open - 1);
    const std::string_view to = word.substr(colon + 1, close - colon - 1);
    const std::size_t begin = from.empty() ? 0 : number_of(from, names);
    const std::size_t end = to.empty() ? whole.size() : number_of(to, names);
    if (begin > end || end > whole.size()) throw ScriptError("slice out of range: " + std::string(word));
    return {whole.begin() + static_cast<long>(begin), whole.begin() + static_cast<long>(end)};
}

constexpr std::string_view kHexDigits = "0123456789abcdefx";

constexpr std::pair<std::string_view, std::uint8_t> kFlagNames[] = {
    {"SYN", wire::kSyn}, {"FIN", wire::kFin}, {"RST", wire::kRst}, {"PSH", wire::kPsh},
    {"ACK", wire::kAck}, {"URG", wire::kUrg}, {"ECE", wire::kEce}, {"CWR", wire::kCwr}};

std::uint8_t flag_of(std::string_view word) {
    for (const auto& [name, flag] : kFlagNames)
        if (name == word) return flag;
    throw ScriptError("not a flag: " + std::string(word));
}

}  // namespace

Duration duration_of(std::string_view word) {
    const std::size_t digits = word.find_first_not_of("0123456789");
    if (digits == 0 || digits == word.npos) throw ScriptError("not a time: " + std::string(word));
    const auto n = static_cast<std::int64_t>(plain_number(word.substr(0, digits)));
    const std::string_view unit = word.substr(digits);
    if (unit == "ms") return std::chrono::milliseconds(n);
    if (unit == "s") return std::chrono::seconds(n);
    if (unit == "m") return std::chrono::minutes(n);
    if (unit == "h") return std::chrono::hours(n);
    throw ScriptError("not a time: " + std::string(word));
}

std::uint8_t flags_of(std::string_view word) {
    if (word == "NONE") return 0;
    std::uint8_t flags = 0;
    for (std::string_view rest = word; !rest.empty();) {
        const std::size_t dot = std::min(rest.find('.'), rest.size());
        flags |= flag_of(rest.substr(0, dot));
        rest = rest.substr(std::min(dot + 1, rest.size()));
    }
    const bool alone = (flags & (wire::kSyn | wire::kRst)) != 0;
    return alone ? flags : static_cast<std::uint8_t>(flags | wire::kAck);
}

std::string text_of_flags(std::uint8_t flags) {
    std::string out;
    for (const auto& [name, flag] : kFlagNames)
        if ((flags & flag) != 0) out += (out.empty() ? "" : ".") + std::string(name);
    return out.empty() ? "NONE" : out;
}

std::uint32_t number_of(std::string_view word, const Names& names) {
    std::uint32_t total = 0;
    for (std::size_t at = 0; at < word.size();) {
        const bool minus = word[at] == '-';
        if (minus || word[at] == '+') ++at;
        const std::size_t end = std::min(word.find_first_of("+-", at), word.size());
        const std::string_view term = word.substr(at, end - at);
        const auto named = names.find(term);
        const auto value = static_cast<std::uint32_t>(
            named != names.end()                          ? named->second.size()
            : term.find_first_not_of(kHexDigits) == term.npos ? plain_number(term)
                                                          : octets_named(term, names).size());
        total = minus ? total - value : total + value;
        at = end;
    }
    return total;
}

Octets octets_named(std::string_view word, const Names& names) {
    Octets out;
    for (std::size_t at = 0; at < word.size();) {
        int depth = 0;
        std::size_t end = at;
        for (; end < word.size() && (word[end] != '+' || depth > 0); ++end) {
            if (word[end] == '(' || word[end] == '[') ++depth;
            if (word[end] == ')' || word[end] == ']') --depth;
        }
        put(out, piece_named(word.substr(at, end - at), names));
        at = end + 1;
    }
    return out;
}

bool has(const std::vector<std::string>& words, std::string_view word) {
    return std::find(words.begin(), words.end(), word) != words.end();
}

std::optional<std::string> after(const std::vector<std::string>& words, std::string_view word) {
    const auto at = std::find(words.begin(), words.end(), word);
    if (at == words.end() || at + 1 == words.end()) return std::nullopt;
    return *(at + 1);
}

}  // namespace sallyport::test
