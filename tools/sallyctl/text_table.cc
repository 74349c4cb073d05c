// SPDX-License-Identifier: Apache-2.0
#include "tools/sallyctl/text_table.h"

#include <algorithm>
#include <cstddef>

namespace sallyport::ctl {
namespace {

constexpr std::string_view kGap = "  ";

std::string padded(std::string_view text, std::size_t width, bool right) {
    const std::string blanks(width - std::min(width, text.size()), ' ');
    return right ? blanks + std::string(text) : std::string(text) + blanks;
}

}  // namespace

std::string printable(std::string text) {
    for (char& c : text)
        if (c < 0x20 || c > 0x7e) c = '?';
    return text;
}

std::string to_text(std::span<const Column> columns, std::span<const Row> rows) {
    std::vector<std::size_t> widths;
    for (const Column& c : columns) widths.push_back(c.heading.size());
    for (const Row& row : rows)
        for (std::size_t i = 0; i < columns.size(); ++i)
            widths[i] = std::max(widths[i], row[i].size());
    std::string out;
    const auto add_line = [&](auto&& cell_at) {
        std::string line;
        for (std::size_t i = 0; i < columns.size(); ++i) {
            if (i > 0) line += kGap;
            line += padded(cell_at(i), widths[i], columns[i].right);
        }
        line.erase(line.find_last_not_of(' ') + 1);
        out += line + '\n';
    };
    add_line([&](std::size_t i) { return columns[i].heading; });
    for (const Row& row : rows) add_line([&](std::size_t i) { return std::string_view(row[i]); });
    return out;
}

}  // namespace sallyport::ctl
