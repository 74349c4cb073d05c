// SPDX-License-Identifier: Apache-2.0
// One lcore: polls its own queues and rings, gives each burst to the path, empties the outbox. A
// burst costs no allocation, no lock and no system call of the worker's own.
//
//   turn:  clock -> generation -> own queues -> frames handed over -> frames to send for others
//          -> deadlines -> answers of the resolver -> one request of control -> a step of a recheck
//          -> quiescent -> nap when there was nothing to do
#pragma once
#include <atomic>
#include <cstdint>
#include <memory>

#include "dataplane/dataplane.h"
#include "dataplane/dpdk/generation.h"
#include "dataplane/dpdk/mbuf.h"
#include "dataplane/dpdk/memory_plan.h"
#include "dataplane/dpdk/tsc_clock.h"
#include "dataplane/dpdk/wiring.h"
#include "dataplane/path.h"
#include "tcpstack/base/fixed_vector.h"

namespace sallyport::dp {

// Control's question for live sessions. Control owns it until done; it must live until then even if
// nobody waits any more.
struct ListRequest {
    explicit ListRequest(std::size_t limit, std::uint32_t from = 0) : rows(limit), cursor(from) {}
    std::vector<SessionRow> rows;
    std::size_t used = 0;            // worker only, until done
    std::uint32_t cursor;            // likewise; then where to go on, 0: the table's end was reached
    std::atomic<bool> done = false;  // release by the worker, acquire by control
};

// Control to worker.
struct Message {
    enum class Kind : std::uint64_t { Announce, List, Recheck } kind = Kind::Announce;
    std::uint64_t port = 0;          // Announce
    ListRequest* request = nullptr;  // List
};

// How a worker spent its cycles. One writer, any reader.
struct WorkerCycles {
    Counter busy, total, polls, empty_polls, naps;
};

// Empty frames are taken from the pool in portions, so that a pool that runs low still gives some.
inline constexpr std::size_t kRefillPortion = 32;

class alignas(64) Worker {
   public:
    struct Setup {
        PathConfig path;
        WorkerWiring wiring;
        rte_mempool* pool = nullptr;
        PublishedGeneration* generations = nullptr;
        const TscClock* clock = nullptr;
        cfg::Idle idle = cfg::Idle::Sleep;
    };
    explicit Worker(Setup setup);

    // On the worker's lcore, in this order. False: no memory.
    bool construct_path();
    void run();  // returns after request_stop()
    // What run() repeats; for who drives a worker in his own thread, which must have joined the
    // generations.
    void turn();

    // For control.
    bool has_rings() const {
        return records_.exists() && messages_.exists() && queries_.exists() && answers_.exists();
    }
    void request_stop() { stop_.store(true, std::memory_order_relaxed); }
    bool finished() const { return finished_.load(std::memory_order_acquire); }
    bool post(const Message& message) { return messages_.push({&message, 1}) == 1; }
    std::uint32_t take_records(std::span<AccessRecord> out) { return records_.pop(out); }
    std::uint32_t take_queries(std::span<NameQuery> out) { return queries_.pop(out); }
    std::uint32_t give_answers(std::span<const NameAnswer> answers) {
        return answers_.push(answers);
    }
    const Counters& counters() const { return static_cast<const Path&>(*path_).counters(); }
    const AddressConflicts& address_conflicts() const { return path_->address_conflicts(); }
    const WorkerCycles& cycles() const { return cycles_; }

   private:
    std::size_t receive(std::uint8_t device, const Generation& generation, Instant now);
    std::size_t receive_handed_over(const Generation& generation, Instant now);
    std::size_t send_for_others();
    std::size_t take_answers(const Generation& generation, Instant now);
    bool answer_control(const Generation& generation, Instant now);
    void list_sessions(Instant now);
    void recheck_sessions(const Generation& generation, Instant now);
    void run_burst(std::span<rte_mbuf* const> mbufs, std::uint8_t device,
                   const Generation& generation, Instant now);
    Reason take_in(rte_mbuf* mbuf, std::uint8_t device);
    void refill_stock(std::size_t portion = kRefillPortion);
    void flush();
    void transmit(PortIndex port);
    void send_burst(const DeviceWiring& device, std::span<rte_mbuf*> burst);
    void hand_over();
    void release();
    void write_records();
    void put_questions();
    void account(std::uint64_t cycles);
    void rest(Instant now);
    void shut_down();

    const Setup setup_;
    std::unique_ptr<Path> path_;
    FixedVector<Frame, kBurstMax> frames_;  // of the burst at hand
    Ring<AccessRecord> records_;
    Ring<Message> messages_;
    Ring<NameQuery> queries_;
    Ring<NameAnswer> answers_;
    ListRequest* listing_ = nullptr;
    bool rechecking_ = false;
    std::uint32_t recheck_cursor_ = 0;
    WorkerCycles cycles_;
    std::uint64_t last_cycles_ = 0;
    bool worked_ = false;  // in the last turn
    Instant idle_since_{}, next_advance_{};
    Duration nap_ = std::chrono::microseconds(50);
    std::atomic<bool> stop_ = false;
    std::atomic<bool> finished_ = false;
};

}  // namespace sallyport::dp
