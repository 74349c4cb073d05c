// SPDX-License-Identifier: Apache-2.0
#include "tools/sallyctl/table.h"

#include <algorithm>
#include <cstddef>
#include <vector>

#include "tools/sallyctl/text_table.h"

namespace sallyport::ctl {
namespace {

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

bool is_zero(const Json& row) {
    const auto value = row.find("value");
    return value != row.end() && value->is_number() && *value == 0;
}

std::string rows_table(const Route& route, const Json& rows, bool with_zeros) {
    const std::vector<ReplyField> fields = columns_of(route);
    std::vector<Column> columns;
    for (const ReplyField& f : fields) columns.push_back({f.column, f.type == JsonType::Number});
    std::vector<Row> lines;
    for (const Json& row : rows) {
        if (!with_zeros && is_zero(row)) continue;
        Row& line = lines.emplace_back();
        for (const ReplyField& field : fields) line.push_back(cell_of(row, field.key));
    }
    return to_text(columns, lines);
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
