// SPDX-License-Identifier: Apache-2.0
#include "config/host_list.h"

#include <algorithm>
#include <string>
#include <utility>

#include "config/documents.h"
#include "config/host_name.h"
#include "config/shown.h"
#include "config/text_check.h"

namespace sallyport::cfg {
namespace {

// A piece of a line, with its column.
struct Word {
    std::string_view text;
    std::size_t column = 1;
};

Word word_of(std::string_view line) {
    constexpr std::string_view kBlank = " \t";
    const std::string_view content = line.substr(0, line.find('#'));
    const std::size_t first = content.find_first_not_of(kBlank);
    if (first == std::string_view::npos) return {};
    const std::size_t last = content.find_last_not_of(kBlank);
    return {content.substr(first, last - first + 1), first + 1};
}

bool is_printable_ascii(std::string_view text) {
    return std::ranges::all_of(text, [](char c) { return c >= ' ' && c < 0x7f; });
}

class ListReader {
   public:
    ListReader(std::uint16_t file, std::size_t room, Report& report)
        : file_(file), room_(room), report_(report) {}

    NameList read(std::string_view text) {
        const auto lines = static_cast<std::size_t>(std::ranges::count(text, '\n')) + 1;
        names_.reserve(std::min(lines, room_), text.size());
        for (std::size_t at = 0; at < text.size() && !is_full_;) {
            const std::size_t end = std::min(text.find('\n', at), text.size());
            ++number_;
            read_line(text.substr(at, end - at));
            at = end + 1;
        }
        say_how_many_more();
        return std::move(names_);
    }

   private:
    void read_line(std::string_view line) {
        if (line.ends_with('\r')) line.remove_suffix(1);
        line_ = line;
        const Word word = word_of(line);
        // A comment in another encoding is refused as well: it may hide what the reader sees.
        if (!is_printable_ascii(line) && refuse_characters()) return;
        if (word.text.empty()) return;
        const bool suffix = word.text.size() > 1 && word.text.starts_with('.');
        const auto host = normalise_host(word.text.substr(suffix ? 1 : 0), buffer_);
        if (!host || (suffix && host->wildcard))
            return refuse(word, host ? HostError::BadWildcard : host.error());
        add(host->name, host->wildcard);
        if (suffix) add(host->name, true);
    }

    void add(std::string_view name, bool wildcard) {
        if (names_.size() < room_) {
            names_.add(name, wildcard);
            return;
        }
        if (std::exchange(is_full_, true)) return;
        report_.add(FindingCode::TooManyNames, place(1, 0), {},
                    {"more than " + std::to_string(kMaxListedNames) + " names in all files",
                     "wildcards say more in one line"},
                    line_);
    }

    bool refuse_characters() {
        auto bad = find_bad_character(line_);
        if (bad && count_bad_line())
            report_.add(bad->code, place(bad->at + 1, 0), {},
                        {std::move(bad->message), std::move(bad->hint)}, line_);
        return bad.has_value();
    }

    void refuse(const Word& word, HostError error) {
        if (!count_bad_line()) return;
        HostFailure failure = describe(error);
        if (word.text.find_first_of(" \t") != std::string_view::npos)
            failure = {FindingCode::BadHost, " is more than one word", "write one name a line"};
        report_.add(failure.code, place(word.column, word.text.size()), {},
                    {shown(word.text) + failure.message, failure.hint}, line_);
    }

    // True: this one is told.
    bool count_bad_line() { return ++bad_lines_ <= kMaxLineFindings; }

    void say_how_many_more() {
        if (bad_lines_ <= kMaxLineFindings) return;
        report_.add(FindingCode::TooMany, place(1, 0), {},
                    {"and " + std::to_string(bad_lines_ - kMaxLineFindings) +
                     " more lines that are no names"},
                    line_);
    }

    Span place(std::size_t column, std::size_t size) const {
        const auto first = static_cast<int>(column);
        return {.mark = {number_, first, file_}, .end_column = first + static_cast<int>(size) - 1};
    }

    std::uint16_t file_;
    std::size_t room_;
    Report& report_;
    NameList names_;
    HostBuffer buffer_;
    std::string_view line_;
    int number_ = 0;
    std::size_t bad_lines_ = 0;
    bool is_full_ = false;
};

}  // namespace

NameList read_host_list(std::string_view text, std::uint16_t file, std::size_t room,
                        Report& report) {
    return ListReader(file, room, report).read(without_byte_order_mark(text));
}

}  // namespace sallyport::cfg
