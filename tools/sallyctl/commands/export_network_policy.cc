// SPDX-License-Identifier: Apache-2.0
// The NetworkPolicy of Istio's egress task, for a list of namespaces: workloads may ask for names
// and reach the gateways, and nothing else, so that no way leads round the gateway.
#include <algorithm>
#include <nlohmann/json.hpp>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include "tcpstack/base/ip_addr.h"
#include "tools/sallyctl/command.h"
#include "tools/sallyctl/yaml_text.h"

namespace sallyport::ctl {
namespace {

namespace po = boost::program_options;
using Json = nlohmann::ordered_json;
using Texts = std::vector<std::string>;

constexpr Output kOutputs[] = {Output::AsYaml, Output::AsJson};
constexpr std::string_view kIstio = "istio", kGatewayApi = "gateway-api";

Json to_namespaces(const char* label, const char* value) {
    return Json{
        {"to", Json::array({{{"namespaceSelector", {{"matchLabels", {{label, value}}}}}}})}};
}

// Of the task, with its labels.
Json egress_of(bool gateway_api, const Texts& gateways) {
    Json dns = to_namespaces("kube-system", "true");
    dns["ports"] = Json::array({{{"protocol", "UDP"}, {"port", 53}}});
    Json egress = Json::array({std::move(dns), to_namespaces("istio", "system")});
    if (gateway_api) egress.push_back(to_namespaces("gateway", "true"));
    Json outside = Json::array();
    for (const std::string& cidr : gateways) outside.push_back({{"ipBlock", {{"cidr", cidr}}}});
    if (!outside.empty()) egress.push_back({{"to", std::move(outside)}});
    return egress;
}

Json policy_of(const std::string& name_space, const Json& egress) {
    return Json{
        {"apiVersion", "networking.k8s.io/v1"},
        {"kind", "NetworkPolicy"},
        {"metadata",
         {{"name", "allow-egress-to-istio-system-and-kube-dns"}, {"namespace", name_space}}},
        {"spec",
         {{"podSelector", Json::object()},
          {"policyTypes", Json::array({"Egress"})},
          {"egress", egress}}}};
}

// RFC 1123 label.
bool is_namespace(std::string_view text) {
    const auto is_inner = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
    };
    return !text.empty() && text.size() <= 63 && text.front() != '-' && text.back() != '-' &&
           std::ranges::all_of(text, is_inner);
}

// Empty: nothing is wrong.
Problem problem_of(const Texts& namespaces, const std::string& form, const Texts& gateways) {
    if (namespaces.empty())
        return {"usage", "export network-policy needs a namespace", "--namespace default"};
    for (const std::string& name : namespaces)
        if (!is_namespace(name))
            return {"bad_namespace", '\'' + name + "' is not a namespace",
                    "lower-case letters, digits and '-', at most 63"};
    if (form != kIstio && form != kGatewayApi)
        return {"bad_form", '\'' + form + "' is not a form", "forms: istio, gateway-api"};
    for (const std::string& cidr : gateways)
        if (cidr.find('/') == std::string::npos || !IpPrefix::parse(cidr))
            return {"bad_network", '\'' + cidr + "' is not a network",
                    "like 10.10.0.1/32, with no bits set beyond the length"};
    return {};
}

int run(const Invocation& given, Streams& streams) {
    const auto namespaces = given.get<Texts>("namespace");
    const auto form = given.get<std::string>("form", std::string(kIstio));
    const auto gateways = given.get<Texts>("gateway");
    const Problem problem = problem_of(namespaces, form, gateways);
    if (!problem.code.empty()) {
        print_problem(problem, given.output, streams.err);
        return kExitUsage;
    }
    const Json egress = egress_of(form == kGatewayApi, gateways);
    Json items = Json::array();
    for (const std::string& name : namespaces) items.push_back(policy_of(name, egress));
    if (given.output == Output::AsJson)
        streams.out << Json{{"apiVersion", "v1"}, {"kind", "List"}, {"items", items}}.dump(2)
                    << '\n';
    else
        for (const Json& item : items)
            streams.out << (items.size() > 1 ? "---\n" : "") << yaml_text(item);
    return kExitOk;
}

void add_options(po::options_description& options) {
    options.add_options()("namespace", po::value<Texts>()->composing(),
                          "namespace of the workloads; may be given several times")(
        "form", po::value<std::string>(),
        "istio (default), or gateway-api: with the namespaces labelled gateway=true")(
        "gateway", po::value<Texts>()->composing(),
        "network of a gateway outside the cluster, allowed as well");
}

}  // namespace

namespace command {
const Command export_network_policy{
    .words = "export network-policy",
    .arguments = "",
    .help = "The NetworkPolicy that keeps workloads from going round the gateway.",
    .details =
        "Workloads of each --namespace may ask the cluster's DNS and reach the gateways, "
        "nothing else.\nThe namespaces carry the labels of Istio's egress task: "
        "kube-system=true, istio=system and,\nwith --form gateway-api, gateway=true. "
        "Pipe it to kubectl apply -f -",
    .outputs = kOutputs,
    .add_options = add_options,
    .run = run,
};
}  // namespace command

}  // namespace sallyport::ctl
