// SPDX-License-Identifier: Apache-2.0
#include "dataplane/inspect/alert.h"

#include <algorithm>

#include "dataplane/inspect/tls_record.h"
#include "tcpstack/base/byte_reader.h"

namespace sallyport::dp::inspect {
namespace {

constexpr std::uint16_t kTls10 = 0x0301, kTls12 = 0x0303;
constexpr std::uint8_t kFatal = 2;
constexpr std::uint8_t kUnrecognizedName = 112;

// A hello that is cut before its version, by a record's end or by the stream's, counts for nothing.
std::uint16_t version_of(std::span<const std::uint8_t> stream) {
    ByteReader records(stream);
    records.skip(1);
    const std::uint16_t of_record = records.u16();
    const std::size_t length = records.u16();
    ByteReader fragment(records.take(std::min(length, records.remaining())));
    fragment.skip(kHandshakeHeader);
    const std::uint16_t of_hello = fragment.u16();
    return fragment.ok() ? of_hello : of_record;
}

}  // namespace

std::array<std::uint8_t, kAlertRecordSize> unrecognized_name_alert(
    std::span<const std::uint8_t> stream) {
    const std::uint16_t version = std::clamp(version_of(stream), kTls10, kTls12);
    return {kAlert,
            static_cast<std::uint8_t>(version >> 8),
            static_cast<std::uint8_t>(version),
            0,
            2,  // of the two octets that follow
            kFatal,
            kUnrecognizedName};
}

}  // namespace sallyport::dp::inspect
