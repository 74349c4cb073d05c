// SPDX-License-Identifier: Apache-2.0
#include "tests/fuzz/conversation_player.h"

#include <algorithm>

#include "tcpstack/base/check.h"
#include "tests/support/state_moves.h"

namespace sallyport::test {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using tcp::TcpState;

constexpr std::uint32_t kMtu = 1500;

// The stream of each end is a function of the offset.
char written_octet(std::size_t end, std::uint64_t offset) {
    return static_cast<char>(offset * 7 + offset / 251 + 101 * end);
}

}  // namespace

// Of what the peer sends.
SeqNum ConversationPlayer::End::next_awaited() {
    return start.irs + 1 + static_cast<std::uint32_t>(tcp().received()) + (tcp().peer_finished() ? 1 : 0);
}

ConversationPlayer::ConversationPlayer(std::span<const std::uint8_t> input)
    : input_(input),
      shape_(octet()),
      shifts_(octet()),
      mss_(octet()),
      wire_((shape_ & 1) != 0 ? Family::V6 : Family::V4),
      ends_{{start_of(0), pool_, now_}, {start_of(1), pool_, now_}},
      mtu_(kMtu) {}

std::uint8_t ConversationPlayer::octet() {
    if (input_.empty()) return 0;
    const std::uint8_t value = input_.front();
    input_ = input_.subspan(1);
    return value;
}

