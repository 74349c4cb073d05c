// SPDX-License-Identifier: Apache-2.0
// A connection whose peer says anything: no buffer beyond its bounds, no promise taken back, the
// octets that arrived first are the ones that stay, every move of the state is one of the table.
#include <cstddef>
#include <cstdint>

#include "tests/fuzz/connection_player.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    constexpr std::size_t kInputMax = 600;
    if (size > kInputMax) return -1;
    sallyport::test::ConnectionPlayer player({data, size});
    player.play();
    return 0;
}
