// SPDX-License-Identifier: Apache-2.0
#include "tcpstack/tcp/state.h"

namespace sallyport::tcp {

std::string_view text(TcpState state) {
    switch (state) {
        case TcpState::Established: return "ESTABLISHED";
        case TcpState::FinWait1: return "FIN-WAIT-1";
        case TcpState::FinWait2: return "FIN-WAIT-2";
        case TcpState::CloseWait: return "CLOSE-WAIT";
        case TcpState::Closing: return "CLOSING";
        case TcpState::LastAck: return "LAST-ACK";
        case TcpState::TimeWait: return "TIME-WAIT";
        case TcpState::Closed: return "CLOSED";
    }
    return "";
}

bool is_legal_move(TcpState from, TcpState to) {
    using enum TcpState;
    if (to == Closed) return from != Closed;
    switch (from) {
        case Closed: return to == Established;
        case Established: return to == FinWait1 || to == CloseWait;
        case FinWait1: return to == FinWait2 || to == Closing || to == TimeWait;
        case FinWait2: return to == TimeWait;
        case CloseWait: return to == LastAck;
        case Closing: return to == TimeWait;
        case LastAck:
        case TimeWait: return false;
    }
    return false;
}

}  // namespace sallyport::tcp
