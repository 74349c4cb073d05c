// SPDX-License-Identifier: Apache-2.0
// Segments to the peer.
#include <algorithm>

#include "tcpstack/base/check.h"
#include "tcpstack/tcp/connection.h"

namespace sallyport::tcp {
namespace {

std::uint32_t octets_of(const wire::TcpOptions& options) {
    constexpr std::size_t kTimestampOctets = 12, kSackOctets = 4, kBlockOctets = 8;
    const std::size_t sack =
        options.sack.empty() ? 0 : kSackOctets + options.sack.size() * kBlockOctets;
    return static_cast<std::uint32_t>((options.timestamps ? kTimestampOctets : 0) + sack);
}

}  // namespace

wire::TcpOptions Connection::options(Instant now) const {
    wire::TcpOptions options;
    if (timestamps_) options.timestamps = {sender_.ts_val(now), receiver_.ts_recent()};
    // RFC 2018 section 3: what forty octets leave.
    receiver_.put_sack(timestamps_ ? wire::kSackBlocksMax - 1 : wire::kSackBlocksMax, options);
    return options;
}

bool Connection::next_segment(std::uint64_t limit, Instant now, Outgoing& out) {
    if (state_ == TcpState::Closed) return false;
    out = Outgoing{};
    out.fields.options = options(now);
    const std::optional<Piece> piece = sender_.next(limit, octets_of(out.fields.options), now);
    const bool probe = !piece && keepalive_.owes_probe();
    if (!piece && !probe && !receiver_.owes_ack()) return false;
    out.fields.flags = wire::kAck;
    out.fields.seq = piece ? sender_.seq(piece->offset) : sender_.bare_ack_seq();
    if (probe) out.fields.seq = out.fields.seq - 1;
    keepalive_.note_probe();
    if (piece) {
        out.offset = piece->offset;
        out.length = piece->length;
        if (piece->fin) out.fields.flags |= wire::kFin;
        if (piece->push) out.fields.flags |= wire::kPsh;
        if (piece->length > 0) receiver_.note_answer(now);
    }
    put_ack(out.fields, now);
    return true;
}

bool Connection::next_ack(Instant now, Outgoing& out) {
    if (state_ == TcpState::Closed || !receiver_.owes_ack_within_burst()) return false;
    out = Outgoing{};
    out.fields.options = options(now);
    out.fields.seq = sender_.bare_ack_seq();
    out.fields.flags = wire::kAck;
    put_ack(out.fields, now);
    return true;
}

void Connection::put_ack(wire::TcpFields& fields, Instant now) {
    fields.ack = receiver_.next();
    fields.window = receiver_.acknowledge();
    demand_.on_promise(receiver_.edge(), now);
}

wire::TcpFields Connection::abort(Instant now) {
    wire::TcpFields fields;
    fields.seq = sender_.reset_seq();
    fields.ack = receiver_.next();
    fields.flags = wire::kRst | wire::kAck;
    fields.window = receiver_.acknowledge();
    if (timestamps_) fields.options.timestamps = {sender_.ts_val(now), receiver_.ts_recent()};
    if (state_ != TcpState::Closed) move_to(TcpState::Closed);
    return fields;
}

}  // namespace sallyport::tcp
