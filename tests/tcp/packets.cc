// SPDX-License-Identifier: Apache-2.0
// The packets of a script: how they are built and what is asked of those that the gate sends.
#include <algorithm>

#include "tcpstack/wire/pretty.h"
#include "tests/tcp/player.h"
#include "tests/unit/policy/rules.h"

namespace sallyport::test {
namespace {

dp::PortIndex port_of(const Leg& leg) { return leg.is_client ? dp::kInsidePort : dp::kOutsidePort; }

bool belongs(const Leg& leg, const FourTuple& sent_to) {
    return sent_to.dst == leg.addresses.src && sent_to.src == leg.addresses.dst &&
           sent_to.dst_port.number == leg.own_port && sent_to.src_port.number == leg.gate_port;
}

FourTuple tuple_of(const Emitted& e) {
    Octets copy = e.frame;
    wire::PacketView view;
    const bool tcp = wire::parse(copy, view) == wire::ParseError::None &&
                     view.kind() == wire::PacketKind::Tcp;
    return tcp ? view.four_tuple() : FourTuple{};
}

std::uint32_t raw32(const std::uint8_t* at) {
    Be32 value;
    std::memcpy(&value, at, sizeof value);
    return value.host();
}

std::string shown(const Emitted& e) {
    std::array<char, wire::kPrettyMax> text;
    return std::string(wire::pretty(e.frame, text));
}

}  // namespace

void Player::packet_line(Words words) {
    Duration waited{};
    if (words[0][0] == '+') {
        waited = duration_of(words[0].substr(1));
        words.erase(words.begin());
    }
    if (words.size() < 3) fail("not a step");
    if (words[0] == "inside" || words[0] == "outside") {
        gate_->advance(waited);
        return icmp_line(words);
    }
    Leg& leg = leg_of(words[0]);
    if (words[1] == "<") return receive(leg, words, waited);
    if (words[1] != ">") fail("neither < nor >");
    no_output();
    gate_->advance(waited);
    no_output();
    send(leg, words);
}

void Player::send(Leg& leg, const Words& words) {
    if (!leg.bound) fail("the gate has not opened this connection");
    TcpFields t;
    t.addresses = leg.addresses;
    t.src_port = leg.own_port;
    t.dst_port = leg.gate_port;
    t.flags = flags_of(words[2]);
    const bool opens = (t.flags & wire::kSyn) != 0;
    if (opens && !has(words, "seq")) {
        leg.sent_end = 0;
        leg.ts_heard.reset();  // what an earlier connection heard
        leg.ts_heard_first.reset();
    }
    const std::uint32_t seq = number(after(words, "seq").value_or(std::to_string(leg.sent_end)));
    t.seq = leg.own_isn + seq;
    const auto ack = after(words, "ack");
    t.ack = (t.flags & wire::kAck) != 0 ? leg.gate_isn + (ack ? number(*ack) : leg.heard_end) : 0;
    t.window = static_cast<std::uint16_t>(number(after(words, "win").value_or("8192")));
    if (const auto data = after(words, "data")) t.payload = octets_named(*data, names_);
    const Octets options = option_octets(leg, words, t.flags);

    Octets frame = tcp_frame(t);
    const auto behind = static_cast<long>(transport_at(frame) + sizeof(wire::TcpHeader));
    frame.insert(frame.begin() + behind, options.begin(), options.end());
    tcp_of(frame).offset_reserved = static_cast<std::uint8_t>((20 + options.size()) / 4 << 4);
    if (const auto ttl = after(words, "ttl")) set_hop_limit(frame, static_cast<std::uint8_t>(number(*ttl)));
    if (const auto urgent = after(words, "urgent")) tcp_of(frame).urgent.set(static_cast<std::uint16_t>(number(*urgent)));
    set_ip_length(frame);
    set_transport_checksum(frame);
    if (has(words, "bad_checksum"))
        tcp_of(frame).checksum.set(static_cast<std::uint16_t>(tcp_of(frame).checksum.host() ^ 0x5555));
    const auto length = static_cast<std::uint32_t>(t.payload.size()) + (opens ? 1U : 0U) +
                        ((t.flags & wire::kFin) != 0 ? 1U : 0U);
    const bool counts = !has(words, "forged") && (t.flags & wire::kRst) == 0;
    if (counts) leg.sent_end = std::max(leg.sent_end, seq + length);
    gate_->accept_bad_checksums = has(words, "bad_checksum");
    if (has(words, "pieces")) send_pieces(port_of(leg), frame, words);
    else gate_->inject(port_of(leg), frame);
    gate_->accept_bad_checksums = false;
}

Octets Player::option_octets(Leg& leg, const Words& words, std::uint8_t flags) {
    const bool opens = (flags & wire::kSyn) != 0;
    if (opens && !has(words, "seq")) leg.timestamps = has(words, "ts");
    wire::TcpOptions o;
    if (const auto mss = after(words, "mss")) o.mss = static_cast<std::uint16_t>(number(*mss));
    if (const auto ws = after(words, "ws")) o.window_shift = static_cast<std::uint8_t>(number(*ws));
    o.sack_permitted = has(words, "sack");
    const bool stamped = leg.timestamps && !has(words, "no_ts") && (flags & wire::kRst) == 0;
    if (stamped) {
        const auto ms = static_cast<std::uint32_t>(milliseconds(gate_->now()) -
                                                   milliseconds(options_.start));
        const auto val = after(words, "tsval"), ecr = after(words, "tsecr");
        const std::uint32_t v = val ? leg.ts_base + number(*val) : leg.ts_base + ms;
        const std::uint32_t e =
            ecr ? leg.ts_heard_first.value_or(0) + number(*ecr) : leg.ts_heard.value_or(0);
        o.timestamps = wire::Timestamps{TsVal{v}, TsVal{(flags & wire::kAck) != 0 ? e : 0}};
        if (!leg.ts_first) leg.ts_first = v;
        if (!leg.ts_last || before(TsVal{*leg.ts_last}, TsVal{v})) leg.ts_last = v;
    }
    if (const auto blocks = after(words, "blocks")) {
        const std::size_t dash = blocks->find("..");
        if (dash == blocks->npos) fail("blocks FROM..TO");
        (void)o.sack.push_back({SeqNum{leg.gate_isn + number(blocks->substr(0, dash))},
                                SeqNum{leg.gate_isn + number(blocks->substr(dash + 2))}});
    }
    std::array<std::uint8_t, wire::kTcpOptionsMax> octets;
    const std::size_t n = wire::emit_options(o, octets);
    Octets out(octets.begin(), octets.begin() + static_cast<long>(n));
    // Timestamps behind one NOP in place of two, so that each value stands at an odd offset.
    if (has(words, "odd") && out.size() >= 12 && out[0] == 1 && out[1] == 1)
        std::rotate(out.begin() + 1, out.begin() + 2, out.begin() + 12);
    if (has(words, "md5")) {
        Octets md5(20, 1);
        md5[0] = 19, md5[1] = 18;
        out.insert(out.end(), md5.begin(), md5.end());
    }
    return out;
}

void Player::receive(Leg& leg, const Words& words, Duration waited) {
    constexpr Duration kEarly = std::chrono::milliseconds(20), kLate = std::chrono::milliseconds(30);
    if (waited > Duration{}) {
        no_output();
        gate_->advance(waited - kEarly);
        no_output();
        gate_->advance_until_output(port_of(leg), kEarly + kLate);
    }
    const bool syn = flags_of(words[2]) == wire::kSyn;
    const Emitted emitted = take(leg, syn);
    check(leg, emitted, words);
}

Emitted Player::take(Leg& leg, bool syn) {
    auto& queue = gate_->out(port_of(leg));
    for (auto at = queue.begin(); at != queue.end(); ++at) {
        const FourTuple tuple = tuple_of(*at);
        if (!leg.bound && syn) {
            leg.bound = true;
            leg.addresses = {tuple.dst, tuple.src, kRouterMac, kOutsideGateMac};
            leg.own_port = tuple.dst_port.number;
            leg.gate_port = tuple.src_port.number;
        }
        if (!leg.bound || !belongs(leg, tuple)) continue;
        Emitted found = *at;
        queue.erase(at);
        return found;
    }
    no_output();
    fail("nothing was sent");
}

void Player::check(Leg& leg, const Emitted& emitted, const Words& words) {
    Octets copy = emitted.frame;
    wire::PacketView view;
    if (wire::parse(copy, view) != wire::ParseError::None) fail("cannot parse what was sent");
    const wire::TcpHeader& tcp = view.tcp();
    const auto wrong = [&](const std::string& what) {
        fail(what + "\n  sent: " + shown(emitted) + " (relative seq " +
             std::to_string(tcp.seq.host() - leg.gate_isn) + " ack " +
             std::to_string(tcp.ack.host() - leg.own_isn) + ")");
    };
    if (tcp.flags != flags_of(words[2])) wrong("flags are " + text_of_flags(tcp.flags));
    const FourTuple tuple = view.four_tuple();
    if (const auto to = after(words, "to"); to && own(address(*to)) != tuple.dst) wrong("destination");
    if (const auto port = after(words, "port"); port && number(*port) != tuple.dst_port.number) wrong("destination port");
    if (const auto from = after(words, "from"); from && own(address(*from)) != tuple.src) wrong("source");
    if (tcp.has(wire::kSyn)) {
        leg.gate_isn = tcp.seq.host();
        leg.heard_end = 0;
    }
    const auto seq = after(words, "seq");
    if (tcp.seq.host() - leg.gate_isn != (seq ? number(*seq) : leg.heard_end)) wrong("sequence number");
    const std::uint32_t ack = tcp.ack.host() - leg.own_isn;
    if (const auto want = after(words, "ack"); want && ack != number(*want)) wrong("acknowledgement");
    if (tcp.has(wire::kAck) && !tcp.has(wire::kRst) && ack > leg.sent_end) wrong("acknowledges what was not sent");
    if (const auto win = after(words, "win"); win && tcp.window.host() != number(*win)) wrong("window is " + std::to_string(tcp.window.host()));
    if (const auto ttl = after(words, "ttl"); ttl && view.hop_limit() != number(*ttl)) wrong("TTL");
    if (const auto urgent = after(words, "urgent"); urgent && tcp.urgent.host() != number(*urgent)) wrong("urgent pointer is " + std::to_string(tcp.urgent.host()));
    const auto data = after(words, "data");
    const Octets want = data ? octets_named(*data, names_) : Octets{};
    const auto payload = view.payload();
    if (!std::equal(payload.begin(), payload.end(), want.begin(), want.end())) wrong("payload of " + std::to_string(payload.size()) + " octets");
    if (has(words, "bad_checksum") == view.transport_checksum_ok()) wrong("checksum");
    check_options(leg, view, words);
    note_heard(leg, view);
}

std::uint32_t Player::mss_of(std::uint32_t written, bool is_v6) const {
    // What each family sets by itself; the last is what a host takes that says nothing.
    constexpr std::uint32_t kSet[][2] = {{1460, 1440}, {1360, 1340}, {1260, 1240}, {536, 1220}};
    if (family_ == Family::V4) return written;
    for (const auto& [v4, v6] : kSet)
        if (written == v4 || written == v6) return is_v6 ? v6 : v4;
    return written;
}

void Player::check_options(Leg& leg, const wire::PacketView& view, const Words& words) {
    const wire::TcpOptions o = wire::parse_options(view.tcp_options());
    const wire::TcpHeader& tcp = view.tcp();
    if (tcp.has(wire::kSyn)) {
        const auto mss = after(words, "mss"), ws = after(words, "ws");
        if (o.mss.has_value() != mss.has_value() || (mss && *o.mss != mss_of(number(*mss), view.is_v6())))
            fail("MSS is " + std::to_string(o.mss.value_or(0)));
        if (o.window_shift.has_value() != ws.has_value() || (ws && *o.window_shift != number(*ws)))
            fail("window scale");
        if (o.sack_permitted != has(words, "sack")) fail("SACK permitted");
        if (o.timestamps.has_value() != has(words, "ts")) fail("timestamps");
    } else if (!tcp.has(wire::kRst) && o.timestamps.has_value() != leg.timestamps && !has(words, "no_ts")) {
        fail("timestamps");
    }
    const auto blocks = after(words, "blocks");
    if (o.sack.empty() == blocks.has_value()) fail("SACK blocks");
    for (const wire::SackBlock& b : o.sack) {
        const std::string text = std::to_string(b.left.raw() - leg.own_isn) + ".." +
                                 std::to_string(b.right.raw() - leg.own_isn);
        const std::size_t dots = blocks->find("..");
        const std::string want = std::to_string(number(blocks->substr(0, dots))) + ".." +
                                 std::to_string(number(blocks->substr(dots + 2)));
        if (&b == o.sack.begin() && text != want) fail("SACK block " + text);
    }
    if (!o.timestamps) return;
    const TsVal val = o.timestamps->val, ecr = o.timestamps->ecr;
    if (leg.ts_heard_first && before(val, TsVal{*leg.ts_heard_first})) fail("TSval went back before the SYN's");
    if (tcp.has(wire::kAck) && leg.ts_first &&
        (before(ecr, TsVal{*leg.ts_first}) || before(TsVal{*leg.ts_last}, ecr)))
        fail("TSecr " + std::to_string(ecr.raw()) + " was never sent");
    if (const auto want = after(words, "tsval"); want && leg.ts_heard_first && val.raw() != *leg.ts_heard_first + number(*want)) fail("TSval is first + " + std::to_string(val.raw() - *leg.ts_heard_first));
    if (const auto want = after(words, "tsecr"); want && ecr.raw() != leg.ts_base + number(*want)) fail("TSecr is base + " + std::to_string(ecr.raw() - leg.ts_base));
}

void Player::note_heard(Leg& leg, const wire::PacketView& view) {
    if (view.tcp().has(wire::kRst)) return;
    leg.heard_end = std::max(leg.heard_end, view.tcp().seq.host() - leg.gate_isn + view.sequence_length());
    const wire::OptionOffsets at = wire::find_options(view.tcp_options());
    if (at.timestamps == 0) return;
    const std::uint32_t val = raw32(view.tcp_options().data() + at.timestamps);
    if (!leg.ts_heard_first) leg.ts_heard_first = val;
    if (!leg.ts_heard || before(TsVal{*leg.ts_heard}, TsVal{val})) leg.ts_heard = val;
}

}  // namespace sallyport::test
