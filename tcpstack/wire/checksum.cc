// SPDX-License-Identifier: Apache-2.0
#include "tcpstack/wire/checksum.h"

#include <cstddef>
#include <cstring>

namespace sallyport::wire {

void Sum16::add_bytes(std::span<const std::uint8_t> bytes) {
    // RFC 1071 section 2 (B): the sum does not depend on the byte order, so native words are added
    // and the folded result is swapped once.
    std::uint64_t native = 0;  // cannot overflow below 2^32 words
    std::size_t at = 0;
    for (; at + 4 <= bytes.size(); at += 4) {
        std::uint32_t word;
        std::memcpy(&word, bytes.data() + at, sizeof word);
        native += word;
    }
    std::uint32_t last = 0;
    if (at != bytes.size()) std::memcpy(&last, bytes.data() + at, bytes.size() - at);
    native += last;

    native = (native >> 32) + (native & 0xffff'ffff);
    while (native >> 16) native = (native >> 16) + (native & 0xffff);
    add(__builtin_bswap16(static_cast<std::uint16_t>(native)));
}

Sum16 pseudo_header(const IpAddr& src, const IpAddr& dst, std::uint8_t protocol,
                    std::uint32_t length) {
    Sum16 sum;
    if (src.is_v4()) {
        sum.add32(src.v4().host());
        sum.add32(dst.v4().host());
    } else {
        sum.add_bytes(src.octets());
        sum.add_bytes(dst.octets());
    }
    sum.add(std::uint16_t{protocol});
    sum.add32(length);
    return sum;
}

}  // namespace sallyport::wire
