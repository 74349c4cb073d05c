// SPDX-License-Identifier: Apache-2.0
// What the fields of a head say about its body and its connection, gathered line by line; the same
// for requests and responses.
#pragma once
#include <cstdint>
#include <string_view>

#include "dataplane/inspect/http_body.h"
#include "dataplane/inspect/http_field_name.h"

namespace sallyport::dp::inspect {

class HeadFraming {
   public:
    // Of the names that are not about framing nothing is noted. False: the value says nothing, or
    // contradicts what was noted before.
    bool note(FieldName name, std::string_view value);

    // By Content-Length and Transfer-Encoding alone; BodyKind::None without them. False when both
    // are there, or Transfer-Encoding in HTTP/1.0 (RFC 9112 section 6.1).
    bool body(std::uint8_t minor, BodyFraming& out) const;
    // RFC 9112 section 9.3.
    bool is_persistent(std::uint8_t minor) const;

    bool has_length() const { return has_length_; }
    bool has_coding() const { return has_coding_; }
    std::uint64_t length() const { return length_; }
    bool has_upgrade() const { return has_upgrade_; }
    bool is_websocket() const { return is_websocket_; }    // the one Upgrade line says so
    bool lists_upgrade() const { return lists_upgrade_; }  // Connection does
    bool lists_no_token() const {
        return lists_no_token_;
    }  // Connection lists nothing or something else

   private:
    bool note_length(std::string_view value);
    bool note_coding(std::string_view value);
    bool note_connection(std::string_view list);
    bool note_option(std::string_view option);
    bool note_upgrade(std::string_view value);

    std::uint64_t length_ = 0;
    bool has_length_ = false, has_coding_ = false;
    bool has_upgrade_ = false, is_websocket_ = false;
    bool lists_close_ = false, lists_keep_alive_ = false;
    bool lists_upgrade_ = false, lists_no_token_ = false;
};

}  // namespace sallyport::dp::inspect
