// SPDX-License-Identifier: Apache-2.0
// Which clients a rule is for. Objects say it by namespaces and labels of pods, which only the map
// of the native form (kubernetes.workloads) can turn into addresses.
#pragma once
#include <string>
#include <vector>

#include "config/kubernetes/view.h"
#include "config/model.h"

namespace sallyport::cfg::kubernetes {

struct Sources {
    bool every = true;  // else `networks`
    std::vector<IpPrefix> networks;

    bool is_nobody() const { return !every && networks.empty(); }
    void narrow(const Sources& other);
    void widen(const Sources& other);
    friend bool operator==(const Sources&, const Sources&) = default;
};

Sources nobody();
Sources only(std::vector<IpPrefix> networks);
// The workloads of a namespace (empty: of each) that have all the labels.
Sources workloads(const Kubernetes& settings, std::string_view name_space,
                  const std::vector<Label>& labels);

// exportTo: namespaces, "." for that of the object, "*" for all (the default), "~" for none.
// Without a map, what narrows is objected to.
Sources read_export_to(const View& spec, const Kubernetes& settings);

// sourceNamespace and sourceLabels of a match.
Sources read_source_match(const View& match, const Kubernetes& settings);

}  // namespace sallyport::cfg::kubernetes
