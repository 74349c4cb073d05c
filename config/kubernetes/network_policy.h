// SPDX-License-Identifier: Apache-2.0
// NetworkPolicy: what it says of networks outside (`ipBlock`) becomes layer-4 rules. The rest is
// about pods, and carried out by the cluster's network.
#pragma once
#include "config/kubernetes/new_rules.h"
#include "config/kubernetes/view.h"
#include "config/model.h"

namespace sallyport::cfg::kubernetes {

// What one rule may list: ports, ranges counted one by one, and exceptions of one network. More is
// a finding.
inline constexpr std::size_t kPolicyPortsMax = 1024;
inline constexpr std::size_t kExceptionsMax = 256;

// An empty podSelector is every client when there is no map of workloads, and the workloads of the
// policy's namespace when there is one.
void add_network_policy(const View& spec, const Kubernetes& settings, NewRules& rules);

}  // namespace sallyport::cfg::kubernetes
