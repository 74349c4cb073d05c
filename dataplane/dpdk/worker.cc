// SPDX-License-Identifier: Apache-2.0
#include "dataplane/dpdk/worker.h"

#include <rte_ethdev.h>
#include <sys/prctl.h>
#include <time.h>

#include <algorithm>
#include <new>

namespace sallyport::dp {
namespace {

// A worker that had nothing to do spins this long before its first nap; naps then grow. The longest
// one stays well below a timer tick, so deadlines are not missed.
constexpr Duration kSpin = std::chrono::microseconds(50);
constexpr Duration kFirstNap = std::chrono::microseconds(50);
constexpr Duration kLongestNap = std::chrono::microseconds(250);

// Deadlines are in milliseconds; each look at them costs some microseconds.
constexpr Duration kAdvanceEvery = std::chrono::microseconds(200);
static_assert(kAdvanceEvery < std::chrono::milliseconds(1));

static_assert(Outbox::kStockMax % kRefillPortion == 0 && kRefillPortion <= kBurstMax);

// Each may wake many sessions.
constexpr std::size_t kAnswersAtOnce = 4;

// How long a stopping worker waits for the log writer to make room.
constexpr Duration kStopPatience = std::chrono::seconds(2);

std::string ring_name(const char* kind, unsigned worker) {
    return "sp_" + std::string(kind) + "_" + std::to_string(worker);
}

void nap(Duration length) {
    const timespec time{0, static_cast<long>(length.count())};
    nanosleep(&time, nullptr);
}

}  // namespace

Worker::Worker(Setup setup)
    : setup_(std::move(setup)),
      records_(ring_name("records", setup_.path.worker), kRecordRing),
      messages_(ring_name("messages", setup_.path.worker), kMessageRing),
      queries_(ring_name("queries", setup_.path.worker), kQueryRing),
      answers_(ring_name("answers", setup_.path.worker), kAnswerRing) {}

bool Worker::construct_path() {
    try {
        path_ = std::make_unique<Path>(setup_.path);
    } catch (const std::bad_alloc&) {
        return false;
    }
    return true;
}

void Worker::run() {
    prctl(PR_SET_TIMERSLACK, 1000UL);  // ns; the default of 50 us doubles a short nap
    setup_.generations->join(setup_.path.worker);
    last_cycles_ = TscClock::cycles();
    while (!stop_.load(std::memory_order_relaxed)) turn();
    shut_down();
    setup_.generations->leave(setup_.path.worker);
    finished_.store(true, std::memory_order_release);
}

void Worker::turn() {
    const std::uint64_t cycles = TscClock::cycles();
    account(cycles);
    const Instant now = setup_.clock->at(cycles);
    const Generation& generation = setup_.generations->current();
    std::size_t work = 0;
    for (std::uint8_t device = 0; device < setup_.wiring.devices.size(); ++device)
        work += receive(device, generation, now);
    work += receive_handed_over(generation, now);
    work += send_for_others();
    if (now >= next_advance_) {
        next_advance_ = now + kAdvanceEvery;
        refill_stock();
        refill_stock(1);  // so that an idle worker holds what it held at the start
        path_->advance(generation, now);
        flush();
    }
    work += take_answers(generation, now);
    work += answer_control(generation, now) ? 1U : 0U;
    if (rechecking_) {
        recheck_sessions(generation, now);
        ++work;
    }
    worked_ = work > 0;
    setup_.generations->quiescent(setup_.path.worker);
    if (worked_) {
        idle_since_ = now;
        nap_ = kFirstNap;
    } else if (setup_.idle == cfg::Idle::Sleep) {
        rest(now);
    }
}

std::size_t Worker::receive(std::uint8_t device, const Generation& generation, Instant now) {
    const DeviceWiring& wiring = setup_.wiring.devices[device];
    std::size_t total = 0;
    for (const std::uint16_t queue : wiring.rx_queues) {
        MbufBurst burst;
        const std::uint16_t n = rte_eth_rx_burst(wiring.device_id, queue, burst.data(), kBurstMax);
        if (n == 0) continue;
        total += n;
        path_->counters().rx_packets.add(n);
        run_burst({burst.data(), n}, device, generation, now);
    }
    return total;
}

void Worker::run_burst(std::span<rte_mbuf* const> mbufs, std::uint8_t device,
                       const Generation& generation, Instant now) {
    refill_stock();
    frames_.clear();
    for (rte_mbuf* mbuf : mbufs) {
        const Reason reason = take_in(mbuf, device);
        if (reason == Reason::None) continue;
        path_->counters().count(reason);
        rte_pktmbuf_free(mbuf);
    }
    path_->run(frames_.span(), generation, now);
    flush();
}

// Makes a received buffer a frame of the burst at hand, or says why it is none.
Reason Worker::take_in(rte_mbuf* mbuf, std::uint8_t device) {
    if (mbuf->nb_segs != 1) return Reason::MultiSegment;
    const std::optional<PortIndex> port = take_off_tag(*mbuf, device, setup_.wiring.ports);
    if (!port) return Reason::WrongVlan;
    const bool fits = frames_.push_back(frame_of(mbuf, *port));
    SP_CHECK(fits);
    return Reason::None;
}

std::size_t Worker::receive_handed_over(const Generation& generation, Instant now) {
    std::size_t total = 0;
    for (MbufRing* ring : setup_.wiring.handover_from) {
        MbufBurst burst;
        const std::uint32_t n = ring != nullptr ? ring->pop(burst) : 0;
        if (n == 0) continue;
        total += n;
        refill_stock();
        frames_.clear();
        for (std::uint32_t i = 0; i < n; ++i) {
            const auto port = static_cast<PortIndex>(burst[i]->port);  // see hand_over
            const bool fits = frames_.push_back(frame_of(burst[i], port));
            SP_CHECK(fits);
        }
        path_->counters().handed_over_in.add(n);
        path_->run_handed_over(frames_.span(), generation, now);
        flush();
    }
    return total;
}

std::size_t Worker::send_for_others() {
    std::size_t total = 0;
    for (const DeviceWiring& device : setup_.wiring.devices)
        for (MbufRing* ring : device.tx_for) {
            MbufBurst burst;
            const std::uint32_t n = ring->pop(burst);
            if (n > 0) send_burst(device, {burst.data(), n});
            total += n;
        }
    return total;
}

void Worker::refill_stock(std::size_t portion) {
    auto& stock = path_->outbox().stock;
    while (stock.size() + portion <= Outbox::kStockMax) {
        std::array<rte_mbuf*, kRefillPortion> mbufs;
        if (rte_pktmbuf_alloc_bulk(setup_.pool, mbufs.data(), static_cast<unsigned>(portion)) != 0)
            return;
        for (rte_mbuf* mbuf : std::span(mbufs).first(portion)) {
            const bool fits = stock.push_back(frame_of(mbuf, 0));
            SP_CHECK(fits);
        }
    }
}

// The shorter list first: it is mostly acknowledgements, whose receivers wait for them. A kernel device
// runs the other end's protocol stack within the call that sends.
void Worker::flush() {
    const auto& to_send = path_->outbox().to_send;
    const bool outside_first = to_send[kOutsidePort].size() < to_send[kInsidePort].size();
    transmit(outside_first ? kOutsidePort : kInsidePort);
    transmit(outside_first ? kInsidePort : kOutsidePort);
    hand_over();
    release();
    write_records();
    put_questions();
}

void Worker::transmit(PortIndex port) {
    const Attachment& attachment = setup_.wiring.ports[port];
    const DeviceWiring& device = setup_.wiring.devices[attachment.device];
    auto& frames = path_->outbox().to_send[port];
    for (std::size_t at = 0; at < frames.size(); at += kBurstMax) {
        MbufBurst burst;
        const std::size_t n = std::min(kBurstMax, frames.size() - at);
        for (std::size_t i = 0; i < n; ++i) {
            burst[i] = mbuf_of(frames[at + i]);
            put_on_tag(burst[i], attachment.vlan);
        }
        send_burst(device, {burst.data(), n});
    }
    frames.clear();
}

void Worker::send_burst(const DeviceWiring& device, std::span<rte_mbuf*> burst) {
    std::size_t taken = 0;
    if (device.tx_queue) {
        taken = rte_eth_tx_burst(device.device_id, *device.tx_queue, burst.data(),
                                 static_cast<std::uint16_t>(burst.size()));
        path_->counters().tx_packets.add(taken);
    } else {
        taken = device.tx_via->push(burst);
    }
    if (taken == burst.size()) return;
    const std::span<rte_mbuf*> left = burst.subspan(taken);
    path_->counters().count(Reason::TxFull, left.size());
    rte_pktmbuf_free_bulk(left.data(), static_cast<unsigned>(left.size()));
}

void Worker::hand_over() {
    auto& list = path_->outbox().to_hand_over;
    for (const Handover& h : list) {
        rte_mbuf* mbuf = mbuf_of(h.frame);
        mbuf->port = h.frame.port;  // tells the owner where it came in
        MbufRing* ring = setup_.wiring.handover_to[h.owner];
        if (ring != nullptr && ring->push({&mbuf, 1}) == 1) {
            path_->counters().handed_over_out.add(1);
            continue;
        }
        path_->counters().count(Reason::HandoverFull);
        rte_pktmbuf_free(mbuf);
    }
    list.clear();
}

void Worker::release() {
    auto& list = path_->outbox().to_free;
    for (std::size_t at = 0; at < list.size(); at += kBurstMax) {
        MbufBurst burst;
        const std::size_t n = std::min(kBurstMax, list.size() - at);
        for (std::size_t i = 0; i < n; ++i) burst[i] = static_cast<rte_mbuf*>(list[at + i].buffer);
        rte_pktmbuf_free_bulk(burst.data(), static_cast<unsigned>(n));
    }
    list.clear();
}

void Worker::write_records() {
    auto& list = path_->outbox().records;
    if (list.empty()) return;
    const std::uint32_t written = records_.push(list.span());
    path_->counters().log_records_lost.add(list.size() - written);
    list.clear();
}

void Worker::put_questions() {
    auto& list = path_->outbox().queries;
    if (list.empty()) return;
    const std::uint32_t put = queries_.push(list.span());
    if (put == list.size()) return list.clear();
    for (std::uint32_t i = 0; i < put; ++i) list.erase(0);
}

std::size_t Worker::take_answers(const Generation& generation, Instant now) {
    std::array<NameAnswer, kAnswersAtOnce> answers;
    const std::uint32_t n = answers_.pop(answers);
    if (n == 0) return 0;
    refill_stock();
    path_->on_answers({answers.data(), n}, generation, now);
    flush();
    return n;
}

bool Worker::answer_control(const Generation& generation, Instant now) {
    if (listing_ != nullptr) {
        list_sessions(now);
        return true;
    }
    Message message;
    if (messages_.pop({&message, 1}) == 0) return false;
    switch (message.kind) {
        case Message::Kind::Announce:
            refill_stock();
            path_->announce(static_cast<PortIndex>(message.port), generation, now);
            flush();
            break;
        case Message::Kind::List: listing_ = message.request; break;
        case Message::Kind::Recheck:
            rechecking_ = true;
            recheck_cursor_ = 0;
            break;
    }
    return true;
}

// A bounded step; the request is done when the table's end or its limit is reached.
void Worker::list_sessions(Instant now) {
    ListRequest& r = *listing_;
    const std::span<SessionRow> free_rows = std::span(r.rows).subspan(r.used);
    r.used += path_->list_sessions(r.cursor, free_rows, now);
    if (r.cursor != 0 && r.used < r.rows.size()) return;
    listing_ = nullptr;
    r.done.store(true, std::memory_order_release);
}

// A bounded step; a generation that is published meanwhile judges what is left of the table, and its
// own recheck begins anew.
void Worker::recheck_sessions(const Generation& generation, Instant now) {
    refill_stock();
    rechecking_ = !path_->recheck(recheck_cursor_, generation, now);
    flush();
}

// The cycles since the last turn began belong to that turn.
void Worker::account(std::uint64_t cycles) {
    const std::uint64_t spent = cycles - last_cycles_;
    last_cycles_ = cycles;
    cycles_.total.add(spent);
    if (worked_) cycles_.busy.add(spent);
    cycles_.polls.add(1);
    if (!worked_) cycles_.empty_polls.add(1);
}

void Worker::rest(Instant now) {
    if (now - idle_since_ < kSpin) return;
    nap(nap_);
    cycles_.naps.add(1);
    nap_ = std::min(kLongestNap, nap_ * 5 / 4);
}

// Every session gets its record: waits for the log writer to make room, but not for ever.
void Worker::shut_down() {
    const Instant give_up = setup_.clock->now() + kStopPatience;
    for (bool ended = false; !ended;) {
        const Instant now = setup_.clock->now();
        const bool room = records_.room() >= Outbox::kRecordsMax;
        if (!room && now < give_up) {
            nap(kLongestNap);
        } else {
            refill_stock();
            ended = path_->shut_down(setup_.generations->current(), now);
            flush();
        }
        if (listing_ != nullptr) list_sessions(now);
        send_for_others();
        setup_.generations->quiescent(setup_.path.worker);
    }
}

}  // namespace sallyport::dp
