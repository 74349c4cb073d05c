// SPDX-License-Identifier: Apache-2.0
// Routes and listeners: which listener of ours takes a route, and for which names.
#pragma once
#include <string>
#include <vector>

#include "config/kubernetes/inventory.h"
#include "config/model.h"

namespace sallyport::cfg::kubernetes {

struct Attached {
    const GatewayObject* gateway = nullptr;
    const Listener* listener = nullptr;
    // The names that listener, route and ServiceEntries have in common; owners: into `entries`.
    std::vector<NameSet::Match> names;
};

// The listeners of one parent that take the route. None: `refusal` says why, in the words of the
// Gateway API.
std::vector<Attached> attach(const Inventory& inventory, const RouteRule& route,
                             const GatewayObject& gateway, const ParentRef& parent,
                             Outcome& refusal);

}  // namespace sallyport::cfg::kubernetes
