// SPDX-License-Identifier: Apache-2.0
#include "config/kubernetes/network_policy.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "config/kubernetes/sources.h"
#include "config/kubernetes/values.h"
#include "config/shown.h"
#include "config/units.h"

namespace sallyport::cfg::kubernetes {
namespace {

std::vector<IpPrefix> read_block(const View& block) {
    const auto cidr = block.value("cidr");
    block.need("cidr");
    const auto network = cidr ? read_network(*cidr) : std::nullopt;
    if (!network) return {};
    std::vector<IpPrefix> holes;
    if (block.values("except").size() > kExceptionsMax) {
        block.map("except").fail(FindingCode::OutOfRange,
                                 "more than " + std::to_string(kExceptionsMax) + " exceptions");
        return {};
    }
    for (const Placed& value : block.values("except")) {
        const auto hole = read_network(value);
        if (!hole) return {};
        if (!contains(*network, *hole))
            value.fail(FindingCode::ObjectMismatch,
                       shown(value.text()) + " is not within " + cidr->text());
        holes.push_back(*hole);
    }
    return without(*network, holes);
}

std::optional<Protocol> read_port_protocol(const View& port) {
    const auto value = port.value("protocol");
    if (!value || value->text() == "TCP") return Protocol::Tcp;
    if (value->text() == "UDP") return Protocol::Udp;
    if (value->text() == "SCTP")
        value->fail(FindingCode::RefusedField, "SCTP is refused", "the gate carries TCP and UDP");
    else
        value->fail(FindingCode::UnknownChoice, shown(value->text()) + " is not a choice here",
                    "choices: TCP, UDP");
    return std::nullopt;
}

void add_ports(const View& view, std::vector<ProtocolPort>& ports) {
    const auto protocol = read_port_protocol(view);
    const auto value = view.value("port");
    if (!value)
        return view.fail(FindingCode::RefusedField, "all ports of a protocol are refused",
                         "name the ports");
    const auto first = parse_number(value->text());
    if (value->node.quoted || !first)
        return value->fail(FindingCode::NeedsWorkloads,
                           "the named port " + shown(value->text()) + " is refused",
                           "only the pods know what it is: write its number");
    if (*first < 1 || *first > 65535)
        return value->fail(FindingCode::OutOfRange, shown(value->text()) + " is not in 1 to 65535");
    const std::uint64_t last = view.port("endPort").value_or(static_cast<std::uint16_t>(*first));
    if (last < *first) return view.fail(FindingCode::ObjectMismatch, "endPort is less than port");
    if (last - *first >= kPolicyPortsMax)
        return view.fail(
            FindingCode::RefusedField,
            "a range of more than " + std::to_string(kPolicyPortsMax) + " ports is refused");
    if (!protocol) return;
    for (std::uint64_t port = *first; port <= last; ++port) {
        const ProtocolPort item{*protocol, static_cast<std::uint16_t>(port)};
        if (std::ranges::find(ports, item) == ports.end()) ports.push_back(item);
    }
}

// Which clients the policy is for.
Sources read_pods(const View& spec, const Kubernetes& settings) {
    const View selector = spec.map("podSelector");
    const bool empty = !selector.has("matchLabels") && !selector.has("matchExpressions");
    if (settings.workloads.empty()) {
        if (!empty)
            selector.fail(FindingCode::NeedsWorkloads,
                          "'podSelector' needs a map of workloads to addresses",
                          "list the pods' networks under kubernetes.workloads of the native form");
        return {};
    }
    return workloads(settings, spec.object().name_space, selector.labels("matchLabels"));
}

bool is_about_networks(const View& rule) {
    return std::ranges::any_of(rule.maps("to"),
                               [](const View& peer) { return peer.has("ipBlock"); });
}

void add_egress(const View& view, std::size_t index, const Sources& pods, NewRules& rules) {
    Object& object = view.object();
    Rule rule;
    for (const View& peer : view.maps("to"))
        if (peer.has("ipBlock"))
            for (const IpPrefix& network : read_block(peer.map("ipBlock")))
                rule.networks.push_back(network);
    for (const View& port : view.maps("ports")) add_ports(port, rule.protocols);
    if (!view.has("ports")) {
        view.fail(FindingCode::OpensNothing, "all ports of a network stay closed",
                  "name the ports, and the networks are opened on them");
        object.not_ours.push_back(view.path());
    }
    if (pods.is_nobody())
        view.fail(FindingCode::OpensNothing, "no workload that is known is picked",
                  "see kubernetes.workloads of the native form");
    if (rule.networks.empty() || rule.protocols.empty() || pods.is_nobody()) return;
    for (const IpPrefix& network : pods.networks) rule.sources.push_back({network, {}});
    rule.upstream.destination = Destination::Original;
    rule.mark = view.where().mark;
    object.rules.push_back(rules.add(std::move(rule), object, index, {}));
}

bool is_egress(const View& spec) {
    const std::vector<std::string> types = spec.texts("policyTypes");
    return types.empty() || std::ranges::find(types, "Egress") != types.end();
}

}  // namespace

void add_network_policy(const View& spec, const Kubernetes& settings, NewRules& rules) {
    const std::vector<View> egress = spec.maps("egress");
    if (!is_egress(spec) || std::ranges::none_of(egress, is_about_networks)) {
        spec.object().not_ours.push_back(spec.path());
        return;
    }
    spec.object().accepted = true;
    raise_objections(spec.object(), spec.object().path, spec.report());
    const Sources pods = read_pods(spec, settings);
    for (std::size_t i = 0; i < egress.size(); ++i)
        if (is_about_networks(egress[i])) add_egress(egress[i], i, pods, rules);
}

}  // namespace sallyport::cfg::kubernetes
