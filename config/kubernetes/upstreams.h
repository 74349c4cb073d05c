// SPDX-License-Identifier: Apache-2.0
// The servers behind a backend of a route: its ServiceEntry, subset and DestinationRule as
// upstreams of a rule.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "config/kubernetes/inventory.h"
#include "config/model.h"
#include "tcpstack/base/result.h"

namespace sallyport::cfg::kubernetes {

struct Resolved {
    const ServiceEntry* entry = nullptr;
    const HostPattern* host = nullptr;     // of the entry; a wildcard: only names below it
    std::vector<Upstream> upstreams = {};  // at least one; their weights share the backend's out
    Sources exported = {};                 // to whom its DestinationRule is exported
};

struct Unresolved {
    FindingCode code = FindingCode::DanglingReference;
    std::string reason = {};  // in the words of the Gateway API
    std::string message = {};
    std::string hint = {};
};

// `port` is that of the listener, which clients dial. Without `all`, DestinationRules that are
// exported to some clients only do not count.
Result<Resolved, Unresolved> resolve(const Inventory& inventory, const Backend& backend,
                                     Protocol protocol, std::uint16_t port, bool all);

}  // namespace sallyport::cfg::kubernetes
