// SPDX-License-Identifier: Apache-2.0
#include "dataplane/inspect/http_framing.h"

#include <limits>

#include "dataplane/inspect/http_text.h"

namespace sallyport::dp::inspect {
namespace {

// RFC 9112 section 6.2: digits and nothing else. What does not fit a signed 64-bit number wraps
// around somewhere, and another body would end there.
constexpr std::size_t kLengthDigitsMax = 19;
constexpr std::uint64_t kLengthMax = std::numeric_limits<std::int64_t>::max();

bool read_length(std::string_view digits, std::uint64_t& out) {
    if (digits.empty() || digits.size() > kLengthDigitsMax) return false;
    out = 0;
    for (const char c : digits) {
        if (!is_digit(c)) return false;
        out = out * 10 + static_cast<std::uint64_t>(c - '0');
    }
    return out <= kLengthMax;
}

// Who takes a listed field for one of the connection removes it (RFC 9110 section 7.6.1), and the
// next one reads another message.
bool may_be_listed(std::string_view option) {
    const FieldName name = identify(option);
    return name != FieldName::Host && name != FieldName::ContentLength &&
           name != FieldName::TransferEncoding && name != FieldName::LookAlike;
}

}  // namespace

bool HeadFraming::note(FieldName name, std::string_view value) {
    if (name == FieldName::ContentLength) return note_length(value);
    if (name == FieldName::TransferEncoding) return note_coding(value);
    if (name == FieldName::Connection) return note_connection(value);
    if (name == FieldName::Upgrade) return note_upgrade(value);
    return true;
}

bool HeadFraming::note_length(std::string_view value) {
    if (has_length_) return false;
    has_length_ = true;
    return read_length(value, length_);
}

bool HeadFraming::note_coding(std::string_view value) {
    if (has_coding_) return false;
    has_coding_ = true;
    return equals_ignoring_case(value, "chunked");
}

bool HeadFraming::note_connection(std::string_view list) {
    bool is_good = true;
    while (!list.empty()) {
        const std::string_view option = trimmed(take_until(list, ','));
        if (!note_option(option)) is_good = false;
    }
    return is_good;
}

// RFC 9110 section 5.6.1.2 passes over an empty element, and some take the next one along with it.
bool HeadFraming::note_option(std::string_view option) {
    if (!is_token(option)) lists_no_token_ = true;
    if (equals_ignoring_case(option, "close")) lists_close_ = true;
    if (equals_ignoring_case(option, "keep-alive")) lists_keep_alive_ = true;
    if (equals_ignoring_case(option, "upgrade")) lists_upgrade_ = true;
    return may_be_listed(option);
}

bool HeadFraming::note_upgrade(std::string_view value) {
    is_websocket_ = !has_upgrade_ && equals_ignoring_case(value, "websocket");
    has_upgrade_ = true;
    return is_websocket_;
}

bool HeadFraming::body(std::uint8_t minor, BodyFraming& out) const {
    out = {};
    if (has_coding_ && (has_length_ || minor == 0)) return false;
    if (has_coding_) out.kind = BodyKind::Chunked;
    if (has_length_) out = {BodyKind::Length, length_};
    return true;
}

bool HeadFraming::is_persistent(std::uint8_t minor) const {
    if (lists_close_) return false;
    return minor == 1 || lists_keep_alive_;
}

}  // namespace sallyport::dp::inspect
