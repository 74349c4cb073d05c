// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <vector>

#include "config/load.h"
#include "tools/sallyctl/command_line.h"
#include "tools/sallyctl/yaml_text.h"

namespace sallyport::ctl {
namespace {

using Json = nlohmann::ordered_json;

struct Answer {
    int code = 0;
    std::string out, err;
};

Answer answer_to(std::vector<const char*> words) {
    words.insert(words.begin(), {"sallyctl", "export", "network-policy"});
    const auto line = parse_command_line(static_cast<int>(words.size()), words.data());
    if (!line) return {kExitUsage, {}, line.error()};
    std::istringstream in;
    std::ostringstream out, err;
    Streams streams{in, out, err};
    const int code = line->command->run(line->given, streams);
    return {code, out.str(), err.str()};
}

constexpr std::string_view kIstio = R"(apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: allow-egress-to-istio-system-and-kube-dns
  namespace: shop
spec:
  podSelector: {}
  policyTypes:
  - Egress
  egress:
  - to:
    - namespaceSelector:
        matchLabels:
          kube-system: "true"
    ports:
    - protocol: UDP
      port: 53
  - to:
    - namespaceSelector:
        matchLabels:
          istio: system
)";

TEST(ExportNetworkPolicy, PrintsThatOfTheTask) {
    const Answer istio = answer_to({"--namespace", "shop"});
    EXPECT_EQ(istio.code, kExitOk);
    EXPECT_EQ(istio.out, kIstio);
    const Answer api = answer_to({"--namespace", "shop", "--form", "gateway-api"});
    EXPECT_EQ(api.out, std::string(kIstio) +
                           "  - to:\n"
                           "    - namespaceSelector:\n"
                           "        matchLabels:\n"
                           "          gateway: \"true\"\n");
}

TEST(ExportNetworkPolicy, IsAcceptedByTheLoader) {
    const Answer answer = answer_to({"--namespace", "shop", "--namespace", "mail", "--form",
                                     "gateway-api", "--gateway", "10.10.0.1/32"});
    const auto result = cfg::load_text(answer.out, "out.yaml");
    ASSERT_TRUE(result.model) << cfg::format_findings(result.findings);
    ASSERT_EQ(result.model->objects.size(), 2U);
    EXPECT_EQ(result.model->objects[0].name_space, "shop");
    EXPECT_EQ(result.model->objects[1].name_space, "mail");
    EXPECT_TRUE(result.model->policy.rules.empty());
}

TEST(ExportNetworkPolicy, IsOneListAsJson) {
    const Answer answer = answer_to({"--namespace", "shop", "--namespace", "mail", "-o", "json"});
    const Json list = Json::parse(answer.out);
    EXPECT_EQ(list["kind"], "List");
    ASSERT_EQ(list["items"].size(), 2U);
    EXPECT_EQ(yaml_text(list["items"][0]), kIstio);
    // What is JSON is YAML as well.
    EXPECT_EQ(cfg::load_text(answer.out, "out.json").model.value().objects.size(), 2U);
}

TEST(ExportNetworkPolicy, RefusesWhatMakesNoPolicy) {
    for (const std::vector<const char*>& words : std::vector<std::vector<const char*>>{
             {},
             {"--namespace", "Shop"},
             {"--namespace", "shop", "--form", "cilium"},
             {"--namespace", "shop", "--gateway", "10.10.0.1"},
             {"--namespace", "shop", "--gateway", "10.10.0.1/8"}}) {
        const Answer answer = answer_to(words);
        EXPECT_EQ(answer.code, kExitUsage);
        EXPECT_EQ(answer.out, "");
        EXPECT_NE(answer.err, "");
    }
}

}  // namespace
}  // namespace sallyport::ctl
