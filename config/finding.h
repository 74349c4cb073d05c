// SPDX-License-Identifier: Apache-2.0
// What is wrong with a configuration: where, what, and what to write instead. A finding stands on
// its own (it carries its piece of the file), so it can be printed long after the text is gone.
#pragma once
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "config/model.h"

namespace sallyport::cfg {

enum class Severity : std::uint8_t { Warning, Error };

// Every kind of finding, from the list.
enum class FindingCode : std::uint16_t {
#define SP_FINDING(name, code, severity, title, explanation) name,
#include "config/findings.def"
#undef SP_FINDING
};

struct FindingKind {
    std::string_view code;  // stable: "SP1203"
    Severity severity;
    std::string_view title;
    std::string_view explanation;
};

struct Finding {
    Severity severity = Severity::Error;
    std::string_view code;  // of the list, so it lives as long as the program
    std::string file;
    Mark mark;           // line 0: the finding is about the file as a whole
    int end_column = 0;  // the last column that is meant; columns count octets
    std::string path;    // "policy.rules[2].hosts[0]"; empty: the whole file
    std::string message;
    std::string hint;        // what to write instead; may be empty
    std::string excerpt;     // the source line, or the part of a long line around the column
    int excerpt_column = 1;  // the column at which the excerpt begins
};

// All kinds, in the order of their codes.
std::span<const FindingKind> finding_kinds();
const FindingKind& kind_of(FindingCode code);
const FindingKind* find_finding_kind(std::string_view code);  // nullptr: there is no such code

std::size_t error_count(std::span<const Finding> findings);

// For people: "file:14:7-10: error[SP1203]: message", the source line, a caret line with the hint.
// Ends in a newline.
std::string format_finding(const Finding& finding);
// For logs: the same on one line, with the path and without the source; no newline.
std::string format_finding_line(const Finding& finding);
// All of them in the form for people, then "2 errors, 1 warning." Empty for no finding.
std::string format_findings(std::span<const Finding> findings);

}  // namespace sallyport::cfg
