// SPDX-License-Identifier: Apache-2.0
#include "config/reference.h"

#include <string_view>
#include <vector>

#include "config/finding.h"
#include "config/schema.h"
#include "config/shown.h"
#include "config/units.h"

namespace sallyport::cfg {
namespace {

std::string code_text(std::string_view text) {
    return '`' + std::string(text) + '`';
}

std::string limit_text(std::uint64_t limit, Type type) {
    if (type == Type::Size) return format_size(limit);
    if (type == Type::Duration)
        return format_duration(std::chrono::milliseconds(static_cast<std::int64_t>(limit)));
    return std::to_string(limit);
}

bool has_range(const Field& field) {
    return field.type == Type::Integer || field.type == Type::Size || field.type == Type::Duration;
}

std::string value_text(const Field& field) {
    if (field.type == Type::Choice) {
        std::vector<std::string> words;
        for (const Choice& choice : choices_of(field))
            words.push_back(choice.later.empty() ? code_text(choice.word)
                                                 : code_text(choice.word) + " (not yet)");
        return joined(words);
    }
    std::string text = type_name(field);
    if (has_range(field) && field.limits.max != ValueLimits{}.max)
        text += ", " + limit_text(field.limits.min, field.type) + " to " +
                limit_text(field.limits.max, field.type);
    return text;
}

std::string default_text(const Field& field) {
    if (field.need == Need::Required) return "required";
    if (!field.default_text.empty()) return code_text(field.default_text);
    return std::string(field.default_note);
}

std::string row_text(const Field& field) {
    std::string row = "| " + code_text(field.path) + " | " + value_text(field) + " | " +
                      default_text(field) + " | ";
    if (field.type != Type::Section && field.type != Type::Version)
        row += field.live == Live::Reload ? "live" : "restart";
    row += " | ";
    if (!field.later.empty())
        row += "*Not supported yet: comes with " + std::string(field.later) + ".* ";
    return row += std::string(field.help) + " |\n";
}

}  // namespace

std::string reference() {
    std::string text =
        "# Configuration reference\n\n"
        "Generated from the field table (`config/schema.h`) and the list of findings "
        "(`config/findings.def`); do not edit.\n\n"
        "*live*: the key is one that a running gateway may take over; *restart*: a change needs a "
        "new start.\nKeys that are not supported yet are refused, never ignored.\n\n"
        "## Keys\n\n"
        "| key | value | default | change | meaning |\n"
        "|---|---|---|---|---|\n";
    for (const Field& field : kFields) text += row_text(field);
    text += "\n## Findings\n\n| code | severity | finding | meaning |\n|---|---|---|---|\n";
    for (const FindingKind& kind : finding_kinds()) {
        const bool error = kind.severity == Severity::Error;
        text += "| " + std::string(kind.code) + " | " + (error ? "error" : "warning") + " | " +
                std::string(kind.title) + " | " + std::string(kind.explanation) + " |\n";
    }
    return text;
}

}  // namespace sallyport::cfg
