// SPDX-License-Identifier: Apache-2.0
#include "dataplane/dpdk/cpu_plan.h"

#include <sched.h>

#include <algorithm>

namespace sallyport::dp {
namespace {

std::string joined(std::span<const Cpu> cpus) {
    std::string out;
    for (const Cpu cpu : cpus) out += (out.empty() ? "" : ",") + std::to_string(cpu);
    return out;
}

bool contains(std::span<const Cpu> cpus, Cpu cpu) {
    return std::ranges::find(cpus, cpu) != cpus.end();
}

StartError wrong_count(const cfg::Workers& workers, std::span<const Cpu> allowed) {
    return {"workers.count",
            std::to_string(workers.count) +
                " workers do not fit the CPUs that the process may use (" + joined(allowed) + ")",
            "lower workers.count, or name a CPU for each worker in workers.cpus"};
}

}  // namespace

Result<CpuPlan, StartError> plan_cpus(const cfg::Workers& workers, std::span<const Cpu> allowed) {
    if (workers.count == 0 || workers.count > kWorkersMax || allowed.empty())
        return std::unexpected(wrong_count(workers, allowed));
    CpuPlan plan;
    if (workers.cpus.empty()) {
        if (workers.count > allowed.size()) return std::unexpected(wrong_count(workers, allowed));
        plan.workers.assign(allowed.begin(), allowed.begin() + workers.count);
    } else {
        if (workers.cpus.size() != workers.count)
            return std::unexpected(StartError{
                "workers.cpus", "it names another number of CPUs than workers.count",
                "name one CPU for each of the " + std::to_string(workers.count) + " workers"});
        plan.workers = workers.cpus;
    }
    for (const Cpu cpu : plan.workers)
        if (!contains(allowed, cpu))
            return std::unexpected(StartError{
                "workers.cpus", "CPU " + std::to_string(cpu) + " is not available to the process",
                "choose from " + joined(allowed)});
    for (const Cpu cpu : allowed)
        if (!contains(plan.workers, cpu)) plan.control.push_back(cpu);
    if (plan.control.empty()) plan.control.assign(allowed.begin(), allowed.end());
    return plan;
}

std::vector<Cpu> allowed_cpus() {
    cpu_set_t set;
    CPU_ZERO(&set);
    std::vector<Cpu> cpus;
    if (sched_getaffinity(0, sizeof set, &set) != 0) return cpus;
    for (Cpu cpu = 0; cpu < CPU_SETSIZE; ++cpu)
        if (CPU_ISSET(cpu, &set)) cpus.push_back(cpu);
    return cpus;
}

std::string lcores_text(const CpuPlan& plan) {
    std::string out = "0@(" + joined(plan.control) + ")";
    for (unsigned i = 0; i < plan.workers.size(); ++i)
        out += "," + std::to_string(lcore_of(i)) + "@" + std::to_string(plan.workers[i]);
    return out;
}

}  // namespace sallyport::dp
