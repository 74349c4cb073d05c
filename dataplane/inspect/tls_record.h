// SPDX-License-Identifier: Apache-2.0
// The record layer of TLS before any key is known (RFC 8446 section 5.1): what a record header may
// say, and the joining of a handshake message that is spread over records. Used inside this folder.
#pragma once
#include <cstdint>
#include <span>

#include "tcpstack/base/check.h"

namespace sallyport::dp::inspect {

inline constexpr std::uint8_t kChangeCipherSpec = 20;
inline constexpr std::uint8_t kAlert = 21;
inline constexpr std::uint8_t kHandshake = 22;
inline constexpr std::uint8_t kApplicationData = 23;

inline constexpr std::uint8_t kClientHello = 1;  // handshake types, RFC 8446 section 4
inline constexpr std::uint8_t kServerHello = 2;

inline constexpr std::uint8_t kMajorVersion = 3;  // of SSL 3.0 and every TLS since; the minor lies
inline constexpr std::size_t kRecordHeader = 5;
inline constexpr std::size_t kHandshakeHeader = 4;
inline constexpr std::size_t kFragmentMax = 1U << 14;              // RFC 8446 section 5.1
inline constexpr std::size_t kCiphertextMax = kFragmentMax + 256;  // RFC 8446 section 5.2

// Octets of a handshake message in the order of their records. One record is looked at where it
// stands; from the second on everything is copied into the scratch space.
class JoinedFragments {
   public:
    explicit JoinedFragments(std::span<std::uint8_t> scratch) : scratch_(scratch) {}

    std::span<const std::uint8_t> bytes() const { return bytes_; }

    void add(std::span<const std::uint8_t> fragment) {
        if (bytes_.empty()) {
            bytes_ = fragment;
            return;
        }
        SP_CHECK(bytes_.size() + fragment.size() <= scratch_.size());
        if (bytes_.data() != scratch_.data()) copy(bytes_, 0);
        copy(fragment, bytes_.size());
        bytes_ = scratch_.first(bytes_.size() + fragment.size());
    }

   private:
    void copy(std::span<const std::uint8_t> from, std::size_t at) {
        std::uint8_t* to = scratch_.data() + at;
        for (const std::uint8_t octet : from) *to++ = octet;
    }
    std::span<std::uint8_t> scratch_;
    std::span<const std::uint8_t> bytes_;
};

}  // namespace sallyport::dp::inspect
