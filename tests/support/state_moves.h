// SPDX-License-Identifier: Apache-2.0
// Moves of a connection's state as seen from outside, where several may lie between two looks.
#pragma once
#include <cstddef>

#include "tcpstack/tcp/state.h"

namespace sallyport::test {

// Whether `to` can be reached, by any number of moves that the table has.
inline bool is_reachable(tcp::TcpState from, tcp::TcpState to, int moves = 4) {
    using tcp::TcpState;
    if (from == to) return true;
    for (std::size_t i = 0; moves > 0 && i < tcp::kTcpStateCount; ++i) {
        const auto next = static_cast<TcpState>(i);
        if (next != TcpState::Closed && tcp::is_legal_move(from, next) && is_reachable(next, to, moves - 1))
            return true;
    }
    return to == TcpState::Closed;
}

}  // namespace sallyport::test
