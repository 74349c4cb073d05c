// SPDX-License-Identifier: Apache-2.0
// States of a connection (RFC 9293 section 3.3.2). The states before ESTABLISHED are other types
// here: a cookie has no object, an embryo is 32 octets, ActiveOpen is SYN-SENT.
//
//                 finish()                         peer's FIN
//   ESTABLISHED ------------> FIN-WAIT-1      ESTABLISHED ------------> CLOSE-WAIT
//   FIN-WAIT-1: our FIN acknowledged -> FIN-WAIT-2; peer's FIN -> CLOSING; both -> TIME-WAIT
//   FIN-WAIT-2: peer's FIN -> TIME-WAIT       CLOSING: our FIN acknowledged -> TIME-WAIT
//   CLOSE-WAIT: finish() -> LAST-ACK          LAST-ACK: our FIN acknowledged -> CLOSED
//   any: RST, abort, user timeout -> CLOSED   CLOSED: open() -> ESTABLISHED
#pragma once
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace sallyport::tcp {

enum class TcpState : std::uint8_t {
    Established,
    FinWait1,
    FinWait2,
    CloseWait,
    Closing,
    LastAck,
    TimeWait,
    Closed,
};
inline constexpr std::size_t kTcpStateCount = 8;

std::string_view text(TcpState state);

// Whether the drawing above has the move. A state is never entered again from itself.
bool is_legal_move(TcpState from, TcpState to);

}  // namespace sallyport::tcp
