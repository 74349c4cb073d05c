// SPDX-License-Identifier: Apache-2.0
// Whole lines, as an operator meets them. The shapes are those of Istio's egress task (2024 form)
// and of Envoy's line for a connection that no filter chain matched.
#include "control/access_line.h"

#include <gtest/gtest.h>

#include <regex>

#include "tests/unit/control/support.h"

namespace sallyport::ctl {
namespace {

using std::chrono::system_clock;

class AccessLine : public testing::Test {
   protected:
    AccessLine() {
        rules.enter(model, 1);
    }
    std::string line(const dp::AccessRecord& r) const { return format_istio(r, {rules, origin}); }

    cfg::Model model = model_with_rules({"cnn", "has \"blank\n"});
    RuleBook rules;
    // The workers' clock began so that 999.5 s later it was 2024-01-11T21:09:42.835Z.
    system_clock::time_point origin{std::chrono::milliseconds(1705007382835 - 999500)};
};

TEST_F(AccessLine, AllowedSession) {
    EXPECT_EQ(line(allowed_record()),
              "[2024-01-11T21:09:42.835Z] \"- - -\" 0 - - - \"-\" 839 2504306 231 - \"-\" \"-\" "
              "\"-\" \"-\" \"151.101.195.5:443\" outbound|443||edition.cnn.com "
              "203.0.113.7:34470 151.101.195.5:443 10.10.0.15:43956 edition.cnn.com cnn\n");
}

TEST_F(AccessLine, HasTheTokensOfIstiosSample) {
    const std::string sample =
        "[2024-01-11T21:09:42.835Z] \"- - -\" 0 - - - \"-\" 839 2504306 231 - \"-\" \"-\" \"-\" "
        "\"-\" \"151.101.195.5:443\" outbound|443||edition.cnn.com 172.30.239.8:34470 "
        "172.30.239.8:443 172.30.239.15:43956 edition.cnn.com -\n";
    const auto tokens = [](const std::string& text) {
        static const std::regex token(R"("[^"]*"|\S+)");
        return std::distance(std::sregex_iterator(text.begin(), text.end(), token), {});
    };
    EXPECT_EQ(tokens(line(allowed_record())), tokens(sample));
    EXPECT_EQ(tokens(line(denied_record())), tokens(sample));
}

TEST_F(AccessLine, DeniedSession) {
    EXPECT_EQ(line(denied_record()),
              "[2024-01-11T21:09:42.835Z] \"- - -\" 0 NR sni_not_allowed - \"-\" 517 7 0 - \"-\" "
              "\"-\" \"-\" \"-\" \"-\" - - 151.101.195.5:443 10.10.0.15:43956 www.example.org "
              "default-deny\n");
}

TEST_F(AccessLine, DeniedByARuleNamesTheRule) {
    auto r = denied_record();
    r.rule = 1;
    EXPECT_TRUE(line(r).ends_with(" www.example.org cnn\n"));
}

TEST_F(AccessLine, NoNameIsADash) {
    auto r = denied_record();
    r.reason = dp::Reason::NoSni;
    r.set_name("");
    EXPECT_EQ(
        line(r),
        "[2024-01-11T21:09:42.835Z] \"- - -\" 0 NR no_sni - \"-\" 517 7 0 - \"-\" \"-\" \"-\" "
        "\"-\" \"-\" - - 151.101.195.5:443 10.10.0.15:43956 - default-deny\n");
}

TEST_F(AccessLine, ClusterIsThatOfTheUpstreamThatWasChosen) {
    cfg::Model split = model;
    split.policy.rules[0].split.resize(2);
    split.policy.rules[0].split[1].cluster_host = "edition.cnn.com";
    split.policy.rules[0].split[1].cluster_subset = "v2";
    split.policy.rules[0].split[1].cluster_port = 8443;
    rules.enter(split, 7);
    auto r = allowed_record();
    r.upstream = 1;
    EXPECT_NE(line(r).find(" outbound|8443|v2|edition.cnn.com "), std::string::npos) << line(r);
    r.generation = 6;
    EXPECT_NE(line(r).find(" outbound|443||edition.cnn.com "), std::string::npos) << line(r);
}

TEST_F(AccessLine, TranslatedFlowHasNoNameAndNoCluster) {
    auto r = allowed_record();
    r.translated = true;
    r.set_name("");
    EXPECT_NE(line(r).find("\"- - TCP\" 0 - - - "), std::string::npos) << line(r);
    EXPECT_NE(line(r).find("\"151.101.195.5:443\" - 203.0.113.7:34470 "), std::string::npos) << line(r);
}

TEST_F(AccessLine, UpstreamRefused) {
    auto r = allowed_record();
    r.reason = dp::Reason::UpstreamRefused;
    r.bytes_sent = 0;
    EXPECT_EQ(
        line(r),
        "[2024-01-11T21:09:42.835Z] \"- - -\" 0 UF upstream_refused - \"-\" 839 0 231 - \"-\" "
        "\"-\" \"-\" \"-\" \"151.101.195.5:443\" outbound|443||edition.cnn.com "
        "203.0.113.7:34470 151.101.195.5:443 10.10.0.15:43956 edition.cnn.com cnn\n");
}

TEST_F(AccessLine, NoPortLeftIsAnOverflowWithoutAServer) {
    auto r = allowed_record();
    r.reason = dp::Reason::PortsExhausted;
    r.has_server = false;
    const std::string text = line(r);
    EXPECT_NE(text.find("0 UO snat_exhausted - \"-\""), std::string::npos) << text;
    EXPECT_NE(text.find("\"-\" - - 151.101.195.5:443"), std::string::npos) << text;
}

TEST_F(AccessLine, IdleTimeoutIsATerminationDetail) {
    auto r = allowed_record();
    r.reason = dp::Reason::IdleTimeout;
    EXPECT_NE(line(r).find("] \"- - -\" 0 - - idle_timeout \"-\" 839 2504306 231 - "),
              std::string::npos);
}

TEST_F(AccessLine, ResetsOfAJoinedSessionAreTerminationDetails) {
    auto r = allowed_record();
    r.reason = dp::Reason::ClientReset;
    EXPECT_NE(line(r).find(" 0 - - client_reset \"-\" "), std::string::npos);
    r.reason = dp::Reason::UpstreamReset;
    EXPECT_NE(line(r).find(" 0 - - upstream_reset \"-\" "), std::string::npos);
}

TEST_F(AccessLine, ClientThatLeftBeforeItsVerdictWasNotDenied) {
    auto r = denied_record();
    r.reason = dp::Reason::ClientClosed;
    r.set_name("");
    const std::string text = line(r);
    EXPECT_NE(text.find(" 0 DC client_closed - \"-\" "), std::string::npos) << text;
    EXPECT_TRUE(text.ends_with(" - -\n")) << text;
}

TEST_F(AccessLine, SecondHelloDeniesASessionThatWasAllowed) {
    auto r = allowed_record();
    r.reason = dp::Reason::SecondHelloMismatch;
    const std::string text = line(r);
    EXPECT_NE(text.find(" 0 NR second_hello_mismatch - \"-\" "), std::string::npos) << text;
    EXPECT_TRUE(text.ends_with(" edition.cnn.com cnn\n")) << text;
}

TEST_F(AccessLine, ShutdownIsNoDenial) {
    auto r = denied_record();
    r.reason = dp::Reason::Shutdown;
    EXPECT_NE(line(r).find(" 0 - - shutdown \"-\" "), std::string::npos);
}

TEST_F(AccessLine, Ipv6AddressesStandInBrackets) {
    auto r = denied_record();
    Ipv6Addr a;
    a.octets = {0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};
    r.client.src = a;
    EXPECT_NE(line(r).find(" [2001:db8::1]:43956 "), std::string::npos);
}

TEST_F(AccessLine, NoNameForgesAFieldOrALine) {
    auto r = allowed_record();
    r.set_name("a b\n[2024] \"\\\x1b\x80");
    r.rule = 2;
    const std::string text = line(r);
    EXPECT_EQ(text.find('\n'), text.size() - 1);
    EXPECT_TRUE(
        text.ends_with(" a\\x20b\\x0a[2024]\\x20\\x22\\x5c\\x1b\\x80 has\\x20\\x22blank\\x0a\n"))
        << text;
}

// Whatever a session ended with, the line says so in one of the two fields.
TEST_F(AccessLine, EveryReasonShows) {
    for (std::size_t i = 1; i < dp::kReasonCount; ++i) {
        const auto reason = static_cast<dp::Reason>(i);
        if (reason == dp::Reason::Closed) continue;
        for (auto r : {allowed_record(), denied_record()}) {
            r.reason = reason;
            const std::string text = line(r);
            EXPECT_NE(text.find(" " + std::string(dp::text(reason)) + " "), std::string::npos)
                << text;
        }
    }
}

}  // namespace
}  // namespace sallyport::ctl
