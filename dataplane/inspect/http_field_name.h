// SPDX-License-Identifier: Apache-2.0
// Names of fields that the gate reads, and of those that no trailer may carry.
#pragma once
#include <array>
#include <cstdint>
#include <string_view>

namespace sallyport::dp::inspect {

enum class FieldName : std::uint8_t {
    Other,
    Host,
    ContentLength,
    TransferEncoding,
    Connection,
    Upgrade,
    Expect,
    Http2Settings,
    UserAgent,
    RequestId,  // X-Request-Id
    LookAlike,  // a framing field to whoever takes '_' or '.' for '-', as CGI does; another to all
};

// A name that is compared: lower case, and '-' for all that is neither letter nor digit. Fed octet
// by octet; of a name longer than any known one nothing is kept.
class FoldedName {
   public:
    void clear() { *this = {}; }
    void add(char c);
    std::string_view view() const { return {octets_.data(), length_ > kMax ? 0U : length_}; }
    bool is_respelt() const { return is_respelt_; }  // '-' stands for another octet

   private:
    static constexpr std::uint8_t kMax = 20;
    std::array<char, kMax> octets_{};
    std::uint8_t length_ = 0;  // kMax + 1: longer than any known one
    bool is_respelt_ = false;
};

FieldName identify(std::string_view name);

// False for fields about framing, routing, authentication and the form of the content (RFC 9110
// section 6.5.1): who merges trailers into the head would read another message.
bool may_be_trailer(const FoldedName& name);

}  // namespace sallyport::dp::inspect
