// SPDX-License-Identifier: Apache-2.0
// Any octets as TCP options: reader and rewriter agree, and what is written reads back.
#include <array>
#include <cstdint>
#include <span>

#include "tcpstack/base/check.h"
#include "tcpstack/wire/tcp_options.h"

namespace {

using namespace sallyport;

void check_offsets(const wire::TcpOptions& o, std::span<const std::uint8_t> octets) {
    const wire::OptionOffsets at = wire::find_options(octets);
    SP_CHECK((at.timestamps != 0) == o.timestamps.has_value());
    SP_CHECK(at.sack_blocks == o.sack.size());
    SP_CHECK(at.timestamps == 0 || at.timestamps + 8U <= octets.size());
    SP_CHECK(at.sack + at.sack_blocks * 8U <= octets.size());
}

void check_round_trip(const wire::TcpOptions& o) {
    std::array<std::uint8_t, wire::kTcpOptionsMax> out;
    const std::size_t n = wire::emit_options(o, out);
    SP_CHECK(n <= out.size() && n % 4 == 0);
    const wire::TcpOptions again = wire::parse_options(std::span(out).first(n));
    SP_CHECK(again.mss == o.mss && again.window_shift == o.window_shift);
    SP_CHECK(again.timestamps == o.timestamps && again.sack_permitted == o.sack_permitted);
    SP_CHECK(again.sack.size() <= o.sack.size());  // those that fit
    for (std::size_t i = 0; i < again.sack.size(); ++i) SP_CHECK(again.sack[i] == o.sack[i]);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    // A header has room for 40; offsets are octets.
    const std::span octets(data, size < 255 ? size : 255);
    const wire::TcpOptions o = wire::parse_options(octets);
    check_offsets(o, octets);
    check_round_trip(o);
    return 0;
}
