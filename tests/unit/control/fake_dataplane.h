// SPDX-License-Identifier: Apache-2.0
// A data plane without packets: tests set what it shows and see what was asked of it.
#pragma once
#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

#include "dataplane/dataplane.h"

namespace sallyport::ctl {

class FakeDataplane : public dp::Dataplane {
   public:
    FakeDataplane() {
        for (std::uint32_t i = 0; i < 2; ++i) worker_rows.push_back(worker(i));
        port_rows.push_back(port("inside", "10.10.0.1/24"));
        port_rows.push_back(port("outside", "203.0.113.2/24"));
    }

    void publish(std::shared_ptr<const dp::Generation> generation) override {
        const std::lock_guard lock(mutex_);
        published_.push_back(std::move(generation));
    }
    bool settle(std::chrono::milliseconds) override {
        if (while_settling) while_settling();
        return !silent;
    }
    bool recheck() override {
        ++rechecks;
        return !silent;
    }
    std::uint64_t generation_id() const override {
        const std::lock_guard lock(mutex_);
        return published_.empty() ? 7 : published_.back()->id;
    }
    std::optional<IpAddr> public_address(const dp::EgressSet& set, const IpAddr&,
                                         Family) const override {
        return set.addresses.back();
    }
    std::vector<dp::WorkerStatus> workers() const override { return worker_rows; }
    std::vector<dp::PortStatus> ports() const override { return port_rows; }
    dp::MemoryStatus memory() const override { return {8192, 8000, false}; }
    std::optional<std::vector<dp::SessionRow>> sessions(std::size_t limit,
                                                        std::chrono::milliseconds) override {
        std::unique_lock lock(mutex_);
        asked_limit = limit;
        opened_.wait(lock, [this] { return !gate_closed_; });
        if (silent) return std::nullopt;
        auto rows = session_rows;
        rows.resize(std::min(limit, rows.size()));
        return rows;
    }
    bool visit_sessions(const std::function<void(const dp::SessionRow&)>& visit,
                        std::chrono::milliseconds) override {
        std::unique_lock lock(mutex_);
        opened_.wait(lock, [this] { return !gate_closed_; });
        if (silent) return false;
        for (const dp::SessionRow& row : session_rows) visit(row);
        return true;
    }
    std::size_t take_records(std::span<dp::AccessRecord> out) override {
        const std::lock_guard lock(mutex_);
        const std::size_t n = std::min(out.size(), records_.size());
        for (std::size_t i = 0; i < n; ++i) out[i] = take_first();
        return n;
    }
    std::size_t take_queries(std::span<dp::NameQuery> out) override {
        const std::lock_guard lock(mutex_);
        const std::size_t n = std::min(out.size(), queries_.size());
        std::copy_n(queries_.begin(), n, out.begin());
        queries_.erase(queries_.begin(), queries_.begin() + static_cast<std::ptrdiff_t>(n));
        return n;
    }
    std::size_t give_answers(dp::WorkerIndex worker,
                             std::span<const dp::NameAnswer> answers) override {
        const std::lock_guard lock(mutex_);
        if (answers_refused) return 0;
        for (const dp::NameAnswer& a : answers) answers_.push_back({worker, a});
        answered_.notify_all();
        return answers.size();
    }
    Instant now() const override { return Instant(std::chrono::seconds(1000)); }
    void stop() override {
        if (stopped.exchange(true)) return;
        for (const auto& record : records_at_stop) add(record);
    }

    // A worker's question to the resolver.
    void ask(std::string_view name, dp::WorkerIndex worker = 0,
             dp::Freshness freshness = dp::Freshness::Valid) {
        const std::lock_guard lock(mutex_);
        dp::NameQuery query;
        query.name.set(name);
        query.worker = worker;
        query.freshness = freshness;
        queries_.push_back(query);
    }
    struct Answered {
        dp::WorkerIndex worker = 0;
        dp::NameAnswer answer;
    };
    // The next answer that a worker was given; nullopt: none came within `patience`.
    std::optional<Answered> next_answer(
        std::chrono::milliseconds patience = std::chrono::seconds(10)) {
        std::unique_lock lock(mutex_);
        if (!answered_.wait_for(lock, patience, [this] { return !answers_.empty(); }))
            return std::nullopt;
        const Answered first = answers_.front();
        answers_.pop_front();
        return first;
    }

    void add(const dp::AccessRecord& record) {
        const std::lock_guard lock(mutex_);
        records_.push_back(record);
    }
    std::vector<std::shared_ptr<const dp::Generation>> published() const {
        const std::lock_guard lock(mutex_);
        return published_;
    }
    // While the gate is closed, neither sessions() nor visit_sessions() returns.
    void close_gate() { set_gate(true); }
    void open_gate() { set_gate(false); }

    std::vector<dp::WorkerStatus> worker_rows;
    std::vector<dp::PortStatus> port_rows;
    std::vector<dp::SessionRow> session_rows;
    std::vector<dp::AccessRecord> records_at_stop;
    std::atomic<bool> silent{false};
    std::function<void()> while_settling;  // a generation was published, the change is not done
    std::atomic<int> rechecks{0};
    std::atomic<std::size_t> asked_limit{0};
    std::atomic<bool> stopped{false};
    std::atomic<bool> answers_refused{false};  // as by a worker that is behind

   private:
    static dp::WorkerStatus worker(std::uint32_t index) {
        dp::WorkerStatus w;
        w.index = index;
        w.lcore = index + 2;
        w.busy_cycles = 250;
        w.total_cycles = 1000;
        w.counters = {{"rx_packets", 10 + index}, {"sessions_active", 1}, {"log_records_lost", 0}};
        w.reasons.assign(dp::kReasonCount, 0);
        w.reasons[static_cast<std::size_t>(dp::Reason::SniNotAllowed)] = 3;
        return w;
    }
    static dp::PortStatus port(const std::string& name, const std::string& address) {
        dp::PortStatus p;
        p.name = name;
        p.device = "net_ring_" + name;
        p.driver = "net_ring";
        p.mac = "02:00:00:00:00:01";
        p.link_up = true;
        p.mtu = 1500;
        p.rx_queues = p.tx_queues = 2;
        p.addresses = {address};
        return p;
    }
    dp::AccessRecord take_first() {
        const dp::AccessRecord first = records_.front();
        records_.pop_front();
        return first;
    }
    void set_gate(bool closed) {
        const std::lock_guard lock(mutex_);
        gate_closed_ = closed;
        opened_.notify_all();
    }

    mutable std::mutex mutex_;
    std::condition_variable opened_;
    std::vector<std::shared_ptr<const dp::Generation>> published_;
    bool gate_closed_ = false;
    std::deque<dp::AccessRecord> records_;
    std::deque<dp::NameQuery> queries_;
    std::deque<Answered> answers_;
    std::condition_variable answered_;
};

}  // namespace sallyport::ctl
