// SPDX-License-Identifier: Apache-2.0
// A text and its lines, for findings: where an offset stands, and how the line there reads.
#pragma once
#include <cstddef>
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
    explicit SourceText(std::string_view text);  // must outlive this object

    std::string_view text() const { return text_; }
    Mark mark_at(std::size_t offset) const;   // columns count octets, from 1
    std::size_t offset_of(Mark mark) const;   // clamped to the text
    std::string_view line(int number) const;  // without its end; empty when there is none

   private:
    std::string_view text_;
    std::vector<std::size_t> starts_;
};

}  // namespace sallyport::cfg
