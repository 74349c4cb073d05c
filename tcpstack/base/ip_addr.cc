// SPDX-License-Identifier: Apache-2.0
#include "tcpstack/base/ip_addr.h"

#include <algorithm>
#include <cstddef>

#include "tcpstack/base/text_writer.h"

namespace sallyport {
namespace {

constexpr unsigned kGroups = 8;  // of 16 bits, in an IPv6 address

using Groups = std::array<std::uint16_t, kGroups>;

std::optional<unsigned> digit(char c, unsigned base) {
    unsigned v = 16;
    if (c >= '0' && c <= '9') v = static_cast<unsigned>(c - '0');
    if (c >= 'a' && c <= 'f') v = static_cast<unsigned>(c - 'a') + 10;
    if (c >= 'A' && c <= 'F') v = static_cast<unsigned>(c - 'A') + 10;
    if (v >= base) return std::nullopt;
    return v;
}

// 1 to max_digits digits and nothing else.
std::optional<unsigned> number(std::string_view text, unsigned base, std::size_t max_digits) {
    if (text.empty() || text.size() > max_digits) return std::nullopt;
    unsigned v = 0;
    for (const char c : text) {
        const auto d = digit(c, base);
        if (!d) return std::nullopt;
        v = v * base + *d;
    }
    return v;
}

// Decimal without leading zeros, <= max.
std::optional<unsigned> decimal(std::string_view text, unsigned max) {
    if (text.size() > 1 && text[0] == '0') return std::nullopt;
    const auto v = number(text, 10, 3);
    if (!v || *v > max) return std::nullopt;
    return v;
}

// substr() without the exception: `n` and `at` may lie past the end.
constexpr std::string_view first(std::string_view text, std::size_t n) {
    return {text.data(), std::min(n, text.size())};
}
constexpr std::string_view behind(std::string_view text, std::size_t at) {
    text.remove_prefix(std::min(at, text.size()));
    return text;
}

// What stands before the first `separator`; `text` keeps what stands behind it. Without a separator
// all of the text.
std::string_view cut(std::string_view& text, char separator) {
    const std::size_t at = text.find(separator);
    const std::string_view head = first(text, at);
    text = behind(text, head.size() + 1);
    return head;
}

std::optional<Ipv4Addr> parse_quad(std::string_view text) {
    if (std::count(text.begin(), text.end(), '.') != 3) return std::nullopt;
    Ipv4Addr a;
    for (auto& octet : a.octets) {
        const auto v = decimal(cut(text, '.'), 255);
        if (!v) return std::nullopt;
        octet = static_cast<std::uint8_t>(*v);
    }
    return a;
}

// Reads "1:2:3" or, where a quad may end it, "1:2:3:1.2.3.4" into `out`. Returns how many groups it
// holds; an empty text holds none.
std::optional<unsigned> parse_groups(std::string_view text, bool quad_may_end, Groups& out) {
    if (text.empty()) return 0;
    const auto colons = static_cast<std::size_t>(std::count(text.begin(), text.end(), ':'));
    if (colons >= kGroups) return std::nullopt;
    unsigned n = 0;
    for (std::size_t i = 0; i <= colons; ++i) {
        const std::string_view part = cut(text, ':');
        if (i == colons && quad_may_end && part.find('.') != std::string_view::npos) {
            const auto quad = parse_quad(part);
            if (!quad || n + 2 > kGroups) return std::nullopt;
            out[n++] = static_cast<std::uint16_t>(quad->host() >> 16);
            out[n++] = static_cast<std::uint16_t>(quad->host());
            continue;
        }
        const auto group = number(part, 16, 4);
        if (!group) return std::nullopt;
        out[n++] = static_cast<std::uint16_t>(*group);
    }
    return n;
}

Ipv6Addr from_groups(const Groups& groups) {
    Ipv6Addr a;
    for (unsigned i = 0; i < kGroups; ++i) {
        a.octets[2 * i] = static_cast<std::uint8_t>(groups[i] >> 8);
        a.octets[2 * i + 1] = static_cast<std::uint8_t>(groups[i]);
    }
    return a;
}

// RFC 4291 section 2.2: "::" stands once, for one or more groups of zeros.
std::optional<Ipv6Addr> parse_v6(std::string_view text) {
    Groups head{}, tail{};
    const std::size_t gap = text.find("::");
    const bool has_gap = gap != std::string_view::npos;
    const auto before = parse_groups(first(text, gap), !has_gap, head);
    if (!before) return std::nullopt;
    if (!has_gap) return *before == kGroups ? std::optional(from_groups(head)) : std::nullopt;

    const auto after = parse_groups(behind(text, gap + 2), true, tail);
    if (!after || *before + *after >= kGroups) return std::nullopt;
    std::copy_n(tail.begin(), *after, head.end() - *after);
    return from_groups(head);
}

struct Run {
    unsigned begin = 0, length = 0;
};

// RFC 5952 section 4.2: the longest run of zero groups, the first of equals, never a single one.
Run longest_zero_run(const Groups& groups) {
    Run best, run;
    for (unsigned i = 0; i < kGroups; ++i) {
        run = groups[i] == 0 ? Run{run.length == 0 ? i : run.begin, run.length + 1} : Run{};
        if (run.length > best.length) best = run;
    }
    return best.length >= 2 ? best : Run{};
}

void write_quad(TextWriter& out, Ipv4Addr a) {
    for (unsigned i = 0; i < 4; ++i) {
        if (i != 0) out.put('.');
        out.decimal(a.octets[i]);
    }
}

void write_groups(TextWriter& out, const Groups& groups) {
    const Run gap = longest_zero_run(groups);
    for (unsigned i = 0; i < kGroups; ++i) {
        if (gap.length != 0 && i == gap.begin) {
            out.put("::");
            i += gap.length - 1;
            continue;
        }
        if (i != 0 && (gap.length == 0 || i != gap.begin + gap.length)) out.put(':');
        out.hex(groups[i]);
    }
}

// The octets from bit `from` on become zero.
void clear_bits(std::array<std::uint8_t, 16>& octets, unsigned from) {
    for (unsigned i = from / 8; i < 16; ++i) {
        const unsigned kept = i == from / 8 ? from % 8 : 0;
        octets[i] = static_cast<std::uint8_t>(octets[i] & (0xff00U >> kept));
    }
}

constexpr unsigned width(Family f) {
    return f == Family::V4 ? 32 : 128;
}
// Where a prefix of the family begins within the 16 octets.
constexpr unsigned mapped_bits(Family f) {
    return 128 - width(f);
}

// A word whose first `n` bits in network order are set, and nothing else; all of them from 64 on.
std::uint64_t leading_ones(unsigned n) {
    if (n == 0) return 0;
    return __builtin_bswap64(~std::uint64_t{0} << (64 - std::min(n, 64U)));
}

}  // namespace

std::optional<IpAddr> IpAddr::parse(std::string_view text) {
    if (text.find(':') == std::string_view::npos) {
        const auto quad = parse_quad(text);
        return quad ? std::optional<IpAddr>(*quad) : std::nullopt;
    }
    const auto v6 = parse_v6(text);
    return v6 ? std::optional<IpAddr>(*v6) : std::nullopt;
}

std::string_view format(const IpAddr& a, std::span<char, kIpTextMax> out) {
    TextWriter text(out);
    if (a.is_v4()) {
        write_quad(text, a.v4());
        return text.text();
    }
    Groups groups;
    for (unsigned i = 0; i < kGroups; ++i)
        groups[i] = static_cast<std::uint16_t>(a.octets()[2 * i] << 8 | a.octets()[2 * i + 1]);
    write_groups(text, groups);
    return text.text();
}

IpPrefix::IpPrefix(const IpAddr& address, unsigned length)
    : length_(static_cast<std::uint8_t>(std::min(length, width(address.family())))) {
    auto octets = address.octets();
    clear_bits(octets, mapped_bits(address.family()) + length_);
    address_ = Ipv6Addr{octets};
}

std::optional<IpPrefix> IpPrefix::parse(std::string_view text) {
    const std::size_t slash = text.find('/');
    const auto address = IpAddr::parse(first(text, slash));
    if (!address) return std::nullopt;
    const unsigned full = width(address->family());
    if (slash == std::string_view::npos) return IpPrefix(*address, full);
    const auto length = decimal(behind(text, slash + 1), full);
    if (!length) return std::nullopt;
    const IpPrefix prefix(*address, *length);
    return prefix.address() == *address ? std::optional(prefix) : std::nullopt;
}

// Compared as two words in the machine's order; the masks have to be in that of the network.
bool IpPrefix::contains(const IpAddr& a) const {
    if (a.family() != family()) return false;
    const unsigned bits = mapped_bits(family()) + length_;
    const IpAddr::Words ours = address_.words(), theirs = a.words();
    const std::uint64_t high = (ours.high ^ theirs.high) & leading_ones(bits);
    const std::uint64_t low = (ours.low ^ theirs.low) & leading_ones(bits > 64 ? bits - 64 : 0);
    return (high | low) == 0;
}

}  // namespace sallyport
