// SPDX-License-Identifier: Apache-2.0
// The field lines of a head (RFC 9112 section 5), one by one. Strict: no whitespace before the
// colon, no line that goes on with the next, no octet that may not stand there.
#pragma once
#include <string_view>

namespace sallyport::dp::inspect {

struct Field {
    bool is_valid = false;
    bool has_tabs_around = false;  // the value; some servers keep them
    std::string_view name, value;  // empty when invalid; the value without whitespace around it
};

class FieldWalk {
   public:
    // `section` reaches from behind the first line to the empty line, which belongs to it.
    explicit FieldWalk(std::string_view section) : rest_(section) {}

    // False at the end. A line that is no field line is passed over with `is_valid` false.
    bool next(Field& out);
    // At the end: the section ended with its empty line, and nothing stood behind it.
    bool is_complete() const { return is_complete_; }

   private:
    std::string_view rest_;
    bool is_complete_ = false;
};

}  // namespace sallyport::dp::inspect
