// SPDX-License-Identifier: Apache-2.0
#include "tools/sallyctl/table.h"

#include <algorithm>
#include <cstddef>
#include <vector>

namespace sallyport::ctl {
namespace {

constexpr std::string_view kGap = "  ";

// What came from the network must not move a terminal's cursor.
std::string printable(std::string text) {
    for (char& c : text)
        if (c < 0x20 || c > 0x7e) c = '?';
    return text;
}

std::string cell(const Json& value) {
    if (value.is_string()) return printable(value.get<std::string>());
    if (value.is_boolean()) return value.get<bool>() ? "yes" : "no";
    if (value.is_null()) return "-";
    if (!value.is_array()) return value.dump();
    std::string joined;
    for (const Json& item : value) joined += (joined.empty() ? "" : ", ") + cell(item);
    return joined;
}

std::string cell_of(const Json& object, std::string_view key) {
    const auto found = object.find(std::string(key));
    const std::string text = found == object.end() ? "-" : cell(*found);
    return text.empty() ? "-" : text;
}

std::vector<ReplyField> columns_of(const Route& route) {
    std::vector<ReplyField> shown;
    std::ranges::copy_if(route.reply, std::back_inserter(shown),
                         [](const ReplyField& f) { return !f.column.empty(); });
    return shown;
}

using Line = std::vector<std::string>;

std::string padded(const std::string& text, std::size_t width, bool right) {
    const std::string blanks(width - std::min(width, text.size()), ' ');
    return right ? blanks + text : text + blanks;
}

std::string aligned(const std::vector<ReplyField>& columns, const std::vector<Line>& lines) {
    std::vector<std::size_t> widths(columns.size(), 0);
    for (const Line& line : lines)
        for (std::size_t i = 0; i < columns.size(); ++i)
            widths[i] = std::max(widths[i], line[i].size());
    std::string out;
    for (const Line& line : lines) {
        std::string text;
        for (std::size_t i = 0; i < columns.size(); ++i) {
            if (i > 0) text += kGap;
            text += padded(line[i], widths[i], columns[i].type == JsonType::Number);
        }
        text.erase(text.find_last_not_of(' ') + 1);
        out += text + '\n';
    }
    return out;
}

bool is_zero(const Json& row) {
    const auto value = row.find("value");
    return value != row.end() && value->is_number() && *value == 0;
}

std::string rows_table(const Route& route, const Json& rows, bool with_zeros) {
    const std::vector<ReplyField> columns = columns_of(route);
    std::vector<Line> lines(1);
    for (const ReplyField& column : columns) lines[0].emplace_back(column.column);
    for (const Json& row : rows) {
        if (!with_zeros && is_zero(row)) continue;
        Line line;
        for (const ReplyField& column : columns) line.push_back(cell_of(row, column.key));
        lines.push_back(std::move(line));
    }
    return aligned(columns, lines);
}

// An array that is empty has nothing to say; several items get a line each.
std::string object_lines(const Route& route, const Json& object) {
    std::string out;
    for (const ReplyField& field : columns_of(route)) {
        const std::string heading = std::string(field.column) + ": ";
        const auto value = object.find(std::string(field.key));
        const bool list = value != object.end() && value->is_array();
        if (!list) {
            out += heading + cell_of(object, field.key) + '\n';
            continue;
        }
        for (const Json& item : *value) out += heading + cell(item) + '\n';
    }
    return out;
}

}  // namespace

std::string to_table(const Route& route, const Json& body, bool with_zeros) {
    if (!body.is_object()) return printable(body.dump()) + '\n';
    if (route.rows.empty()) return object_lines(route, body);
    const auto rows = body.find(std::string(route.rows));
    return rows_table(route, rows == body.end() ? Json::array() : *rows, with_zeros);
}

}  // namespace sallyport::ctl
