// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/rig.h"

#include <rte_eth_ring.h>
#include <rte_ethdev.h>
#include <unistd.h>

#include <string>

#include "dataplane/policy/compile.h"
#include "tests/bench/addresses.h"

namespace sallyport::bench {
namespace {

constexpr std::uint32_t kWireFrames = 1024;
constexpr std::array<const char*, dp::kPortsMax> kPortNames{"inside", "outside"};

dp::MemoryPlan memory_plan() {
    dp::MemoryNeeds needs;
    needs.queues = dp::kPortsMax;
    return dp::plan_memory(needs);
}

rte_ring* make_ring(const std::string& name) {
    return rte_ring_create(name.c_str(), kWireFrames, SOCKET_ID_ANY, RING_F_SP_ENQ | RING_F_SC_DEQ);
}

dp::StartError no_rings() {
    return {"memory", "no memory for the wires of the benchmark", "give the machine more memory"};
}

// The secrets are fixed, so that every run fills the same buckets of the tables.
dp::PathConfig path_config(const cfg::Model& model) {
    dp::PathConfig config;
    config.secrets = {{1, 2}, {3, 4}, {5, 6}, {7, 8}};
    config.macs = kGateMacs;
    config.sessions = model.memory.sessions;
    config.hold_bytes = model.memory.hold_bytes;
    config.relay_bytes = model.memory.relay_bytes;
    return config;
}

cfg::Port port(const char* address, std::uint8_t length) {
    cfg::Port out;
    out.addresses = {{*IpAddr::parse(address), length, {}}};
    return out;
}

}  // namespace

void Rig::FreeRing::operator()(rte_ring* ring) const {
    rte_ring_free(ring);
}

Rig::~Rig() = default;

Result<std::unique_ptr<Rig>, dp::StartError> Rig::start() {
    std::unique_ptr<Rig> rig(new Rig());
    const dp::MemoryPlan memory = memory_plan();
    rig->hugepages_ = dp::free_hugepage_bytes() >= memory.bytes;
    dp::EalOptions options;
    options.cpus.control = {dp::allowed_cpus().back()};  // lcore 0: this thread
    options.hugepages = rig->hugepages_;
    options.megabytes = memory.megabytes();
    options.file_prefix = "sallyport-bench-" + std::to_string(getpid());
    auto eal = dp::Eal::start(options);
    if (!eal) return std::unexpected(eal.error());
    rig->eal_ = std::move(*eal);
    rig->clock_.emplace();
    auto pool = dp::make_pool(memory);
    if (!pool) return std::unexpected(pool.error());
    rig->pool_ = std::move(*pool);
    for (dp::PortIndex i = 0; i < dp::kPortsMax; ++i)
        if (auto error = rig->open_port(i)) return std::unexpected(*error);
    const std::vector<dp::DeviceQueues> queues{{rig->ports_[0]->id(), 1}, {rig->ports_[1]->id(), 1}};
    rig->wiring_ = dp::Wiring::make(1, queues, {{{.device = 0, .vlan = dp::kNoVlan}, {.device = 1, .vlan = dp::kNoVlan}}});
    if (!rig->wiring_) return std::unexpected(no_rings());
    return rig;
}

std::optional<dp::StartError> Rig::open_port(dp::PortIndex i) {
    const std::string name = kPortNames[i];
    Wire& wire = wires_[i];
    wire.in.reset(make_ring("in_" + name));
    wire.out.reset(make_ring("out_" + name));
    if (!wire.in || !wire.out) return no_rings();
    rte_ring* in = wire.in.get();
    rte_ring* out = wire.out.get();
    if (rte_eth_from_rings(name.c_str(), &in, 1, &out, 1, 0) < 0) return no_rings();
    dp::DeviceSpec spec;
    spec.port = name;
    spec.device.name = "net_ring_" + name;  // as rte_eth_from_rings() calls it
    spec.device.driver = "net_ring";
    spec.pool = pool_.get();
    auto opened = dp::EthDevice::open(*eal_, spec);
    if (!opened) return opened.error();
    ports_[i] = std::move(*opened);
    return std::nullopt;
}

bool Rig::new_worker(const cfg::Model& model) {
    worker_.reset();
    left_in_stock_ = rte_mempool_in_use_count(pool_.get());
    auto generation = std::make_unique<const dp::Generation>(dp::policy::compile(model));
    generations_ = std::make_unique<dp::PublishedGeneration>(std::move(generation), 1);
    dp::Worker::Setup setup;
    setup.path = path_config(model);
    setup.wiring = wiring_->of(0);
    setup.pool = pool_.get();
    setup.generations = generations_.get();
    setup.clock = &*clock_;
    setup.idle = cfg::Idle::Poll;
    worker_ = std::make_unique<dp::Worker>(std::move(setup));
    if (!worker_->has_rings() || !worker_->construct_path()) return false;
    generations_->join(0);
    return true;
}

void Rig::arrive(dp::PortIndex port, std::span<const std::uint8_t> frame) {
    rte_mbuf* mbuf = rte_pktmbuf_alloc(pool_.get());
    SP_CHECK(mbuf != nullptr && frame.size() <= rte_pktmbuf_tailroom(mbuf));
    std::memcpy(rte_pktmbuf_append(mbuf, static_cast<std::uint16_t>(frame.size())), frame.data(),
                frame.size());
    SP_CHECK(rte_ring_sp_enqueue(wires_[port].in.get(), mbuf) == 0);
}

void Rig::settle() {
    const Instant end = clock_->now() + std::chrono::milliseconds(5);
    while (clock_->now() < end) turn();
}

void Rig::swap_macs() {
    for (dp::PortIndex i = 0; i < dp::kPortsMax; ++i) {
        dp::MbufBurst burst;
        const std::uint16_t n = rte_eth_rx_burst(ports_[i]->id(), 0, burst.data(), dp::kBurstMax);
        for (std::uint16_t k = 0; k < n; ++k) {
            auto* ethernet = rte_pktmbuf_mtod(burst[k], rte_ether_hdr*);
            std::swap(ethernet->src_addr, ethernet->dst_addr);
        }
        const std::uint16_t sent = rte_eth_tx_burst(ports_[1 - i]->id(), 0, burst.data(), n);
        SP_CHECK(sent == n);
    }
}

bool Rig::departed(dp::PortIndex port, std::vector<std::uint8_t>& out) {
    void* object = nullptr;
    if (rte_ring_sc_dequeue(wires_[port].out.get(), &object) != 0) return false;
    auto* mbuf = static_cast<rte_mbuf*>(object);
    const auto* data = rte_pktmbuf_mtod(mbuf, const std::uint8_t*);
    out.assign(data, data + mbuf->data_len);
    rte_pktmbuf_free(mbuf);
    return true;
}

std::span<const dp::AccessRecord> Rig::records() {
    records_.resize(dp::kRecordRing);
    return {records_.data(), worker_->take_records(records_)};
}

std::uint32_t Rig::buffers_in_use() const {
    return rte_mempool_in_use_count(pool_.get()) - left_in_stock_;
}

cfg::Model bench_model(std::uint32_t names, cfg::Protocol protocol) {
    cfg::Model model;
    model.inside = {port("10.10.0.1", 24)};
    model.inside.front().routes = {
        {*IpPrefix::parse("10.20.0.0/16"), *IpAddr::parse("10.10.0.254"), {}}};
    model.outside = {port("198.51.100.2", 24)};
    model.outside.front().next_hop = {*IpAddr::parse("198.51.100.1")};
    cfg::EgressSet egress;
    egress.name = "public";
    egress.addresses = {*IpAddr::parse("198.51.100.7"), *IpAddr::parse("198.51.100.8")};
    model.egress = {egress};
    cfg::Rule rule;
    rule.name = "bench";
    rule.protocols = {{protocol, protocol == cfg::Protocol::Http ? kHttpPort : kTlsPort}};
    rule.upstream.destination = cfg::Destination::Original;
    rule.upstream.networks = {*IpPrefix::parse("0.0.0.0/0")};
    for (std::uint32_t i = 0; i < names; ++i)
        rule.hosts.push_back({std::to_string(i) + ".allowed.example", false, {}});
    model.policy.rules = {rule};
    return model;
}

}  // namespace sallyport::bench
