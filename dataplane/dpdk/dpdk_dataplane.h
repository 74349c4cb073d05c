// SPDX-License-Identifier: Apache-2.0
// The data plane on DPDK: what is started in which order, and taken down in the reverse one.
#pragma once
#include <array>
#include <atomic>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "dataplane/dataplane.h"
#include "dataplane/dpdk/cpu_plan.h"
#include "dataplane/dpdk/eal.h"
#include "dataplane/dpdk/eth_device.h"
#include "dataplane/dpdk/generation.h"
#include "dataplane/dpdk/link_watch.h"
#include "dataplane/dpdk/mbuf.h"
#include "dataplane/dpdk/memory_plan.h"
#include "dataplane/dpdk/tsc_clock.h"
#include "dataplane/dpdk/wiring.h"
#include "dataplane/dpdk/worker.h"

namespace sallyport::dp {

// Everything that is decided before anything is touched.
struct StartPlan {
    std::vector<DeviceSpec> devices;  // one for each port, or one for both
    Attachments ports;
    std::array<std::uint16_t, kPortsMax> mtu{};  // of the ports
    CpuPlan cpus;
    MemoryPlan memory;
    bool hugepages = false;
};
Result<StartPlan, StartError> plan_start(const cfg::Model& model,
                                         std::vector<std::string>& warnings);

class DpdkDataplane final : public Dataplane {
   public:
    ~DpdkDataplane() override;

    std::optional<StartError> start(const cfg::Model& model, StartPlan plan,
                                    std::shared_ptr<const Generation> generation);

    void publish(std::shared_ptr<const Generation> generation) override;
    bool settle(std::chrono::milliseconds timeout) override;
    bool recheck() override;
    std::uint64_t generation_id() const override;
    std::optional<IpAddr> public_address(const EgressSet& set, const IpAddr& client,
                                         Family family) const override;
    std::vector<WorkerStatus> workers() const override;
    std::vector<PortStatus> ports() const override;
    MemoryStatus memory() const override;
    std::optional<std::vector<SessionRow>> sessions(std::size_t limit,
                                                    std::chrono::milliseconds timeout) override;
    bool visit_sessions(const std::function<void(const SessionRow&)>& visit,
                        std::chrono::milliseconds timeout) override;
    std::size_t take_records(std::span<AccessRecord> records) override;
    std::size_t take_queries(std::span<NameQuery> queries) override;
    std::size_t give_answers(WorkerIndex worker, std::span<const NameAnswer> answers) override;
    Instant now() const override { return clock_->now(); }
    void stop() override;

   private:
    std::optional<StartError> open_devices(StartPlan& plan);
    std::optional<StartError> make_workers(const cfg::Model& model);
    PathConfig path_config(const cfg::Model& model, WorkerIndex worker) const;
    const EthDevice& device_of(PortIndex port) const { return *devices_[attachments_[port].device]; }
    void launch();
    void watch_links();
    void announce(PortIndex port);
    void add_duplicates(std::vector<PortStatus>& ports) const;
    std::shared_ptr<ListRequest> ask_for_sessions(std::size_t worker, std::size_t limit,
                                                  std::uint32_t from);
    bool post(std::size_t worker, const Message& message);
    void forget_finished_requests();
    void keep_records_while_stopping();

    // In the order in which they are made; destroyed in reverse.
    std::unique_ptr<Eal> eal_;
    std::optional<TscClock> clock_;
    MemoryPlan memory_plan_;
    bool hugepages_ = false;
    CpuPlan cpus_;
    MbufPool pool_;
    std::unique_ptr<PublishedGeneration> generations_;
    std::vector<std::unique_ptr<EthDevice>> devices_;
    Attachments attachments_;
    std::array<std::uint16_t, kPortsMax> mtu_{};
    std::unique_ptr<Wiring> wiring_;
    Secrets secrets_;
    std::vector<std::shared_ptr<ListRequest>> requests_;  // that a worker may still write to
    std::vector<std::unique_ptr<Worker>> workers_;
    std::unique_ptr<LinkWatch> links_;

    mutable std::mutex records_mutex_;
    std::deque<AccessRecord> late_records_;  // of sessions that ended by stop()
    std::size_t next_worker_ = 0;            // whose records are taken first
    std::size_t next_asker_ = 0;             // whose questions are taken first
    std::mutex messages_mutex_;              // producers of the message rings, requests_
    std::mutex stop_mutex_;
    std::atomic<bool> launched_ = false, stopped_ = false;
};

}  // namespace sallyport::dp
