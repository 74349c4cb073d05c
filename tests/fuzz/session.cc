// SPDX-License-Identifier: Apache-2.0
// A client and a server that send anything in any order: nothing leaves before a verdict, what
// leaves first is an allowed hello, no buffer is lost, and every pool is empty in the end.
#include <cstddef>
#include <cstdint>

#include "tests/fuzz/session_player.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    constexpr std::size_t kInputMax = 400;
    if (size > kInputMax) return -1;
    sallyport::test::SessionPlayer().play({data, size});
    return 0;
}
