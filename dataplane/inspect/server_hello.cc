// SPDX-License-Identifier: Apache-2.0
#include "dataplane/inspect/server_hello.h"

#include <algorithm>
#include <array>

#include "dataplane/inspect/tls_record.h"
#include "tcpstack/base/byte_reader.h"

namespace sallyport::dp::inspect {
namespace {

// SHA-256 of "HelloRetryRequest", RFC 8446 section 4.1.3.
constexpr std::array<std::uint8_t, 32> kRetryRandom{
    0xcf, 0x21, 0xad, 0x74, 0xe5, 0x9a, 0x61, 0x11, 0xbe, 0x1d, 0x8c, 0x02, 0x1e, 0x65, 0xb8, 0x91,
    0xc2, 0xa2, 0x11, 0x16, 0x7a, 0xbb, 0x8c, 0x5e, 0x07, 0x9e, 0x09, 0xe2, 0xc8, 0xa8, 0x33, 0x9c};

// Of the record, so that the random stands in its first fragment.
constexpr std::size_t kFragmentMin = kServerHelloPrefix - kRecordHeader;
constexpr std::size_t kBodyMin = kFragmentMin - kHandshakeHeader;

// Whether what is there of the prefix may begin a ServerHello.
bool may_be_server_hello(std::span<const std::uint8_t> stream) {
    ByteReader reader(stream);
    if (reader.u8() != kHandshake) return false;
    if (reader.u8() != kMajorVersion) return !reader.ok();
    reader.skip(1);
    const std::size_t fragment = reader.u16();
    if (!reader.ok()) return true;
    if (fragment < kFragmentMin || fragment > kFragmentMax) return false;
    if (reader.u8() != kServerHello) return !reader.ok();
    const std::size_t body = reader.u24();
    if (!reader.ok()) return true;
    if (body < kBodyMin) return false;
    return reader.u8() == kMajorVersion || !reader.ok();
}

}  // namespace

ServerFirst classify_server_first(std::span<const std::uint8_t> stream) {
    if (stream.empty()) return ServerFirst::NeedMore;
    if (stream[0] == kAlert) {
        if (stream.size() < 2) return ServerFirst::NeedMore;
        return stream[1] == kMajorVersion ? ServerFirst::Alert : ServerFirst::NotTls;
    }
    if (!may_be_server_hello(stream)) return ServerFirst::NotTls;
    if (stream.size() < kServerHelloPrefix) return ServerFirst::NeedMore;
    const auto random =
        stream.subspan(kServerHelloPrefix - kRetryRandom.size(), kRetryRandom.size());
    const bool is_retry = std::equal(random.begin(), random.end(), kRetryRandom.begin());
    return is_retry ? ServerFirst::HelloRetryRequest : ServerFirst::ServerHello;
}

}  // namespace sallyport::dp::inspect
