// SPDX-License-Identifier: Apache-2.0
// The objects of Istio's egress task, as they stand: what each set of them opens, and that every
// set that lacks one stays closed. The files are not part of the project; where they are not at
// hand the tests say so.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "tests/unit/config/kubernetes/support.h"

namespace sallyport::cfg::kubernetes::test {
namespace {

using ::testing::ElementsAre;

const std::filesystem::path kTask =
    std::filesystem::path(SP_SOURCE_ROOT).parent_path() / "shared" / "istio-task";

const std::map<std::string, std::string> kFiles = {
    {"01", "01-http-serviceentry.yaml"},       {"02", "02-http-gateway.yaml"},
    {"03", "03-http-virtualservice.yaml"},     {"04", "04-http-gatewayapi.yaml"},
    {"05", "05-tls-serviceentry.yaml"},        {"06", "06-tls-istio.yaml"},
    {"07", "07-tls-gatewayapi.yaml"},          {"08", "08-networkpolicy-istio.yaml"},
    {"09", "09-networkpolicy-gatewayapi.yaml"}};

constexpr std::uint16_t kPorts[] = {80, 443, 8080, 15443};

LoadResult load_set(const std::vector<std::string>& set) {
    std::vector<std::string> paths;
    for (const std::string& number : set) paths.push_back((kTask / kFiles.at(number)).string());
    return load(paths);
}

std::string name_of(const std::vector<std::string>& set) {
    std::string name;
    for (const std::string& number : set) name += (name.empty() ? "" : "_") + number;
    return name;
}

struct Set {
    std::vector<std::string> files;
    bool http = false;  // opens edition.cnn.com on http/80; else on tls/443
    std::string rule;
};

const std::vector<Set> kSets = {
    {{"01", "02", "03"}, true, "default.direct-cnn-through-egress-gateway.1"},
    {{"01", "04"}, true, "default.forward-cnn-from-egress-gateway.0"},
    {{"05", "06"}, false, "default.direct-cnn-through-egress-gateway.1"},
    {{"05", "07"}, false, "default.forward-cnn-from-egress-gateway.0"}};

void expect_closed(const LoadResult& result) {
    const Policy policy(result);
    for (const std::uint16_t port : kPorts)
        for (const char* name :
             {"edition.cnn.com", "cnn.com", "www.edition.cnn.com", "example.com"})
            EXPECT_FALSE(policy.tls(name, port) || policy.http(name, port)) << name << ' ' << port;
}

void expect_open(const LoadResult& result, const Set& set) {
    ASSERT_THAT(codes_of(result), ElementsAre()) << format_findings(result.findings);
    const Policy policy(result);
    for (const std::uint16_t port : kPorts) {
        EXPECT_EQ(policy.http("edition.cnn.com", port), set.http && port == 80) << port;
        EXPECT_EQ(policy.tls("edition.cnn.com", port), !set.http && port == 443) << port;
    }
    for (const char* name : {"cnn.com", "www.edition.cnn.com", "example.com"})
        for (const std::uint16_t port : kPorts)
            EXPECT_FALSE(policy.tls(name, port) || policy.http(name, port)) << name << ' ' << port;
    ASSERT_EQ(result.model->policy.rules.size(), 1U);
    const Rule& rule = result.model->policy.rules.front();
    EXPECT_EQ(rule.name, set.rule);
    EXPECT_TRUE(rule.imported);
    EXPECT_EQ(rule.upstream.destination, Destination::Resolved);
    EXPECT_EQ(rule.upstream.cluster_host, "edition.cnn.com");
    EXPECT_EQ(rule.upstream.cluster_port, set.http ? 80 : 443);
    EXPECT_EQ(rule.upstream.cluster_subset, "");
}

class Task : public ::testing::TestWithParam<Set> {
   protected:
    void SetUp() override {
        if (!std::filesystem::is_directory(kTask)) GTEST_SKIP() << "no " << kTask;
    }
};

TEST_P(Task, OpensOneNameOnOnePort) {
    expect_open(load_set(GetParam().files), GetParam());
}

TEST_P(Task, TakesTheNetworkPoliciesBesideIt) {
    for (const char* policy : {"08", "09"}) {
        Set set = GetParam();
        set.files.push_back(policy);
        const LoadResult result = load_set(set.files);
        expect_open(result, set);
        EXPECT_THAT(
            conditions_of(result, "NetworkPolicy", "allow-egress-to-istio-system-and-kube-dns"),
            ElementsAre("Accepted=True(NotOurs)", "ResolvedRefs=True(ResolvedRefs)",
                        "Programmed=False(NotOurs)"));
    }
}

// The clean-up of the task, in any order.
TEST_P(Task, StaysClosedWithoutAnyOfItsFiles) {
    const std::vector<std::string>& all = GetParam().files;
    for (unsigned mask = 1; mask + 1 < 1U << all.size(); ++mask) {
        std::vector<std::string> some;
        for (std::size_t i = 0; i < all.size(); ++i)
            if ((mask >> i & 1U) != 0) some.push_back(all[i]);
        SCOPED_TRACE(name_of(some));
        const LoadResult result = load_set(some);
        ASSERT_THAT(errors_of(result), ElementsAre()) << format_findings(result.findings);
        expect_closed(result);
    }
}

INSTANTIATE_TEST_SUITE_P(Sets, Task, ::testing::ValuesIn(kSets),
                         [](const auto& tested) { return "set_" + name_of(tested.param.files); });

TEST(TaskTogether, OneObjectTwiceNamesBothPlaces) {
    if (!std::filesystem::is_directory(kTask)) GTEST_SKIP() << "no " << kTask;
    const LoadResult result = load_set({"01", "05"});
    ASSERT_THAT(errors_of(result), ElementsAre("SP1604"));
    const Finding& finding = result.findings.front();
    EXPECT_THAT(finding.file, ::testing::EndsWith("05-tls-serviceentry.yaml"));
    EXPECT_THAT(finding.message, ::testing::HasSubstr("01-http-serviceentry.yaml:1"));
}

TEST(TaskTogether, TheLegsOfSidecarsAreNotOurs) {
    if (!std::filesystem::is_directory(kTask)) GTEST_SKIP() << "no " << kTask;
    const LoadResult api = load_set({"01", "04"});
    EXPECT_THAT(conditions_of(api, "HTTPRoute", "direct-cnn-to-egress-gateway"),
                ElementsAre("Accepted=True(NotOurs)", "ResolvedRefs=True(ResolvedRefs)",
                            "Programmed=False(NotOurs)"));
    EXPECT_THAT(conditions_of(api, "HTTPRoute", "forward-cnn-from-egress-gateway"),
                ElementsAre("Accepted=True(Accepted)", "ResolvedRefs=True(ResolvedRefs)",
                            "Programmed=True(Programmed)"));
    const LoadResult istio = load_set({"01", "02", "03"});
    const ObjectStatus& service =
        status_of(istio, "VirtualService", "direct-cnn-through-egress-gateway");
    EXPECT_THAT(service.conditions.front().message, ::testing::HasSubstr("http[0]"));
    EXPECT_THAT(service.rules, ElementsAre("default.direct-cnn-through-egress-gateway.1"));
    EXPECT_THAT(conditions_of(istio, "DestinationRule", "egressgateway-for-cnn"),
                ElementsAre("Accepted=True(NotOurs)", "ResolvedRefs=True(ResolvedRefs)",
                            "Programmed=False(NotOurs)"));
}

}  // namespace
}  // namespace sallyport::cfg::kubernetes::test
