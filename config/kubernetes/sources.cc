// SPDX-License-Identifier: Apache-2.0
#include "config/kubernetes/sources.h"

#include <algorithm>
#include <utility>

#include "config/kubernetes/values.h"

namespace sallyport::cfg::kubernetes {
namespace {

bool has_labels(const Workload& workload, const std::vector<Label>& labels) {
    return std::ranges::all_of(labels, [&](const Label& label) {
        return std::ranges::find(workload.labels, label) != workload.labels.end();
    });
}

void need_map(const View& view, std::string_view key) {
    const View at = view.map(key);
    view.object().objections.push_back(
        {FindingCode::NeedsWorkloads,
         at.where(),
         at.path(),
         {'\'' + std::string(key) + "' needs a map of workloads to addresses",
          "list the pods' networks under kubernetes.workloads of the native form"}});
}

}  // namespace

void Sources::narrow(const Sources& other) {
    if (other.every) return;
    networks = every ? other.networks : intersection(networks, other.networks);
    every = false;
}

void Sources::widen(const Sources& other) {
    every = every || other.every;
    for (const IpPrefix& network : other.networks)
        if (std::ranges::find(networks, network) == networks.end()) networks.push_back(network);
    if (every) networks.clear();
}

Sources nobody() {
    return {.every = false, .networks = {}};
}

Sources only(std::vector<IpPrefix> networks) {
    return {.every = false, .networks = std::move(networks)};
}

Sources workloads(const Kubernetes& settings, std::string_view name_space,
                  const std::vector<Label>& labels) {
    Sources found = nobody();
    for (const Workload& workload : settings.workloads) {
        const bool here = name_space.empty() || workload.name_space == name_space;
        if (here && has_labels(workload, labels)) found.widen(only(workload.networks));
    }
    return found;
}

Sources read_export_to(const View& spec, const Kubernetes& settings) {
    if (spec.values("exportTo").empty()) return {};
    Sources sources = nobody();
    bool needs_map = false;
    for (const std::string& text : spec.texts("exportTo")) {
        if (text == "*") return {};
        if (text == "~") continue;
        needs_map = true;
        sources.widen(workloads(settings, text == "." ? spec.object().name_space : text, {}));
    }
    if (needs_map && settings.workloads.empty()) need_map(spec, "exportTo");
    return sources;
}

Sources read_source_match(const View& match, const Kubernetes& settings) {
    if (!match.has("sourceLabels") && !match.has("sourceNamespace")) return {};
    if (settings.workloads.empty())
        need_map(match, match.has("sourceLabels") ? "sourceLabels" : "sourceNamespace");
    return workloads(settings, match.text("sourceNamespace"), match.labels("sourceLabels"));
}

}  // namespace sallyport::cfg::kubernetes
