// SPDX-License-Identifier: Apache-2.0
// Rows of text as a table with aligned columns.
#pragma once
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace sallyport::ctl {

struct Column {
    std::string_view heading;
    bool right = false;  // numbers
};

using Row = std::vector<std::string>;  // a cell for each column

// What came from the network must not move a terminal's cursor.
std::string printable(std::string text);

// Headings and rows, each a line. Empty cells show as they are; no blanks at the end of a line.
std::string to_text(std::span<const Column> columns, std::span<const Row> rows);

}  // namespace sallyport::ctl
