// SPDX-License-Identifier: Apache-2.0
// Two connections with applications, over a network that loses, doubles, overtakes and spoils, and a
// stranger: the invariants of the simulation, with every decision a part of the input.
#include <cstddef>
#include <cstdint>

#include "tests/fuzz/conversation_player.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    constexpr std::size_t kInputMax = 600;
    if (size > kInputMax) return -1;
    sallyport::test::ConversationPlayer({data, size}).play();
    return 0;
}
