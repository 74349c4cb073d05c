// SPDX-License-Identifier: Apache-2.0
// The life of a connection.
#include "tcpstack/tcp/connection.h"

#include <algorithm>

#include "tcpstack/base/check.h"

namespace sallyport::tcp {

void Connection::open(const ConnectionStart& start, Instant now) {
    *this = Connection{};
    move_to(TcpState::Established);
    timestamps_ = start.timestamps;
    sack_ = start.sack;
    sender_.open(start, now);
    receiver_.open(start, now);
    keepalive_.open(start.keepalive, now);
    demand_.open(receiver_.received(), receiver_.edge(), now);
}

// The only place where the state changes.
void Connection::move_to(TcpState next) {
    SP_ASSERT(is_legal_move(state_, next));
    state_ = next;
}

void Connection::note_ahead(std::uint64_t begin, std::uint64_t end) {
    receiver_.note_ahead(begin, end);
}

void Connection::note_fin(std::uint64_t at) {
    receiver_.note_fin(at);
    (void)process_fin();
}

void Connection::offer(std::uint32_t room) {
    receiver_.offer(room);
}

void Connection::finish(std::uint64_t end) {
    if (state_ == TcpState::Established)
        move_to(TcpState::FinWait1);
    else if (state_ == TcpState::CloseWait)
        move_to(TcpState::LastAck);
    else
        return;
    sender_.finish(end);
}

bool Connection::is_finishing() const {
    return sender_.is_finishing();
}

bool Connection::is_in_flight(SeqNum seq) const {
    return state_ != TcpState::Closed && sender_.is_in_flight(seq);
}

bool Connection::lower_mss(std::uint16_t mss, Instant now) {
    return sender_.lower_mss(mss, now);
}

Instant Connection::deadline() const {
    if (state_ == TcpState::Closed) return kNever;
    return std::min({sender_.deadline(), receiver_.deadline(), keepalive_deadline()});
}

// RFC 9293 section 3.8.4: only where nothing else would find out that the peer is gone.
Instant Connection::keepalive_deadline() const {
    return sender_.has_timer() || state_ == TcpState::TimeWait ? kNever : keepalive_.deadline();
}

bool Connection::on_deadline(Instant now) {
    if (state_ == TcpState::Closed) return false;
    receiver_.on_deadline(now);
    was_silent_ = now >= keepalive_deadline() && !keepalive_.on_deadline(now);
    if (!was_silent_ && sender_.on_deadline(now)) return true;
    move_to(TcpState::Closed);
    return false;
}

void Connection::on_read(std::uint64_t read, Instant now) {
    if (sender_.srtt() > Duration{}) demand_.note_round_trip(sender_.srtt());
    demand_.on_read(read, now);
}

std::uint64_t Connection::promised() const {
    return state_ == TcpState::Closed ? 0 : receiver_.promised();
}

std::uint64_t Connection::acked() const {
    return sender_.acked();
}
std::uint64_t Connection::sent() const {
    return sender_.sent();
}
std::uint64_t Connection::received() const {
    return receiver_.received();
}
bool Connection::peer_finished() const {
    return receiver_.finished();
}
bool Connection::fin_acked() const {
    return sender_.fin_acked();
}

}  // namespace sallyport::tcp
