// SPDX-License-Identifier: Apache-2.0
// Segments of the peer. The security check of RFC 9293 does not exist here, and urgent data is
// data: what is judged and sent on is the octets in line.
#include "tcpstack/base/check.h"
#include "tcpstack/tcp/connection.h"

namespace sallyport::tcp {

struct Connection::Arrival {
    const Segment& segment;
    Instant now;
    Input verdict = Input::Accepted;

    SeqNum seq() const { return segment.header.seq_num(); }
    bool has(std::uint8_t flag) const { return segment.header.has(flag); }
    std::uint32_t payload() const { return static_cast<std::uint32_t>(segment.payload.size()); }
    std::uint32_t length() const { return payload() + (has(wire::kFin) ? 1 : 0); }
    bool finish(Input as) {
        verdict = as;
        return true;
    }
};

Input Connection::on_segment(const Segment& segment, ByteQueue& in, ChunkPool& pool, Instant now) {
    if (state_ == TcpState::Closed) return Input::OutsideWindow;
    Arrival arrival{segment, now};
    (void)(check_paws(arrival) ||  // RFC 7323 section 5.3: R1 stands before the window
           check_sequence(arrival) || check_rst(arrival) || check_syn(arrival) ||
           check_ack(arrival) || process_ack(arrival) || process_text(arrival, in, pool) ||
           process_fin());
    return arrival.verdict;
}

// A segment without the option is accepted, as Linux does (section 3.2 would drop it).
bool Connection::check_paws(Arrival& arrival) {
    const auto& option = arrival.segment.options.timestamps;
    if (!timestamps_ || !option || arrival.has(wire::kRst)) return false;
    if (!receiver_.is_older(option->val, arrival.now)) return false;
    if (arrival.payload() > 0)
        receiver_.owe_ack();
    else
        receiver_.owe_challenge(arrival.now);
    return arrival.finish(Input::PawsRejected);
}

// An answer to a segment without payload could meet one from the peer for ever: those are limited.
bool Connection::check_sequence(Arrival& arrival) {
    if (receiver_.is_acceptable(arrival.seq(), arrival.length())) return false;
    if (arrival.has(wire::kRst)) return arrival.finish(Input::OutsideWindow);
    if (arrival.length() > 0 && !arrival.has(wire::kSyn))
        receiver_.on_unacceptable_text(arrival.seq(), arrival.payload());
    else
        receiver_.owe_challenge(arrival.now);
    return arrival.finish(Input::OutsideWindow);
}

// RFC 5961 section 3.2.
bool Connection::check_rst(Arrival& arrival) {
    if (!arrival.has(wire::kRst)) return false;
    if (arrival.seq() == receiver_.next()) {
        move_to(TcpState::Closed);
        return arrival.finish(Input::Reset);
    }
    if (receiver_.is_in_window(arrival.seq())) receiver_.owe_challenge(arrival.now);
    return arrival.finish(Input::OutsideWindow);
}

// RFC 5961 section 4.2.
bool Connection::check_syn(Arrival& arrival) {
    if (!arrival.has(wire::kSyn)) return false;
    receiver_.owe_challenge(arrival.now);
    return arrival.finish(Input::OutsideWindow);
}

// RFC 5961 section 5.2.
bool Connection::check_ack(Arrival& arrival) {
    if (!arrival.has(wire::kAck)) return arrival.finish(Input::BadFlags);
    if (sender_.is_acceptable(arrival.segment.header.ack_num())) return false;
    receiver_.owe_challenge(arrival.now);
    return arrival.finish(Input::BadAck);
}

bool Connection::process_ack(Arrival& arrival) {
    keepalive_.heard(arrival.now);
    const wire::TcpHeader& header = arrival.segment.header;
    const auto& option = arrival.segment.options.timestamps;
    Ack ack{arrival.seq(), header.ack_num(), header.window.host(), arrival.length() == 0, {}, {}};
    if (sack_) ack.sack = arrival.segment.options.sack.span();
    if (timestamps_ && option) {
        // Linux too believes a timestamp only of a segment whose ACK field is possible.
        receiver_.update_ts_recent(arrival.seq(), option->val, arrival.now);
        ack.echo = option->ecr;
    }
    sender_.on_ack(ack, arrival.now);
    if (!sender_.fin_acked()) return false;
    if (state_ == TcpState::FinWait1)
        move_to(TcpState::FinWait2);
    else if (state_ == TcpState::Closing)
        move_to(TcpState::TimeWait);
    else if (state_ == TcpState::LastAck)
        move_to(TcpState::Closed);
    return state_ == TcpState::Closed;
}

// By what a segment with payload echoes: the peer has sent it after it had got that.
void Connection::note_round_trip(const Arrival& arrival) {
    const auto& option = arrival.segment.options.timestamps;
    if (!timestamps_ || !option || arrival.payload() == 0) return;
    if (const auto age = sender_.age_of(option->ecr, arrival.now)) demand_.note_round_trip(*age);
}

bool Connection::process_text(Arrival& arrival, ByteQueue& in, ChunkPool& pool) {
    arrival.verdict = receiver_.on_text(arrival.seq(), arrival.segment.payload,
                                        arrival.has(wire::kFin), in, pool, arrival.now);
    note_round_trip(arrival);
    demand_.on_received(receiver_.received(), arrival.now);
    return arrival.verdict != Input::Accepted;
}

// The FIN may have come long ago, ahead of the gap that this segment has filled.
bool Connection::process_fin() {
    if (!receiver_.finished()) return true;
    if (state_ == TcpState::Established)
        move_to(TcpState::CloseWait);
    else if (state_ == TcpState::FinWait1)
        move_to(TcpState::Closing);
    else if (state_ == TcpState::FinWait2)
        move_to(TcpState::TimeWait);
    return true;
}

}  // namespace sallyport::tcp
