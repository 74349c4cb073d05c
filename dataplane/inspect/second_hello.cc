// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "dataplane/inspect/client_hello.h"
#include "dataplane/inspect/tls_record.h"
#include "tcpstack/base/byte_reader.h"

namespace sallyport::dp::inspect {
namespace {

using Bytes = std::span<const std::uint8_t>;

enum class Skip : std::uint8_t { Skipped, Incomplete, Hello, Bad };

// A dummy ChangeCipherSpec is one octet of value 1 (RFC 8446 section 5); `content` may be cut
// short.
bool is_dummy_ccs(std::size_t length, Bytes content) {
    return length == 1 && (content.empty() || content[0] == 1);
}

// Looks at one record, and moves `at` behind it when it is whole and of no interest. Nothing else
// than these types can stand before the server's answer.
Skip skip_record(Bytes stream, std::size_t& at) {
    const Bytes rest = stream.subspan(at);
    if (rest.empty()) return Skip::Incomplete;
    if (rest[0] == kHandshake) return Skip::Hello;
    if (rest[0] < kChangeCipherSpec || rest[0] > kApplicationData) return Skip::Bad;
    if (rest.size() >= 2 && rest[1] != kMajorVersion) return Skip::Bad;
    if (rest.size() < kRecordHeader) return Skip::Incomplete;

    const std::size_t length = static_cast<std::size_t>(rest[3]) << 8 | rest[4];
    const Bytes content = rest.subspan(kRecordHeader);
    if (length > kCiphertextMax) return Skip::Bad;
    if (rest[0] == kChangeCipherSpec && !is_dummy_ccs(length, content)) return Skip::Bad;
    if (content.size() < length) return Skip::Incomplete;
    at += kRecordHeader + length;
    return Skip::Skipped;
}

SecondHello compare(const HelloResult& result, const ClientHello& hello, std::string_view first) {
    if (result.status == HelloStatus::NeedMore) return SecondHello::NeedMore;
    if (result.status == HelloStatus::Done)
        return hello.name.view() == first ? SecondHello::SameName : SecondHello::OtherName;
    const bool well_formed =
        result.reason != Reason::ClientHelloMalformed && result.reason != Reason::ProtocolMismatch;
    return well_formed ? SecondHello::OtherName : SecondHello::Bad;
}

}  // namespace

SecondHello find_second_hello(std::span<const std::uint8_t> stream, std::span<std::uint8_t> scratch,
                              std::string_view first_name, std::uint32_t& length) {
    std::size_t at = 0;
    Skip skip = Skip::Skipped;
    while (skip == Skip::Skipped) skip = skip_record(stream, at);
    length = static_cast<std::uint32_t>(at);
    if (skip == Skip::Bad) return SecondHello::Bad;
    if (skip == Skip::Incomplete) return SecondHello::None;

    ClientHello hello;
    const HelloResult result = parse_client_hello(stream.subspan(at), scratch, hello);
    length += hello.length;
    return compare(result, hello, first_name);
}

}  // namespace sallyport::dp::inspect
