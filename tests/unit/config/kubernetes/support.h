// SPDX-License-Identifier: Apache-2.0
// Objects as texts, and what the gate makes of them: findings, rules, and answers of the compiled
// policy.
#pragma once
#include <algorithm>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "config/load.h"
#include "dataplane/policy/compile.h"

namespace sallyport::cfg::kubernetes::test {

// One ServiceEntry, one Gateway and one VirtualService that open www.example.com on tls/443.
inline constexpr std::string_view kEntry = R"(
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: {name: example}
spec:
  hosts: [www.example.com]
  ports: [{number: 443, name: tls, protocol: TLS}]
  resolution: DNS
)";
inline constexpr std::string_view kGateway = R"(
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: egress}
spec:
  selector: {istio: egressgateway}
  servers:
  - port: {number: 443, name: tls, protocol: TLS}
    hosts: [www.example.com]
    tls: {mode: PASSTHROUGH}
)";
inline constexpr std::string_view kService = R"(
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: example}
spec:
  hosts: [www.example.com]
  gateways: [egress]
  tls:
  - match: [{port: 443, sniHosts: [www.example.com]}]
    route: [{destination: {host: www.example.com, port: {number: 443}}}]
)";

// The text with one piece of it replaced; the piece must be there.
inline std::string with(std::string_view text, std::string_view piece, std::string_view by) {
    std::string out(text);
    const std::size_t at = out.find(piece);
    if (at == std::string::npos) __builtin_trap();
    return out.replace(at, piece.size(), by);
}

// The documents as one text.
inline std::string documents(std::initializer_list<std::string_view> texts) {
    std::string all;
    for (const std::string_view text : texts) all += "---\n" + std::string(text);
    return all;
}

inline LoadResult load_objects(std::initializer_list<std::string_view> texts) {
    return load_text(documents(texts), "objects.yaml");
}

// The same beside a native document that says which clients the workloads are.
inline LoadResult load_with_workloads(std::string_view text) {
    constexpr std::string_view kNative = R"(
apiVersion: sallyport/v1
ports:
  inside: {device: net_null0, addresses: [10.10.0.1/16]}
  outside: {device: net_null1, addresses: [203.0.113.2/24]}
egress: [{name: public, addresses: [203.0.113.7]}]
kubernetes:
  workloads:
  - {namespace: default, labels: ["app=web"], networks: [10.10.1.0/24]}
  - {namespace: default, labels: ["app=batch"], networks: [10.10.2.0/24]}
  - {namespace: other, labels: ["app=web"], networks: [10.10.3.0/24]}
)";
    return load_text(documents({kNative, text}), "objects.yaml");
}

inline std::vector<std::string> errors_of(const LoadResult& result) {
    std::vector<std::string> codes;
    for (const Finding& finding : result.findings)
        if (finding.severity == Severity::Error) codes.emplace_back(finding.code);
    return codes;
}

inline std::vector<std::string> codes_of(const LoadResult& result) {
    std::vector<std::string> codes;
    for (const Finding& finding : result.findings) codes.emplace_back(finding.code);
    return codes;
}

// What the compiled policy says of a name.
class Policy {
   public:
    explicit Policy(const LoadResult& result)
        : generation_(dp::policy::compile(result.model.value())) {}

    bool allows(std::string_view name, std::uint16_t port, dp::policy::AppProtocol protocol,
                std::string_view source = "10.10.1.2") const {
        const auto verdict = generation_.policy.match(
            {.source = *IpAddr::parse(source), .name = name, .port = {port}, .protocol = protocol});
        return verdict.decision == dp::policy::Decision::Allow;
    }
    bool tls(std::string_view name, std::uint16_t port = 443,
             std::string_view source = "10.10.1.2") const {
        return allows(name, port, dp::policy::AppProtocol::Tls, source);
    }
    bool http(std::string_view name, std::uint16_t port = 80,
              std::string_view source = "10.10.1.2") const {
        return allows(name, port, dp::policy::AppProtocol::Http, source);
    }
    bool flow(std::string_view destination, std::uint16_t port,
              dp::policy::FlowProtocol protocol = dp::policy::FlowProtocol::Tcp,
              std::string_view source = "10.10.1.2") const {
        const auto verdict =
            generation_.policy.match_flow({.source = *IpAddr::parse(source),
                                           .destination = *IpAddr::parse(destination),
                                           .port = {port},
                                           .protocol = protocol});
        return verdict.decision == dp::policy::Decision::Allow;
    }

   private:
    dp::Generation generation_;
};

inline const ObjectStatus& status_of(const LoadResult& result, std::string_view kind,
                                     std::string_view name) {
    for (const ObjectStatus& status : result.model.value().objects)
        if (status.kind == kind && status.name == name) return status;
    __builtin_trap();
}

// "Accepted=True(Accepted)" and so on.
inline std::vector<std::string> conditions_of(const LoadResult& result, std::string_view kind,
                                              std::string_view name) {
    std::vector<std::string> texts;
    for (const Condition& condition : status_of(result, kind, name).conditions)
        texts.push_back(condition.type + (condition.status ? "=True(" : "=False(") +
                        condition.reason + ')');
    return texts;
}

}  // namespace sallyport::cfg::kubernetes::test
