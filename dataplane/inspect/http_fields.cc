// SPDX-License-Identifier: Apache-2.0
#include "dataplane/inspect/http_fields.h"

#include <algorithm>

#include "dataplane/inspect/http_text.h"

namespace sallyport::dp::inspect {
namespace {

// The whitespace that `inner`, a part of `outer`, leaves out.
bool has_tabs_around(std::string_view outer, std::string_view inner) {
    const auto before = static_cast<std::size_t>(inner.data() - outer.data());
    return first(outer, before).find('\t') != std::string_view::npos ||
           behind(outer, before + inner.size()).find('\t') != std::string_view::npos;
}

Field read_field(std::string_view line) {
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos) return {};
    const std::string_view name = first(line, colon), raw = behind(line, colon + 1);
    if (!is_token(name) || !std::all_of(raw.begin(), raw.end(), is_value_char)) return {};
    const std::string_view value = trimmed(raw);
    return {true, has_tabs_around(raw, value), name, value};
}

}  // namespace

bool FieldWalk::next(Field& out) {
    out = {};
    std::string_view line;
    if (!take_line(rest_, line)) {
        // A last line without its end; what stands behind a bare LF is not looked for.
        const bool had_more = !rest_.empty();
        rest_ = {};
        return had_more;
    }
    if (line.empty()) {
        is_complete_ = rest_.empty();
        return false;
    }
    out = read_field(line);
    return true;
}

}  // namespace sallyport::dp::inspect
