// SPDX-License-Identifier: Apache-2.0
#include "tools/sallyctl/findings.h"

#include <nlohmann/json.hpp>
#include <ostream>
#include <string_view>

#include "control/finding_json.h"

namespace sallyport::ctl {
namespace {

// GitHub's own escapes: in the text of a command, and, more of them, in its properties.
std::string escaped(std::string_view text, std::string_view more = {}) {
    constexpr std::string_view kHex = "0123456789ABCDEF";
    std::string out;
    for (const char c : text) {
        if (c != '%' && c != '\r' && c != '\n' && more.find(c) == std::string_view::npos) {
            out += c;
            continue;
        }
        const auto octet = static_cast<unsigned char>(c);
        out += '%';
        out += kHex[octet >> 4U];
        out += kHex[octet & 0xfU];
    }
    return out;
}

std::string property(std::string_view text) {
    return escaped(text, ":,");
}

}  // namespace

std::string github_text(const cfg::Finding& finding) {
    std::string text = finding.severity == cfg::Severity::Error ? "::error" : "::warning";
    text += " file=" + property(finding.file);
    if (finding.mark.line > 0) {
        const int last = std::max(finding.end_column, finding.mark.column);
        text += ",line=" + std::to_string(finding.mark.line) +
                ",col=" + std::to_string(finding.mark.column) +
                ",endColumn=" + std::to_string(last);
    }
    text += ",title=" + property(finding.code) + "::" + escaped(finding.message);
    if (!finding.hint.empty()) text += escaped(" (" + finding.hint + ')');
    return text + '\n';
}

void print_findings(std::span<const cfg::Finding> findings, Output output, std::ostream& out) {
    if (output == Output::AsJson) {
        out << findings_json(findings).dump(2) << '\n';
    } else if (output == Output::AsGithub) {
        for (const cfg::Finding& finding : findings) out << github_text(finding);
    } else {
        out << cfg::format_findings(findings);
    }
}

}  // namespace sallyport::ctl