tcp::ConnectionStart ConversationPlayer::start_of(int end) const {
    constexpr SeqNum kIss[] = {SeqNum{0xffff'ff00}, SeqNum{0x7fff'fff0}};
    const std::uint8_t shift[] = {static_cast<std::uint8_t>(shifts_ % 13), static_cast<std::uint8_t>(shifts_ / 16 % 13)};
    const int other = 1 - end;
    tcp::ConnectionStart start;
    start.iss = kIss[end];
    start.irs = kIss[other];
    start.snd_mss = mss_ == 0 ? wire_.mss_of(kMtu) : static_cast<std::uint16_t>(40 + mss_ * 5);
    start.rcv_shift = shift[end];
    start.snd_shift = shift[other];
    start.sack = (shape_ & 2) != 0;
    start.timestamps = (shape_ & 4) != 0;
    start.ts_recent = start.ts_sent = TsVal{0xffff'fff0};
    start.offered = start.snd_wnd = kRoom;
    return start;
}

void ConversationPlayer::play() {
    const Instant begin = now_;
    while (!input_.empty()) {
        step();
        collect();
        watch();
    }
    // Longer, and an end may have waited for the user timeout by the time of its next repetition.
    const bool patient = now_ - begin <= seconds(50);
    calm_down();
    if (aborted_ || (!patient && !is_over())) return;
    SP_CHECK(is_over());
    for (const std::size_t end : {0U, 1U}) SP_CHECK(ends_[end].read == ends_[1 - end].written);
    SP_CHECK(pool_->in_use() == 0);
}

void ConversationPlayer::step() {
    const std::uint8_t what = octet();
    const std::size_t end = what >> 7;
    switch (what % 16) {
        case 0: return arrive(take(0));
        case 1: return arrive(take(octet()));
        case 2: return (void)take(octet());  // it is lost
        case 3: {
            const Entry entry = take(octet());
            arrive(entry);
            return arrive(entry);
        }
        case 4: {
            Entry entry = take(octet());
            entry.flipped = pair();
            return arrive(entry);
        }
        case 5:
        case 6: return write(end, pair() % 5000);
        case 7: return read(end, pair());
        case 8: return ends_[end].peer.finish();
        case 9:
        case 10: return pass(milliseconds(1U << (octet() % 15)));
        case 11:
        case 12: return forge(end);
        case 13: mtu_ = wire_.least_mtu() + octet() % (kMtu - wire_.least_mtu()); return;
        case 14:
            for (std::size_t left = flying_.size(); left > 0; --left) arrive(take(0));
            return;
        default:
            if (octet() != 0xaa) return;
            aborted_ = true;
            (void)ends_[end].tcp().abort(now_);
    }
}

void ConversationPlayer::write(std::size_t end, std::uint32_t octets) {
    End& e = ends_[end];
    if (e.tcp().is_finishing() || e.tcp().state() == TcpState::Closed) return;
    octets = static_cast<std::uint32_t>(std::min<std::uint64_t>(octets, kRoom - std::min<std::uint64_t>(kRoom, e.peer.out().size())));
    std::string text(octets, '\0');
    for (std::uint32_t i = 0; i < octets; ++i) text[i] = written_octet(end, e.written + i);
    if (e.peer.write(text)) e.written += octets;
}

void ConversationPlayer::read(std::size_t end, std::uint32_t octets) {
    End& e = ends_[end];
    for (const char got : e.peer.read(octets)) SP_CHECK(got == written_octet(1 - end, e.read++));
    SP_CHECK(e.read <= ends_[1 - end].written && e.peer.in().size() <= kRoom);
    e.tcp().offer(static_cast<std::uint32_t>(kRoom - e.peer.in().size()));
}

void ConversationPlayer::pass(Duration time) {
    const Instant until = now_ + time;
    for (int events = 0;; ++events) {
        SP_CHECK(events < 10'000);
        const Instant due = std::min(ends_[0].tcp().deadline(), ends_[1].tcp().deadline());
        if (due > until) break;
        now_ = std::max(now_, due);
        for (End& e : ends_)
            if (e.tcp().deadline() <= now_) (void)e.tcp().on_deadline(now_);
        collect();
    }
    now_ = until;
}

// Segments that RFC 9293 section 3.10.7.4 and RFC 5961 keep a stranger from doing harm with.
void ConversationPlayer::forge(std::size_t to) {
    End& e = ends_[to];
    const std::uint8_t how = octet();
    Flying f;
    f.seq = e.next_awaited();
    f.ack = e.start.iss + 1 + static_cast<std::uint32_t>(e.tcp().acked());
    f.window = static_cast<std::uint16_t>(pair());
    f.payload.assign(octet(), 'f');
    if (e.start.timestamps) f.options.timestamps = wire::Timestamps{TsVal{pair() << 16}, e.start.ts_sent};
    const std::uint32_t off = pair();
    switch (how % 6) {
        case 0:
        case 1:
            f.flags = octet();
            forge_outside(f, e, how % 6 == 0);
            break;
        case 2:  // a reset in the window that is not exact
            f.flags = wire::kRst;
            f.payload.clear();
            f.seq = f.seq + 1 + off;
            break;
        case 3:
            f.flags = static_cast<std::uint8_t>((octet() | wire::kSyn) & ~wire::kRst);
            f.seq = f.seq + off;
            break;
        case 4:  // an acknowledgement of what was never sent, or of what no window ever held
            f.ack = (off & 1) != 0 ? e.start.iss + 2 + static_cast<std::uint32_t>(e.tcp().sent()) + off
                                   : f.ack - (1U << 30) - off;
            break;
        default: f.flags = (how & 64) != 0 ? wire::kPsh : std::uint8_t{0};
    }
    (void)e.peer.receive(f, now_);
}

void ConversationPlayer::forge_outside(Flying& f, End& to, bool before) {
    constexpr std::uint32_t kFar = 100'000;
    f.seq = before ? f.seq - kFar : f.seq + static_cast<std::uint32_t>(to.tcp().promised()) + kFar;
}

void ConversationPlayer::collect() {
    for (const std::size_t end : {0U, 1U})
        while (const auto segment = ends_[end].peer.next(now_)) send(end, *segment);
}

// A packet that is larger than the path is reported at once.
void ConversationPlayer::send(std::size_t from, const Flying& segment) {
    SP_CHECK(wire_.length_of(segment) <= kMtu);
    tcp::Connection& sender = ends_[from].tcp();
    if (wire_.length_of(segment) > mtu_) {
        if (sender.is_in_flight(segment.seq)) (void)sender.lower_mss(wire_.mss_of(mtu_), now_);
        return;
    }
    if (flying_.size() < kFlyingMax) flying_.push_back({from, segment});
}

ConversationPlayer::Entry ConversationPlayer::take(std::size_t which) {
    if (flying_.empty()) return {2, {}};
    const auto at = flying_.begin() + static_cast<std::ptrdiff_t>(which % flying_.size());
    const Entry entry = std::move(*at);
    flying_.erase(at);
    return entry;
}

void ConversationPlayer::arrive(const Entry& entry) {
    if (entry.from > 1) return;  // nothing is on its way
    const auto segment = wire_.carried(static_cast<int>(entry.from), entry.segment, entry.flipped);
    SP_CHECK(segment.has_value() != entry.flipped.has_value());
    if (segment) (void)ends_[1 - entry.from].peer.receive(*segment, now_);
}

// From now on nothing is lost, everybody reads, and nobody has more to say.
void ConversationPlayer::calm_down() {
    for (int rounds = 0; rounds < 3000 && !is_over(); ++rounds) {
        for (std::size_t left = flying_.size(); left > 0; --left) arrive(take(0));
        for (const std::size_t end : {0U, 1U}) {
            read(end, 0xffff'ffff);
            if (ends_[end].tcp().state() != TcpState::Closed) ends_[end].peer.finish();
        }
        collect();
        watch();
        if (flying_.empty()) {
            const Instant due = std::min(ends_[0].tcp().deadline(), ends_[1].tcp().deadline());
            if (due == kNever) break;
            pass(std::max(due - now_, Duration{}));
        }
    }
    for (const std::size_t end : {0U, 1U}) read(end, 0xffff'ffff);
}

bool ConversationPlayer::is_over() {
    return std::ranges::all_of(ends_, [](End& e) { return e.tcp().fin_acked() && e.tcp().peer_finished(); });
}

void ConversationPlayer::watch() {
    std::uint32_t held = 0;
    for (End& e : ends_) {
        SP_CHECK(is_reachable(e.state, e.tcp().state()));
        e.state = e.tcp().state();
        SP_CHECK(e.tcp().acked() <= e.tcp().sent() && e.tcp().sent() <= e.peer.out().end());
        SP_CHECK(e.peer.in().size() <= kRoom && e.peer.out().size() <= kRoom);
        held += e.peer.in().chunks_held() + e.peer.out().chunks_held();
    }
    SP_CHECK(held == pool_->in_use());
}

}  // namespace sallyport::test
