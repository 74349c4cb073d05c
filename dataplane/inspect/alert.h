// SPDX-License-Identifier: Apache-2.0
// What a denied TLS client is told (RFC 8446 section 6, RFC 6066 section 3).
#pragma once
#include <array>
#include <cstdint>
#include <span>

namespace sallyport::dp::inspect {

inline constexpr std::size_t kAlertRecordSize = 7;

// A whole record with the fatal alert unrecognized_name(112). `stream` is what the client has sent,
// from its first octet; the record carries the version of its hello, of its record when the hello
// does not reach that far, brought into 0x0301..0x0303 (the versions that stand in a record
// header).
std::array<std::uint8_t, kAlertRecordSize> unrecognized_name_alert(
    std::span<const std::uint8_t> stream);

}  // namespace sallyport::dp::inspect
