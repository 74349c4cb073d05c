// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/dpdk/support/gate.h"

#include <gtest/gtest.h>

#include <chrono>
#include <thread>

#include "dataplane/policy/compile.h"

namespace sallyport::dp::test {
namespace {

cfg::Port port(const std::string& device, Ipv4Addr address) {
    cfg::Port p;
    p.device = device;
    p.addresses.push_back({address, 24, {}});
    return p;
}

}  // namespace

cfg::Model gate_model() {
    cfg::Model model;
    model.inside = {port("net_af_packet0,iface=gi", {{10, 10, 0, 1}})};
    model.outside = {port("net_af_packet1,iface=go", {{203, 0, 113, 2}})};
    model.memory.hugepages = cfg::Hugepages::Off;
    model.memory.sessions = 1024;
    return model;
}

cfg::Model ring_model() {
    cfg::Model model = gate_model();
    model.inside.front().device = "net_ring0";
    model.outside.front().device = "net_ring1";
    return model;
}

std::unique_ptr<const Generation> generation_of(const cfg::Model& model, std::uint64_t id) {
    return std::make_unique<const Generation>(policy::compile(model, {.generation_id = id}));
}

Result<std::unique_ptr<Dataplane>, StartError> start(const cfg::Model& model) {
    std::vector<std::string> warnings;
    return start_dataplane(model, generation_of(model), warnings);
}

std::unique_ptr<Dataplane> running(const cfg::Model& model) {
    auto gate = start(model);
    if (gate) return std::move(*gate);
    ADD_FAILURE() << gate.error().setting << ": " << gate.error().what << "; "
                  << gate.error().remedy;
    return nullptr;
}

std::uint64_t counter(const Dataplane& gate, std::size_t worker, std::string_view name) {
    const WorkerStatus status = gate.workers().at(worker);
    for (const NamedValue& value : status.counters)
        if (value.name == name) return value.value;
    ADD_FAILURE() << "no counter " << name;
    return 0;
}

std::uint64_t reason(const Dataplane& gate, std::size_t worker, Reason r) {
    return gate.workers().at(worker).reasons.at(static_cast<std::size_t>(r));
}

bool eventually(const std::function<bool()>& condition) {
    const auto give_up = std::chrono::steady_clock::now() + std::chrono::seconds(5);
    while (!condition()) {
        if (std::chrono::steady_clock::now() > give_up) return false;
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    return true;
}

}  // namespace sallyport::dp::test
