// SPDX-License-Identifier: Apache-2.0
#include "tests/fuzz/connection_player.h"

#include <algorithm>
#include <cstdlib>

#include "tests/support/state_moves.h"

namespace sallyport::test {
namespace {

using tcp::Input;
using tcp::TcpState;

void must(bool condition) {
    if (!condition) std::abort();
}

std::uint8_t written_octet(std::uint64_t offset) {
    return static_cast<std::uint8_t>(offset * 7 + offset / 251);
}

}  // namespace

ConnectionPlayer::ConnectionPlayer(std::span<const std::uint8_t> input) : input_(input) {
    start_ = start_of();
    connection_.open(start_, now_);
    edge_ = start_.offered;
}

ConnectionPlayer::~ConnectionPlayer() {
    in_.clear(*pool_);
    out_.clear(*pool_);
    must(pool_->in_use() == 0);
}

std::uint8_t ConnectionPlayer::octet() {
    if (input_.empty()) return 0;
    const std::uint8_t value = input_.front();
    input_ = input_.subspan(1);
    return value;
}

tcp::ConnectionStart ConnectionPlayer::start_of() {
    tcp::ConnectionStart start;
    const std::uint8_t bits = octet();
    start.iss = SeqNum{(bits & 1) != 0 ? 0xffff'ff00U : 0x7fff'ff00U};
    start.irs = SeqNum{(bits & 2) != 0 ? 0xffff'fff0U : 5};
    start.sack = (bits & 4) != 0;
    start.timestamps = (bits & 8) != 0;
    start.rcv_shift = static_cast<std::uint8_t>(bits >> 4);
    if (start.rcv_shift > wire::kWindowShiftMax) start.rcv_shift = wire::kWindowShiftMax;
    start.snd_mss = static_cast<std::uint16_t>(octet() * 8);
    const std::uint8_t more = octet();
    start.snd_shift = more % 15;
    if (more >= 240) start.keepalive = {std::chrono::minutes(1), std::chrono::seconds(10), 3};
    start.snd_wnd = pair();
    start.ts_recent = start.ts_sent = TsVal{0xffff'fff0};
    start.offered = std::min(pair(), kRoom);
    return start;
}

void ConnectionPlayer::play() {
    for (int steps = 0; !input_.empty() && steps < 200; ++steps) {
        step();
        send_all();
        watch_queues();
    }
    // Whatever was said: an end is in sight once the peer is silent.
    for (int i = 0; i < 400 && connection_.deadline() != kNever; ++i)
        pass(connection_.deadline() - now_);
    must(connection_.deadline() == kNever);
}

void ConnectionPlayer::step() {
    const std::uint8_t what = octet();
    switch (what % 8) {
        case 0:
        case 1:
        case 2: return segment(wire::kAck);
        case 3: return segment(octet());  // any flags
        case 4: return pass(std::chrono::milliseconds(1U << (what / 8 % 17)));
        case 5: return write(pair() % 5000);
        case 6: return read(pair());
        default: break;
    }
    if (what < 128) return connection_.finish(out_.end());
    if (what < 192) return acknowledge();
    if (what < 255) return too_big();
    (void)connection_.abort(now_);
}

// Before the rest of a burst is sent.
void ConnectionPlayer::acknowledge() {
    tcp::Outgoing out;
    if (!connection_.next_ack(now_, out)) return;
    must(out.length == 0);
    watch(out);
}

// What a router says of a segment that may have been ours.
void ConnectionPlayer::too_big() {
    const SeqNum quoted = start_.iss + 1 + static_cast<std::uint32_t>(connection_.acked()) + pair();
    const auto mss = static_cast<std::uint16_t>(pair());
    if (connection_.is_in_flight(quoted)) (void)connection_.lower_mss(mss, now_);
}

// Numbers lie near those that matter: an octet says how far off, from which of four.
void ConnectionPlayer::segment(std::uint8_t flags) {
    const std::uint8_t form = octet();
    Flying f;
    f.flags = flags;
    const auto near = [this](std::uint32_t unit) {
        const auto steps = static_cast<std::int8_t>(octet());
        return static_cast<std::uint32_t>(steps) * unit;
    };
    const SeqNum next = start_.irs + 1 + static_cast<std::uint32_t>(connection_.received());
    const SeqNum una = start_.iss + 1 + static_cast<std::uint32_t>(connection_.acked());
    const SeqNum max = start_.iss + 1 + static_cast<std::uint32_t>(connection_.sent());
    f.seq = next + near((form & 1) != 0 ? 100 : 1);
    f.ack = ((form & 2) != 0 ? max : una) + near((form & 4) != 0 ? 100 : 1);
    if ((form & 8) != 0) f.window = static_cast<std::uint16_t>(pair());
    if ((form & 16) != 0) f.payload.assign(octet() * ((form & 32) != 0 ? 20U : 1U), '\0');
    // The stream of an honest peer is a function of the offset; form says whether it is honest.
    for (std::size_t i = 0; i < f.payload.size(); ++i)
        f.payload[i] = static_cast<char>((f.seq + static_cast<std::uint32_t>(i)).raw() * 13 +
                                         ((form & 64) != 0 ? 1 : 0));
    if ((form & 128) != 0) {
        const std::uint32_t val = near(1), ecr = near(1);
        f.options.timestamps = wire::Timestamps{TsVal{val}, start_.ts_sent + ecr};
        (void)f.options.sack.push_back({una + near(100), una + near(100)});
    }
    const TcpState before = connection_.state();
    wire::TcpHeader header{};
    header.seq.set(f.seq.raw());
    header.ack.set(f.ack.raw());
    header.flags = f.flags;
    header.window.set(f.window);
    const Input verdict =
        connection_.on_segment({header, f.options, octets_of(f.payload)}, in_, *pool_, now_);
    watch_input(before, verdict, f);
    out_.release(*pool_, connection_.acked());
}

void ConnectionPlayer::pass(Duration time) {
    now_ += std::max(time, Duration{});
    if (connection_.deadline() > now_) return;
    (void)connection_.on_deadline(now_);
    send_all();
    must(connection_.deadline() > now_);  // what was due is done
}

void ConnectionPlayer::write(std::uint32_t octets) {
    if (connection_.is_finishing()) return;
    std::vector<std::uint8_t> text(octets);
    for (std::uint32_t i = 0; i < octets; ++i) text[i] = written_octet(out_.end() + i);
    (void)out_.append(*pool_, text);
}

void ConnectionPlayer::read(std::uint32_t octets) {
    const std::uint64_t to = std::min(in_.begin() + octets, in_.end());
    in_.release(*pool_, to);
    const std::uint64_t held = in_.size();
    must(held <= kRoom);
    connection_.offer(static_cast<std::uint32_t>(kRoom - held));
}

void ConnectionPlayer::send_all() {
    tcp::Outgoing out;
    int segments = 0;
    while (connection_.next_segment(out_.end(), now_, out)) {
        watch(out);
        must(++segments < 2000);
    }
}

void ConnectionPlayer::watch(const tcp::Outgoing& out) {
    const std::uint32_t mss = std::max<std::uint32_t>(start_.snd_mss, 48);
    std::array<std::uint8_t, wire::kTcpOptionsMax> options;
    must(out.length + wire::emit_options(out.fields.options, options) <= mss || out.length == 0);
    must(out.fields.options.timestamps.has_value() == start_.timestamps);
    must(out.fields.options.sack.empty() || start_.sack);
    if (out.length > 0) {
        must(out.offset >= out_.begin() && out.offset + out.length <= out_.end());
        must(out.fields.seq == start_.iss + 1 + static_cast<std::uint32_t>(out.offset));
        std::vector<std::uint8_t> text(out.length);
        out_.read(*pool_, out.offset, text);
        for (std::uint32_t i = 0; i < out.length; ++i)
            must(text[i] == written_octet(out.offset + i));
    }
    if ((out.fields.flags & wire::kFin) != 0)
        must(connection_.is_finishing() &&
             (out.length == 0 || out.offset + out.length == out_.end()));
    const std::uint64_t acked = connection_.received() + (connection_.peer_finished() ? 1 : 0);
    must(out.fields.ack == start_.irs + 1 + static_cast<std::uint32_t>(acked));
    const std::uint64_t edge = acked + (std::uint64_t{out.fields.window} << start_.rcv_shift);
    // RFC 7323 section 2.4 allows less than a unit, when there is no room to round up.
    must(edge + (std::uint64_t{1} << start_.rcv_shift) > edge_);
    must(edge <= std::max<std::uint64_t>(edge_, in_.begin() + kRoom) + 1);
    edge_ = std::max(edge_, edge);
}

void ConnectionPlayer::watch_input(TcpState before, Input verdict, const Flying& f) {
    must(is_reachable(before, connection_.state()));
    must((verdict == Input::Reset) <= (connection_.state() == TcpState::Closed));
    if (verdict != Input::Accepted || f.payload.empty()) return;
    // What was taken now is remembered, if nothing was there.
    const std::int64_t begin =
        static_cast<std::int64_t>(connection_.received()) +
        distance(start_.irs + 1 + static_cast<std::uint32_t>(connection_.received()), f.seq);
    for (std::size_t i = 0; i < f.payload.size(); ++i) {
        const std::int64_t at = begin + static_cast<std::int64_t>(i);
        if (at < 0 || at >= static_cast<std::int64_t>(edge_)) continue;
        const auto index = static_cast<std::size_t>(at);
        if (arrived_.size() <= index) arrived_.resize(index + 1, -1);
        if (arrived_[index] < 0) arrived_[index] = static_cast<std::uint8_t>(f.payload[i]);
    }
}

// The application sees each octet as it first came.
void ConnectionPlayer::watch_queues() {
    must(in_.end() == connection_.received());
    must(connection_.received() <= edge_);
    must(connection_.acked() <= connection_.sent() && connection_.sent() <= out_.end());
    must(in_.chunks_held() + out_.chunks_held() == pool_->in_use());
    if (read_ < in_.begin()) read_ = in_.begin();
    std::vector<std::uint8_t> text(in_.end() - read_);
    in_.read(*pool_, read_, text);
    for (std::size_t i = 0; i < text.size(); ++i)
        must(read_ + i < arrived_.size() && arrived_[read_ + i] == text[i]);
    read_ = in_.end();
}

}  // namespace sallyport::test
