// SPDX-License-Identifier: Apache-2.0
#include "tests/support/tcp_host.h"

#include <algorithm>

namespace sallyport::test {
namespace {

// For what it takes and what it says.
constexpr std::size_t chunks_for(std::uint32_t window) {
    return 64 + 2 * std::size_t{window} / tcp::kChunkOctets;
}

wire::TcpOptions syn_options(const HostOptions& o, const wire::TcpOptions* offered, TsVal ts) {
    const bool answer = offered != nullptr;
    wire::TcpOptions out;
    out.mss = o.mss;
    out.sack_permitted = o.sack && (!answer || offered->sack_permitted);
    if (!answer || offered->window_shift) out.window_shift = o.window_shift;
    if (o.timestamps && (!answer || offered->timestamps))
        out.timestamps = wire::Timestamps{ts, answer ? offered->timestamps->val : TsVal{}};
    return out;
}

}  // namespace

TcpHost::TcpHost(const HostOptions& options)
    : options_(options),
      chunks_(chunks_for(options.window)),
      links_(chunks_.size()),
      next_(chunks_.size()),
      pool_(chunks_, links_, next_) {
    start_.iss = SeqNum{options.isn};
    start_.ts_sent = TsVal{77'000};
    start_.offered = 0xffff;
}

Octets TcpHost::connect(const Addresses& addresses, std::uint16_t own_port, std::uint16_t port) {
    known_ = true;
    ++syns_;
    template_ = {.addresses = addresses, .src_port = own_port, .dst_port = port};
    TcpFields syn = template_;
    syn.seq = start_.iss.raw();
    syn.ack = 0;
    syn.flags = wire::kSyn;
    syn.options = syn_options(options_, nullptr, start_.ts_sent);
    return tcp_frame(syn);
}

bool TcpHost::is_for(const wire::PacketView& view) const {
    const wire::TcpHeader& tcp = view.tcp();
    if (!known_) return tcp.has(wire::kSyn) && !tcp.has(wire::kAck);
    return tcp.dst_port.host() == template_.src_port && tcp.src_port.host() == template_.dst_port;
}

void TcpHost::answer_syn(const wire::PacketView& view) {
    const wire::TcpHeader& tcp = view.tcp();
    known_ = true;
    ++syns_;
    template_.addresses = {view.destination(), view.source(), view.ethernet().dst,
                           view.ethernet().src};
    template_.src_port = tcp.dst_port.host();
    template_.dst_port = tcp.src_port.host();
    TcpFields reply = template_;
    reply.seq = start_.iss.raw();
    reply.ack = (tcp.seq_num() + 1).raw();
    reply.flags = wire::kSyn | wire::kAck;
    if (refusing) {
        reply.flags = wire::kRst | wire::kAck;
        known_ = false;
    } else {
        const wire::TcpOptions offered = wire::parse_options(view.tcp_options());
        reply.options = syn_options(options_, &offered, start_.ts_sent);
    }
    ready_.push_back(tcp_frame(reply));
}

void TcpHost::become_open(const wire::PacketView& view, SeqNum irs, Instant now) {
    const wire::TcpOptions theirs = wire::parse_options(view.tcp_options());
    const bool scaled = theirs.window_shift.has_value();
    start_.irs = irs;
    start_.snd_mss = theirs.mss.value_or(536);
    start_.snd_shift = scaled ? *theirs.window_shift : std::uint8_t{0};
    start_.rcv_shift = scaled ? options_.window_shift : std::uint8_t{0};
    start_.sack = options_.sack && theirs.sack_permitted;
    start_.timestamps = options_.timestamps && theirs.timestamps.has_value();
    if (theirs.timestamps) start_.ts_recent = theirs.timestamps->val;
    start_.snd_wnd = view.tcp().window.host();
    connection_.open(start_, now);
    open_ = true;
}

void TcpHost::on_frame(const wire::PacketView& view, Instant now) {
    if (silent) return;
    const wire::TcpHeader& tcp = view.tcp();
    if (tcp.has(wire::kSyn) && !tcp.has(wire::kAck)) {
        if (open_) return;
        answer_syn(view);
        if (!refusing) become_open(view, tcp.seq_num(), now);
        return;
    }
    if (!open_ && tcp.has(wire::kSyn)) {
        become_open(view, tcp.seq_num(), now);
        TcpFields ack = template_;
        ack.seq = (start_.iss + 1).raw();
        ack.ack = (start_.irs + 1).raw();
        ack.window = static_cast<std::uint16_t>(0xffff >> start_.rcv_shift);
        if (start_.timestamps)
            ack.options.timestamps = wire::Timestamps{start_.ts_sent, start_.ts_recent};
        ready_.push_back(tcp_frame(ack));
        return;
    }
    if (tcp.has(wire::kRst)) was_reset_ = true;
    if (!open_) return;
    const wire::TcpOptions options = wire::parse_options(view.tcp_options());
    connection_.on_segment({tcp, options, view.payload()}, in_, pool_, now);
    drain();
}

void TcpHost::drain() {
    if (reading) {
        std::string octets(in_.size(), '\0');
        in_.read(pool_, in_.begin(),
                 {reinterpret_cast<std::uint8_t*>(octets.data()), octets.size()});
        in_.release(pool_, in_.end());
        heard_ += octets;
    }
    connection_.offer(options_.window - static_cast<std::uint32_t>(
                                            std::min<std::uint64_t>(in_.size(), options_.window)));
}

Octets TcpHost::framed(const wire::TcpFields& fields, std::string_view payload) const {
    TcpFields t = template_;
    t.seq = fields.seq.raw();
    t.ack = fields.ack.raw();
    t.flags = fields.flags;
    t.window = fields.window;
    t.options = fields.options;
    t.payload.assign(payload.begin(), payload.end());
    return tcp_frame(t);
}

std::vector<Octets> TcpHost::frames(Instant now) {
    std::vector<Octets> out(ready_.begin(), ready_.end());
    ready_.clear();
    if (!open_ || silent) return out;
    if (resetting_) {
        resetting_ = false;
        out.push_back(framed(connection_.abort(now), {}));
        return out;
    }
    drain();
    connection_.on_deadline(now);
    const std::uint64_t limit = outgoing_from_ + outgoing_.size();
    if (closing_) connection_.finish(limit);
    tcp::Outgoing next;
    while (connection_.next_segment(limit, now, next)) {
        const std::string_view all = outgoing_;
        const std::size_t at = next.length > 0 ? next.offset - outgoing_from_ : 0;
        out.push_back(framed(next.fields, all.substr(at, next.length)));
    }
    said_ = limit;
    const std::uint64_t done = std::min(connection_.acked(), limit);
    outgoing_.erase(0, done - outgoing_from_);
    outgoing_from_ = done;
    return out;
}

}  // namespace sallyport::test
