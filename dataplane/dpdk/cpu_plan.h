// SPDX-License-Identifier: Apache-2.0
// Which CPU each worker gets and which are left to control.
#pragma once
#include <span>
#include <string>
#include <vector>

#include "config/model.h"
#include "dataplane/dataplane.h"

namespace sallyport::dp {

using Cpu = std::uint32_t;

struct CpuPlan {
    std::vector<Cpu> workers;  // by worker index
    std::vector<Cpu> control;  // never empty; shares the workers' CPUs only if there are no others
};

// `allowed`: the CPUs that the process may use, ascending.
Result<CpuPlan, StartError> plan_cpus(const cfg::Workers& workers, std::span<const Cpu> allowed);
std::vector<Cpu> allowed_cpus();

// EAL's lcore 0 is control; worker i is lcore i + 1.
constexpr unsigned lcore_of(unsigned worker) {
    return worker + 1;
}
// EAL's --lcores: "0@(0,1),1@0".
std::string lcores_text(const CpuPlan& plan);

}  // namespace sallyport::dp
