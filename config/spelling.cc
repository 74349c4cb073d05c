// SPDX-License-Identifier: Apache-2.0
#include "config/spelling.h"

#include <algorithm>
#include <cstddef>
#include <numeric>
#include <string>
#include <vector>

namespace sallyport::cfg {
namespace {

constexpr std::size_t kWordMax = 40;  // bounds the work for a hostile key
constexpr std::size_t kPrefixMin = 3;

std::string folded(std::string_view text) {
    std::string word(text);
    std::ranges::transform(word, word.begin(), [](char c) {
        if (c == '-') return '_';
        return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    });
    return word;
}

// Insertions, deletions, replacements and swaps of neighbours that lead from one to the other.
std::size_t edits(std::string_view a, std::string_view b) {
    std::vector<std::size_t> before, last(b.size() + 1), now(b.size() + 1);
    std::iota(last.begin(), last.end(), std::size_t{0});
    for (std::size_t i = 1; i <= a.size(); ++i) {
        now[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const std::size_t replaced = last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
            now[j] = std::min({replaced, last[j] + 1, now[j - 1] + 1});
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                now[j] = std::min(now[j], before[j - 2] + 1);
        }
        before = last;
        last = now;
    }
    return last.back();
}

}  // namespace

std::string_view nearest(std::string_view text, std::span<const std::string_view> words) {
    if (text.empty() || text.size() > kWordMax) return {};
    const std::string typed = folded(text);
    std::string_view best;
    std::size_t best_edits = std::max<std::size_t>(1, typed.size() / 3) + 1;
    for (const std::string_view word : words) {
        const std::size_t n = edits(typed, word);
        if (n < best_edits) {
            best = word;
            best_edits = n;
        }
    }
    if (!best.empty() || typed.size() < kPrefixMin) return best;
    const auto begun = std::ranges::find_if(words, [&](std::string_view word) {
        return word.starts_with(typed) || typed.starts_with(word);
    });
    return begun == words.end() ? std::string_view{} : *begun;
}

}  // namespace sallyport::cfg
