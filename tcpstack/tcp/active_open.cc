// SPDX-License-Identifier: Apache-2.0
#include "tcpstack/tcp/active_open.h"

#include "tcpstack/tcp/syn_cookie.h"

namespace sallyport::tcp {

void ActiveOpen::start(const Offer& offer, Instant now) {
    *this = ActiveOpen{};
    state_ = OpenState::SynSent;
    iss_ = snd_una_ = offer.iss;
    snd_nxt_ = snd_max_ = end_ = iss_ + 1;
    ts_start_ = offer.ts_val;
    mss_max_ = offer.mss;
    measured_sent_ = now;
    measured_ = snd_nxt_;
    measuring_ = true;
    rto_deadline_ = now + rtt_.rto();
}

SynSentResult ActiveOpen::on_syn_sent(const wire::TcpHeader& tcp, const wire::TcpOptions& options,
                                      Instant now) {
    const bool acks_syn = tcp.has(wire::kAck) && tcp.ack_num() == snd_nxt_;
    if (tcp.has(wire::kRst)) return acks_syn ? SynSentResult::Refused : SynSentResult::Ignored;
    if (tcp.has(wire::kAck) && !acks_syn) return SynSentResult::BadAck;
    // A SYN without ACK would be a simultaneous open, which a NAT cannot have asked for.
    if (!acks_syn || !tcp.has(wire::kSyn)) return SynSentResult::Ignored;
    adopt(tcp, options);
    measure(now);
    state_ = OpenState::Established;
    snd_una_ = snd_nxt_;
    timeouts_ = 0;
    // A window that is closed from the start needs the timer for its probe.
    rto_deadline_ = window_bytes_ == 0 ? now + rtt_.rto() : kNever;
    return SynSentResult::Established;
}

void ActiveOpen::adopt(const wire::TcpHeader& tcp, const wire::TcpOptions& options) {
    irs_ = tcp.seq_num();
    mss_ = std::min(std::max<std::uint16_t>(options.mss.value_or(536), kMssClasses[0]), mss_max_);
    window_shift_ = options.window_shift.value_or(kNoWindowScale);
    sack_ = options.sack_permitted;
    timestamps_ = options.timestamps.has_value();
    if (options.timestamps) ts_recent_ = server_ts_start_ = options.timestamps->val;
    syn_window_ = tcp.window.host();
    window_bytes_ = syn_window_;  // never scaled in a SYN (RFC 7323 section 2.2)
}

void ActiveOpen::measure(Instant now) {
    if (!measuring_) return;
    rtt_.on_measurement(now - measured_sent_);
    measuring_ = false;
}

std::uint32_t ActiveOpen::may_send() const {
    if (state_ != OpenState::Established) return 0;
    const auto left = static_cast<std::uint32_t>(distance(snd_nxt_, end_));
    const auto flight = static_cast<std::uint32_t>(distance(snd_una_, snd_nxt_));
    // A zero window is probed with one octet when the timer fires (RFC 9293 section 3.8.6.1).
    const std::uint32_t window = window_bytes_ == 0 && timeouts_ > 0 ? 1 : window_bytes_;
    const std::uint32_t limit = std::min(window, kInitialWindow * mss_);
    if (flight >= limit) return 0;
    const std::uint32_t option_octets = timestamps_ ? 12 : 0;
    const std::uint32_t segment = mss_ > option_octets ? mss_ - option_octets : mss_;
    return std::min({left, limit - flight, segment});
}

void ActiveOpen::on_sent(std::uint32_t octets, Instant now) {
    const bool first_time = !before(snd_nxt_, snd_max_);  // Karn: only such octets are measured
    snd_nxt_ += octets;
    snd_max_ = later_of(snd_max_, snd_nxt_);
    if (!measuring_ && first_time) {
        measuring_ = true;
        measured_ = snd_nxt_;
        measured_sent_ = now;
    }
    if (rto_deadline_ == kNever) rto_deadline_ = now + rtt_.rto();
}

void ActiveOpen::on_ack(SeqNum ack, std::uint32_t window_bytes, Instant now) {
    // After a timeout snd_nxt has gone back, but what was sent before may still be acknowledged.
    if (before(ack, snd_una_) || before(end_, ack)) return;
    window_bytes_ = window_bytes;
    if (ack == snd_una_) return;
    if (measuring_ && !before(ack, measured_)) measure(now);
    snd_una_ = ack;
    snd_nxt_ = later_of(snd_nxt_, ack);
    timeouts_ = 0;
    rto_deadline_ = snd_una_ == end_ ? kNever : now + rtt_.rto();
}

bool ActiveOpen::lower_mss(std::uint16_t mss, Instant now) {
    if (state_ != OpenState::Established || mss >= mss_) return false;
    mss_ = mss;
    measuring_ = false;
    if (snd_nxt_ == snd_una_) return true;
    snd_nxt_ = snd_una_;
    rto_deadline_ = now + rtt_.rto();
    return true;
}

void ActiveOpen::on_timeout(Instant now) {
    rtt_.on_timeout();
    measuring_ = false;
    ++timeouts_;
    if (state_ == OpenState::Established) snd_nxt_ = snd_una_;
    rto_deadline_ = now + rtt_.rto();
}

}  // namespace sallyport::tcp
