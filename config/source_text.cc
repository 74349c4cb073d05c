// SPDX-License-Identifier: Apache-2.0
#include "config/source_text.h"

#include <algorithm>

namespace sallyport::cfg {

SourceText::SourceText(std::string_view text, std::uint16_t file)
    : text_(text), file_(file), starts_{0} {
    for (std::size_t i = 0; i < text.size(); ++i)
        if (text[i] == '\n') starts_.push_back(i + 1);
}

Mark SourceText::mark_at(std::size_t offset) const {
    const auto after = std::upper_bound(starts_.begin(), starts_.end(), offset);
    const auto line = after - starts_.begin();
    return {static_cast<int>(line), static_cast<int>(offset - *(after - 1)) + 1, file_};
}

std::size_t SourceText::offset_of(Mark mark) const {
    const auto index = static_cast<std::size_t>(mark.line) - 1;
    if (mark.line < 1 || mark.column < 1 || index >= starts_.size()) return text_.size();
    return std::min(starts_[index] + static_cast<std::size_t>(mark.column) - 1, text_.size());
}

std::string_view SourceText::line(int number) const {
    const auto index = static_cast<std::size_t>(number) - 1;
    if (number < 1 || index >= starts_.size()) return {};
    const bool last = index + 1 == starts_.size();
    const std::size_t end = last ? text_.size() : starts_[index + 1] - 1;
    const std::string_view line = text_.substr(starts_[index], end - starts_[index]);
    return line.ends_with('\r') ? line.substr(0, line.size() - 1) : line;
}

}  // namespace sallyport::cfg
