// SPDX-License-Identifier: Apache-2.0
#include "config/finding.h"

#include <algorithm>
#include <array>

namespace sallyport::cfg {
namespace {

constexpr auto kKinds = std::to_array<FindingKind>({
#define SP_FINDING(name, code, severity, title, explanation) \
    {code, Severity::severity, title, explanation},
#include "config/findings.def"
#undef SP_FINDING
});

std::string_view text_of(Severity severity) {
    return severity == Severity::Error ? "error" : "warning";
}

bool is_continuation(char c) {
    return (static_cast<unsigned char>(c) & 0xc0U) == 0x80U;
}

// "file:14:7-10", as far as it is known.
std::string place_of(const Finding& finding) {
    std::string place = finding.file;
    if (finding.mark.line == 0) return place;
    place += ':' + std::to_string(finding.mark.line) + ':' + std::to_string(finding.mark.column);
    if (finding.end_column > finding.mark.column) place += '-' + std::to_string(finding.end_column);
    return place;
}

std::string head_of(const Finding& finding) {
    std::string head = place_of(finding);
    head += ": ";
    head += text_of(finding.severity);
    head += '[';
    head += finding.code;
    head += "]: ";
    return head;
}

std::string gutter(const std::string& number) {
    constexpr std::size_t kWidth = 5;
    const std::size_t pad = number.size() < kWidth ? kWidth - number.size() : 0;
    return std::string(pad, ' ') + number + " | ";
}

// Spaces up to the column and a caret under each character that is meant. Tabs are kept, so that
// the carets stand right at any tab width.
std::string carets_of(const Finding& finding) {
    std::string line;
    const int last = std::max(finding.end_column, finding.mark.column);
    int column = finding.excerpt_column;
    for (const char c : finding.excerpt) {
        if (column > last) break;
        if (!is_continuation(c))
            line += column >= finding.mark.column ? '^' : c == '\t' ? '\t' : ' ';
        ++column;
    }
    if (column <= finding.mark.column) line += '^';
    return line;
}

std::string counted(std::size_t n, std::string_view what) {
    std::string text = std::to_string(n) + ' ';
    text += what;
    return n == 1 ? text : text + 's';
}

}  // namespace

std::span<const FindingKind> finding_kinds() {
    return kKinds;
}

const FindingKind& kind_of(FindingCode code) {
    return kKinds[static_cast<std::size_t>(code)];
}

const FindingKind* find_finding_kind(std::string_view code) {
    const auto* found = std::ranges::find(kKinds, code, &FindingKind::code);
    return found == kKinds.end() ? nullptr : found;
}

std::size_t error_count(std::span<const Finding> findings) {
    return static_cast<std::size_t>(
        std::ranges::count(findings, Severity::Error, &Finding::severity));
}

std::string format_finding(const Finding& finding) {
    std::string text = head_of(finding) + finding.message + '\n';
    if (finding.mark.line == 0 || finding.excerpt.empty()) {
        if (!finding.hint.empty()) text += gutter("") + finding.hint + '\n';
        return text;
    }
    text += gutter(std::to_string(finding.mark.line)) + finding.excerpt + '\n';
    text += gutter("") + carets_of(finding);
    if (!finding.hint.empty()) text += ' ' + finding.hint;
    return text + '\n';
}

std::string format_finding_line(const Finding& finding) {
    std::string text = head_of(finding);
    if (!finding.path.empty()) text += finding.path + ": ";
    text += finding.message;
    if (!finding.hint.empty()) text += " (" + finding.hint + ')';
    return text;
}

std::string format_findings(std::span<const Finding> findings) {
    if (findings.empty()) return {};
    std::string text;
    for (const Finding& finding : findings) text += format_finding(finding);
    const std::size_t errors = error_count(findings);
    const std::size_t warnings = findings.size() - errors;
    if (errors > 0) text += counted(errors, "error");
    if (errors > 0 && warnings > 0) text += ", ";
    if (warnings > 0) text += counted(warnings, "warning");
    return text + ".\n";
}

}  // namespace sallyport::cfg
