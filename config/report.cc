// SPDX-License-Identifier: Apache-2.0
#include "config/report.h"

#include <algorithm>
#include <tuple>
#include <utility>

namespace sallyport::cfg {
namespace {

constexpr std::size_t kExcerptMax = 160;
constexpr std::size_t kExcerptBefore = 60;  // octets shown before the column of a long line

bool is_continuation(char c) {
    return (static_cast<unsigned char>(c) & 0xc0U) == 0x80U;
}

// The path one level up; empty at the top.
std::string_view parent_of(std::string_view path) {
    const std::size_t at = path.find_last_of(".[");
    return at == std::string_view::npos ? std::string_view{} : path.substr(0, at);
}

bool is_below(std::string_view path, std::string_view ancestor) {
    return path.size() > ancestor.size() &&
           (path[ancestor.size()] == '.' || path[ancestor.size()] == '[');
}

// A line that is refused for what it holds is shown without it: one '?' for each such octet.
std::string shown_line(std::string_view line) {
    std::string text(line);
    std::ranges::replace_if(
        text,
        [](char c) {
            const auto octet = static_cast<unsigned char>(c);
            return (octet < 0x20 && c != '\t') || octet >= 0x7f;
        },
        '?');
    return text;
}

bool is_about_octets(const Finding& finding) {
    return finding.code == kind_of(FindingCode::NotUtf8).code ||
           finding.code == kind_of(FindingCode::ControlCharacter).code;
}

void set_excerpt(Finding& finding, std::string_view line) {
    const std::string safe = is_about_octets(finding) ? shown_line(line) : std::string();
    if (!safe.empty()) line = safe;
    if (line.size() <= kExcerptMax) {
        finding.excerpt = line;
        return;
    }
    const auto column = static_cast<std::size_t>(std::max(finding.mark.column, 1));
    std::size_t from = column > kExcerptBefore ? column - kExcerptBefore : 0;
    while (from < line.size() && is_continuation(line[from])) ++from;
    std::size_t to = std::min(from + kExcerptMax, line.size());
    while (to > from && to < line.size() && is_continuation(line[to])) --to;
    finding.excerpt = line.substr(from, to - from);
    finding.excerpt_column = static_cast<int>(from) + 1;
}

}  // namespace

const SourceText& Report::open(std::string_view text, std::string_view name) {
    const auto index = static_cast<std::uint16_t>(files_.size());
    return files_.emplace_back(std::string(name), SourceText(text, index)).source;
}

std::vector<std::string> Report::file_names() const {
    std::vector<std::string> names;
    for (const File& file : files_) names.push_back(file.name);
    return names;
}

std::string Report::place_text(const Mark& mark, const Mark& from) const {
    const std::string line = std::to_string(mark.line);
    return mark.file == from.file ? "line " + line : files_[mark.file].name + ':' + line;
}

void Report::add(FindingCode code, const Span& where, std::string path, Said said) {
    add(code, where, std::move(path), std::move(said),
        files_[where.mark.file].source.line(where.mark.line));
}

void Report::add(FindingCode code, const Span& where, std::string path, Said said,
                 std::string_view line) {
    const FindingKind& kind = kind_of(code);
    if (kind.severity == Severity::Error) ++errors_;
    if (findings_.size() >= kMaxFindings) {
        ++left_out_;
        return;
    }
    if (kind.severity == Severity::Error) bad_paths_.insert(path);
    Finding finding{.severity = kind.severity,
                    .code = kind.code,
                    .file = files_[where.mark.file].name,
                    .mark = where.mark,
                    .end_column = where.end_column,
                    .path = std::move(path),
                    .message = std::move(said.message),
                    .hint = std::move(said.hint),
                    .excerpt = {},
                    .excerpt_column = 1};
    set_excerpt(finding, line);
    findings_.push_back(std::move(finding));
}

void Report::note(const std::string& path, const Span& where) {
    places_[path] = where;
}

Span Report::where(std::string path) const {
    while (!path.empty()) {
        if (const auto found = places_.find(path); found != places_.end()) return found->second;
        path = parent_of(path);
    }
    const auto document = places_.find({});
    return document == places_.end() ? Span{.mark = {1, 1}, .end_column = 1} : document->second;
}

bool Report::is_clean(const std::string& path) const {
    for (auto it = bad_paths_.lower_bound(path); it != bad_paths_.end(); ++it) {
        if (!it->starts_with(path)) break;
        if (*it == path || is_below(*it, path)) return false;
    }
    for (std::string_view up = parent_of(path); !up.empty(); up = parent_of(up))
        if (bad_paths_.contains(std::string(up))) return false;
    return true;
}

std::vector<Finding> Report::take() {
    std::ranges::sort(findings_, {}, [](const Finding& f) {
        return std::tie(f.mark.file, f.mark, f.code, f.path, f.message);
    });
    if (left_out_ > 0) {
        const FindingKind& kind = kind_of(FindingCode::TooMany);
        findings_.push_back({.severity = kind.severity,
                             .code = kind.code,
                             .file = findings_.back().file,
                             .mark = findings_.back().mark,
                             .end_column = 0,
                             .path = {},
                             .message = "and " + std::to_string(left_out_) + " more findings",
                             .hint = {},
                             .excerpt = {},
                             .excerpt_column = 1});
        left_out_ = 0;
    }
    return std::move(findings_);
}

std::string child_path(std::string_view parent, std::string_view key) {
    std::string path(parent);
    if (!path.empty()) path += '.';
    return path += key;
}

std::string item_path(std::string_view list, std::size_t index) {
    return std::string(list) + '[' + std::to_string(index) + ']';
}

}  // namespace sallyport::cfg
