// SPDX-License-Identifier: Apache-2.0
#include "dataplane/dpdk/dpdk_dataplane.h"

#include <rte_launch.h>
#include <rte_mempool.h>
#include <sys/random.h>

#include <algorithm>
#include <thread>

#include "dataplane/address_conflicts.h"
#include "dataplane/session/egress_port.h"

namespace sallyport::dp {
namespace {

constexpr auto kPause =
    std::chrono::milliseconds(1);  // of a control thread that waits for a worker
constexpr auto kDuplicateShown = std::chrono::minutes(10);  // after it was heard of last
constexpr std::size_t kVisitedAtOnce = 256;  // rows of a portion, about 1.5 KiB each

int construct_path(void* worker) {
    return static_cast<Worker*>(worker)->construct_path() ? 0 : -1;
}

int run_worker(void* worker) {
    static_cast<Worker*>(worker)->run();
    return 0;
}

void fill_random(void* out, std::size_t length) {
    const ssize_t got = getrandom(out, length, 0);
    SP_CHECK(got == static_cast<ssize_t>(length));  // never short below 256 octets
}

std::string text(const IpAddr& address) {
    std::array<char, kIpTextMax> buffer;
    return std::string(format(address, buffer));
}

bool is_done_by(const ListRequest& request, std::chrono::steady_clock::time_point give_up) {
    while (!request.done.load(std::memory_order_acquire)) {
        if (std::chrono::steady_clock::now() >= give_up) return false;
        std::this_thread::sleep_for(kPause);
    }
    return true;
}

StartError no_memory(const std::string& what) {
    return {"memory.sessions", "no memory for " + what,
            "lower memory.sessions, memory.hold_bytes and memory.relay_bytes, or give the machine "
            "more memory"};
}

}  // namespace

DpdkDataplane::~DpdkDataplane() {
    stop();
}

std::optional<StartError> DpdkDataplane::start(const cfg::Model& model, StartPlan plan,
                                               std::shared_ptr<const Generation> generation) {
    memory_plan_ = plan.memory;
    hugepages_ = plan.hugepages;
    cpus_ = plan.cpus;
    EalOptions options;
    for (const DeviceSpec& spec : plan.devices)
        if (spec.device.pci) options.pci_devices.push_back(spec.device.text());
    options.cpus = plan.cpus;
    options.hugepages = plan.hugepages;
    options.megabytes = plan.memory.megabytes();
    options.file_prefix = "sallyport-" + std::to_string(getpid());
    auto eal = Eal::start(options);
    if (!eal) return eal.error();
    eal_ = std::move(*eal);
    clock_.emplace();
    auto pool = make_pool(plan.memory);
    if (!pool) return pool.error();
    pool_ = std::move(*pool);
    generations_ =
        std::make_unique<PublishedGeneration>(std::move(generation), model.workers.count);
    if (auto error = open_devices(plan)) return error;
    if (auto error = make_workers(model)) return error;
    launch();
    watch_links();
    eal_->log().pass_to_stderr();
    return std::nullopt;
}

std::optional<StartError> DpdkDataplane::open_devices(StartPlan& plan) {
    attachments_ = plan.ports;
    mtu_ = plan.mtu;
    for (DeviceSpec& spec : plan.devices) {
        spec.pool = pool_.get();
        auto device = EthDevice::open(*eal_, spec);
        if (!device) return device.error();
        devices_.push_back(std::move(*device));
    }
    return std::nullopt;
}

std::optional<StartError> DpdkDataplane::make_workers(const cfg::Model& model) {
    std::vector<DeviceQueues> queues;
    for (const auto& device : devices_) queues.push_back({device->id(), device->queues()});
    wiring_ = Wiring::make(model.workers.count, queues, attachments_);
    if (!wiring_) return no_memory("the rings between workers");
    fill_random(&secrets_, sizeof secrets_);
    for (std::uint32_t i = 0; i < model.workers.count; ++i) {
        Worker::Setup setup;
        setup.path = path_config(model, static_cast<WorkerIndex>(i));
        setup.wiring = wiring_->of(i);
        setup.pool = pool_.get();
        setup.generations = generations_.get();
        setup.clock = &*clock_;
        setup.idle = model.workers.idle;
        workers_.push_back(std::make_unique<Worker>(std::move(setup)));
        if (!workers_.back()->has_rings()) return no_memory("the rings of a worker");
        // On its own lcore, so that the tables lie in that CPU's memory.
        rte_eal_remote_launch(construct_path, workers_.back().get(), lcore_of(i));
        if (rte_eal_wait_lcore(lcore_of(i)) != 0)
            return no_memory(std::to_string(model.memory.sessions) + " sessions");
    }
    return std::nullopt;
}

PathConfig DpdkDataplane::path_config(const cfg::Model& model, WorkerIndex worker) const {
    PathConfig config;
    config.worker = worker;
    config.worker_count = static_cast<WorkerIndex>(model.workers.count);
    config.secrets = secrets_;
    for (PortIndex i = 0; i < kPortsMax; ++i) {
        config.macs[i] = device_of(i).mac();
        config.rss[i] = device_of(i).rss();
    }
    config.sessions = std::max(1U, model.memory.sessions / model.workers.count);
    config.hold_bytes = model.memory.hold_bytes / model.workers.count;
    config.relay_bytes = model.memory.relay_bytes / model.workers.count;
    fill_random(&config.seed, sizeof config.seed);
    return config;
}

void DpdkDataplane::launch() {
    for (unsigned i = 0; i < workers_.size(); ++i)
        rte_eal_remote_launch(run_worker, workers_[i].get(), lcore_of(i));
    launched_ = true;
}

void DpdkDataplane::watch_links() {
    std::array<WatchedPort, kPortsMax> watched;
    for (PortIndex i = 0; i < kPortsMax; ++i) {
        watched[i].interfaces = device_of(i).device().kernel_interfaces();
        watched[i].ask = [&device = device_of(i)] { return device.link_up(); };
    }
    LinkWatch::Hooks hooks;
    hooks.on_up = [this](PortIndex port) { announce(port); };
    hooks.chore = [this] { generations_->reclaim(); };
    links_ = std::make_unique<LinkWatch>(std::move(watched), std::move(hooks));
}

// A full message ring loses an announcement, nothing else.
void DpdkDataplane::announce(PortIndex port) {
    for (std::size_t i = 0; i < workers_.size(); ++i)
        post(i, {Message::Kind::Announce, port, nullptr});
}

bool DpdkDataplane::post(std::size_t worker, const Message& message) {
    const std::lock_guard lock(messages_mutex_);
    return !stopped_ && workers_[worker]->post(message);
}

void DpdkDataplane::publish(std::shared_ptr<const Generation> generation) {
    const auto before = generations_->present();
    generations_->publish(generation);
    for (PortIndex i = 0; i < kPortsMax; ++i)
        if (before->settings.ports[i].addresses != generation->settings.ports[i].addresses)
            announce(i);
}

bool DpdkDataplane::settle(std::chrono::milliseconds timeout) {
    const auto give_up = std::chrono::steady_clock::now() + timeout;
    for (;;) {
        generations_->reclaim();
        if (generations_->retired_count() == 0) return true;
        if (std::chrono::steady_clock::now() >= give_up) return false;
        std::this_thread::sleep_for(kPause);
    }
}

bool DpdkDataplane::recheck() {
    bool told = true;
    for (std::size_t i = 0; i < workers_.size(); ++i)
        told = post(i, {Message::Kind::Recheck, 0, nullptr}) && told;
    return told;
}

std::optional<IpAddr> DpdkDataplane::public_address(const EgressSet& set, const IpAddr& client,
                                                    Family family) const {
    return home_address(set, source_hash(secrets_, client), family);
}

std::uint64_t DpdkDataplane::generation_id() const {
    return generations_->present()->id;
}

std::vector<WorkerStatus> DpdkDataplane::workers() const {
    std::vector<WorkerStatus> out;
    for (std::uint32_t i = 0; i < workers_.size(); ++i) {
        const WorkerCycles& cycles = workers_[i]->cycles();
        const Counters& counters = workers_[i]->counters();
        WorkerStatus status;
        status.index = i;
        status.lcore = cpus_.workers[i];
        status.busy_cycles = cycles.busy.value();
        status.total_cycles = cycles.total.value();
        status.polls = cycles.polls.value();
        status.empty_polls = cycles.empty_polls.value();
        status.naps = cycles.naps.value();
#define SP_COUNTER(name, help) status.counters.push_back({#name, counters.name.value()});
#define SP_GAUGE(name, help) status.counters.push_back({#name, counters.name.value()});
#include "dataplane/counters.def"
#undef SP_COUNTER
#undef SP_GAUGE
        for (const Counter& reason : counters.reasons) status.reasons.push_back(reason.value());
        out.push_back(std::move(status));
    }
    return out;
}

std::vector<PortStatus> DpdkDataplane::ports() const {
    std::vector<PortStatus> out;
    const auto present = generations_->present();
    for (PortIndex i = 0; i < kPortsMax; ++i) {
        out.push_back(device_of(i).status());
        out.back().name = i == kInsidePort ? "inside" : "outside";
        out.back().vlan = attachments_[i].vlan;
        out.back().mtu = mtu_[i];
        for (const IpAddr& address : present->settings.ports[i].addresses)
            out.back().addresses.push_back(text(address));
        const LinkState link = stopped_ ? LinkState{} : links_->link(i);
        out.back().link_up = link.up;
        out.back().link_losses = link.losses;
    }
    add_duplicates(out);
    return out;
}

void DpdkDataplane::add_duplicates(std::vector<PortStatus>& ports) const {
    std::array<AddressConflict, AddressConflicts::kMax> conflicts;
    const std::size_t count = workers_.front()->address_conflicts().read(conflicts);
    for (const AddressConflict& c : std::span(conflicts).first(count))
        if (clock_->now() - c.heard < kDuplicateShown)
            ports[c.port].duplicates.push_back({text(c.address), mac_text(c.mac), c.given_up});
}

MemoryStatus DpdkDataplane::memory() const {
    return {memory_plan_.mbufs, rte_mempool_avail_count(pool_.get()), hugepages_};
}

void DpdkDataplane::forget_finished_requests() {
    const std::lock_guard lock(messages_mutex_);
    std::erase_if(requests_, [](const auto& r) { return r->done.load(std::memory_order_acquire); });
}

// Null: the worker could not be asked.
std::shared_ptr<ListRequest> DpdkDataplane::ask_for_sessions(std::size_t worker,
                                                             std::size_t limit,
                                                             std::uint32_t from) {
    auto request = std::make_shared<ListRequest>(limit, from);
    {
        const std::lock_guard lock(messages_mutex_);
        requests_.push_back(request);
    }
    if (post(worker, {Message::Kind::List, 0, request.get()})) return request;
    request->done.store(true);  // no worker knows of it
    return nullptr;
}

std::optional<std::vector<SessionRow>> DpdkDataplane::sessions(std::size_t limit,
                                                               std::chrono::milliseconds timeout) {
    const auto give_up = std::chrono::steady_clock::now() + timeout;
    std::vector<std::shared_ptr<ListRequest>> asked;
    for (std::size_t i = 0; i < workers_.size(); ++i) {
        asked.push_back(ask_for_sessions(i, limit, 0));
        if (asked.back() == nullptr) return std::nullopt;
    }
    std::vector<SessionRow> rows;
    for (const auto& request : asked) {
        if (!is_done_by(*request, give_up)) return std::nullopt;
        const auto end = request->rows.begin() + static_cast<std::ptrdiff_t>(request->used);
        rows.insert(rows.end(), request->rows.begin(), end);
    }
    forget_finished_requests();
    rows.resize(std::min(rows.size(), limit));
    return rows;
}

bool DpdkDataplane::visit_sessions(const std::function<void(const SessionRow&)>& visit,
                                   std::chrono::milliseconds timeout) {
    for (std::size_t worker = 0; worker < workers_.size(); ++worker) {
        std::uint32_t cursor = 0;
        do {
            const auto asked = ask_for_sessions(worker, kVisitedAtOnce, cursor);
            if (asked == nullptr) return false;
            if (!is_done_by(*asked, std::chrono::steady_clock::now() + timeout)) return false;
            for (std::size_t i = 0; i < asked->used; ++i) visit(asked->rows[i]);
            cursor = asked->cursor;
            forget_finished_requests();
        } while (cursor != 0);
    }
    return true;
}

std::size_t DpdkDataplane::take_records(std::span<AccessRecord> records) {
    const std::lock_guard lock(records_mutex_);
    std::size_t taken = 0;
    for (; taken < records.size() && !late_records_.empty(); late_records_.pop_front())
        records[taken++] = late_records_.front();
    for (std::size_t i = 0; i < workers_.size() && taken < records.size(); ++i) {
        taken += workers_[next_worker_]->take_records(records.subspan(taken));
        next_worker_ = (next_worker_ + 1) % workers_.size();
    }
    return taken;
}

std::size_t DpdkDataplane::take_queries(std::span<NameQuery> queries) {
    std::size_t taken = 0;
    for (std::size_t i = 0; i < workers_.size() && taken < queries.size(); ++i) {
        taken += workers_[next_asker_]->take_queries(queries.subspan(taken));
        next_asker_ = (next_asker_ + 1) % workers_.size();
    }
    return taken;
}

std::size_t DpdkDataplane::give_answers(WorkerIndex worker, std::span<const NameAnswer> answers) {
    SP_ASSERT(worker < workers_.size());
    return workers_[worker]->give_answers(answers);
}

// The log writer may be the very thread that stops us; so make room for the last records here.
void DpdkDataplane::keep_records_while_stopping() {
    const std::lock_guard lock(records_mutex_);
    std::array<AccessRecord, 64> some;
    for (const std::unique_ptr<Worker>& worker : workers_)
        while (const std::uint32_t n = worker->take_records(some))
            late_records_.insert(late_records_.end(), some.begin(), some.begin() + n);
}

void DpdkDataplane::stop() {
    const std::lock_guard lock(stop_mutex_);
    if (stopped_ || !launched_) return;
    links_.reset();
    for (const std::unique_ptr<Worker>& worker : workers_) worker->request_stop();
    for (unsigned i = 0; i < workers_.size(); ++i) {
        while (!workers_[i]->finished()) {
            keep_records_while_stopping();
            std::this_thread::sleep_for(kPause);
        }
        rte_eal_wait_lcore(lcore_of(i));
    }
    keep_records_while_stopping();
    stopped_ = true;
    wiring_->drain();
    for (const std::unique_ptr<EthDevice>& device : devices_) device->stop();
}

Result<std::unique_ptr<Dataplane>, StartError> start_dataplane(
    const cfg::Model& model, std::shared_ptr<const Generation> generation,
    std::vector<std::string>& warnings) {
    auto plan = plan_start(model, warnings);
    if (!plan) return std::unexpected(plan.error());
    auto dataplane = std::make_unique<DpdkDataplane>();
    if (auto error = dataplane->start(model, std::move(*plan), std::move(generation)))
        return std::unexpected(*error);
    return dataplane;
}

}  // namespace sallyport::dp
