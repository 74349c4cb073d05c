// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "dataplane/dpdk/dpdk_dataplane.h"
#include "dataplane/dpdk/kernel_path.h"

namespace sallyport::dp {
namespace {

using PortModels = std::array<const cfg::Port*, kPortsMax>;

constexpr std::array<const char*, kPortsMax> kNames{"inside", "outside"};

Result<PortModels, StartError> ports_of(const cfg::Model& model) {
    PortModels out{};
    const std::array<const std::vector<cfg::Port>*, kPortsMax> sides{&model.inside, &model.outside};
    for (PortIndex i = 0; i < kPortsMax; ++i) {
        const std::string name = kNames[i];
        if (sides[i]->size() != 1)
            return std::unexpected(StartError{"ports." + name, "there must be exactly one such port",
                                              "configure one " + name + " port"});
        out[i] = &sides[i]->front();
    }
    return out;
}

Result<DeviceSpec, StartError> plan_device(const char* port, const cfg::Port& model) {
    auto device = parse_device("ports." + std::string(port) + ".device", model.device);
    if (!device) return std::unexpected(device.error());
    DeviceSpec spec;
    spec.device = std::move(*device);
    spec.port = port;
    spec.mtu = model.mtu;
    spec.queues = model.queues;
    return spec;
}

// One-arm: the outside port is another VLAN of the inside device.
std::optional<StartError> share_device(const PortModels& ports, DeviceSpec& spec) {
    const cfg::Port &inside = *ports[kInsidePort], &outside = *ports[kOutsidePort];
    if (!inside.vlan || !outside.vlan || inside.vlan == outside.vlan)
        return StartError{"ports.outside.device", spec.device.name + " is the inside device as well",
                          "give each port a device of its own, or a vlan of its own"};
    spec.mtu = std::max(inside.mtu, outside.mtu);
    if (outside.queues) spec.queues = outside.queues;
    return std::nullopt;
}

std::optional<StartError> plan_devices(const PortModels& ports, StartPlan& plan,
                                       std::vector<std::string>& warnings) {
    for (PortIndex i = 0; i < kPortsMax; ++i) {
        auto spec = plan_device(kNames[i], *ports[i]);
        if (!spec) return spec.error();
        const bool shared = i > 0 && spec->device.name == plan.devices.front().device.name;
        if (!shared) plan.devices.push_back(std::move(*spec));
        else if (auto error = share_device(ports, plan.devices.front())) return error;
        plan.ports[i] = {static_cast<std::uint8_t>(plan.devices.size() - 1),
                         ports[i]->vlan.value_or(kNoVlan)};
        plan.mtu[i] = ports[i]->mtu;
    }
    for (DeviceSpec& spec : plan.devices) {
        fit_ring_slots(spec.device, spec.mtu);
        if (auto error = check_kernel_path(spec.device, warnings)) return error;
    }
    return std::nullopt;
}

MemoryNeeds needs_of(const StartPlan& plan, std::uint32_t workers) {
    MemoryNeeds needs;
    needs.workers = workers;
    needs.queues = 0;
    for (const DeviceSpec& spec : plan.devices) {
        needs.queues += spec.queues.value_or(static_cast<std::uint16_t>(workers));
        needs.data_room = std::max(needs.data_room, data_room(spec.device, spec.mtu));
    }
    return needs;
}

}  // namespace

Result<StartPlan, StartError> plan_start(const cfg::Model& model,
                                         std::vector<std::string>& warnings) {
    StartPlan plan;
    const auto ports = ports_of(model);
    if (!ports) return std::unexpected(ports.error());
    if (auto error = plan_devices(*ports, plan, warnings)) return std::unexpected(*error);
    auto cpus = plan_cpus(model.workers, allowed_cpus());
    if (!cpus) return std::unexpected(cpus.error());
    plan.cpus = std::move(*cpus);
    for (DeviceSpec& spec : plan.devices)
        spec.workers = static_cast<std::uint16_t>(model.workers.count);
    plan.memory = plan_memory(needs_of(plan, model.workers.count));
    auto hugepages = choose_hugepages(model.memory.hugepages, plan.memory.bytes,
                                      free_hugepage_bytes(), warnings);
    if (!hugepages) return std::unexpected(hugepages.error());
    plan.hugepages = *hugepages;
    return plan;
}

}  // namespace sallyport::dp
