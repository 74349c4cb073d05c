// SPDX-License-Identifier: Apache-2.0
// A text and its lines, for findings: where an offset stands, and how the line there reads.
#pragma once
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "config/model.h"

namespace sallyport::cfg {

// A piece of one line: the columns mark.column..end_column.
struct Span {
    Mark mark;
    int end_column = 0;
};

class SourceText {
   public:
    // The text must outlive this object. `file` goes into every mark.
    explicit SourceText(std::string_view text, std::uint16_t file = 0);

    std::string_view text() const { return text_; }
    std::uint16_t file() const { return file_; }
    // The text as a whole: what a finding about no line of it is about.
    Span whole() const { return {.mark = {0, 0, file_}, .end_column = 0}; }
    Mark mark_at(std::size_t offset) const;   // columns count octets, from 1
    std::size_t offset_of(Mark mark) const;   // clamped to the text; the mark is one of this text
    std::string_view line(int number) const;  // without its end; empty when there is none

   private:
    std::string_view text_;
    std::uint16_t file_;
    std::vector<std::size_t> starts_;
};

}  // namespace sallyport::cfg
