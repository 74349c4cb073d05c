// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "dataplane/dpdk/dpdk_dataplane.h"
#include "dataplane/dpdk/kernel_path.h"

namespace sallyport::dp {
namespace {

Result<PortSpec, StartError> plan_port(const std::string& name, const std::vector<cfg::Port>& ports,
                                       std::vector<std::string>& warnings) {
    const std::string setting = "ports." + name;
    if (ports.size() != 1)
        return std::unexpected(StartError{setting, "there must be exactly one such port",
                                          "configure one " + name + " port"});
    PortSpec spec;
    spec.name = name;
    spec.model = &ports.front();
    Result<Device, StartError> device = parse_device(setting + ".device", ports.front().device);
    if (!device) return std::unexpected(device.error());
    spec.device = std::move(*device);
    fit_ring_slots(spec.device, ports.front().mtu);
    if (auto error = check_kernel_path(spec.device, warnings)) return std::unexpected(*error);
    return spec;
}

MemoryNeeds needs_of(const StartPlan& plan, std::uint32_t workers) {
    MemoryNeeds needs;
    needs.workers = workers;
    needs.queues = 0;
    for (const PortSpec& port : plan.ports) {
        needs.queues += port.model->queues.value_or(static_cast<std::uint16_t>(workers));
        needs.data_room = std::max(needs.data_room, data_room(port.device, port.model->mtu));
    }
    return needs;
}

}  // namespace

Result<StartPlan, StartError> plan_start(const cfg::Model& model,
                                         std::vector<std::string>& warnings) {
    StartPlan plan;
    auto inside = plan_port("inside", model.inside, warnings);
    if (!inside) return std::unexpected(inside.error());
    auto outside = plan_port("outside", model.outside, warnings);
    if (!outside) return std::unexpected(outside.error());
    if (inside->device.name == outside->device.name)
        return std::unexpected(StartError{"ports.outside.device",
                                          outside->device.name + " is the inside device as well",
                                          "give each port a device of its own"});
    plan.ports = {std::move(*inside), std::move(*outside)};
    auto cpus = plan_cpus(model.workers, allowed_cpus());
    if (!cpus) return std::unexpected(cpus.error());
    plan.cpus = std::move(*cpus);
    for (PortSpec& port : plan.ports)
        port.workers = static_cast<std::uint16_t>(model.workers.count);
    plan.memory = plan_memory(needs_of(plan, model.workers.count));
    auto hugepages = choose_hugepages(model.memory.hugepages, plan.memory.bytes,
                                      free_hugepage_bytes(), warnings);
    if (!hugepages) return std::unexpected(hugepages.error());
    plan.hugepages = *hugepages;
    return plan;
}

}  // namespace sallyport::dp
