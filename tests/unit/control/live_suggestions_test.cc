// SPDX-License-Identifier: Apache-2.0
#include "control/live_suggestions.h"

#include <gtest/gtest.h>

#include "tests/unit/control/support.h"

namespace sallyport::ctl {
namespace {

using std::chrono::system_clock;

TEST(LiveSuggestions, TellsWhatWasDeniedAndWhatAuditLetPass) {
    LiveSuggestions live;
    const system_clock::time_point at(std::chrono::seconds(1'700'000'000));
    live.add(allowed_record(), at);
    for (int i = 0; i < 3; ++i) live.add(denied_record(), at);
    dp::AccessRecord audited = allowed_record();
    audited.decision = dp::policy::Decision::WouldDeny;
    audited.would_deny = dp::Reason::SniNotAllowed;
    audited.set_name("audited.example");
    live.add(audited, at);
    const auto reply = live.reply(5);
    ASSERT_EQ(reply.at("suggestions").size(), 2u) << reply;
    const auto& rule = reply.at("suggestions")[0];
    EXPECT_EQ(rule.at("count"), 3);
    EXPECT_EQ(rule.at("rule").at("hosts"), nlohmann::ordered_json::array({"www.example.org"}));
    EXPECT_EQ(rule.at("rule").at("protocols"), nlohmann::ordered_json::array({"tls/443"}));
    EXPECT_NE(reply.at("yaml").get<std::string>().find("audited.example"), std::string::npos);
    EXPECT_EQ(reply.at("left_out"), 0);
}

TEST(LiveSuggestions, CountsWhatNoRuleCouldAllow) {
    LiveSuggestions live;
    dp::AccessRecord r = denied_record();
    r.reason = dp::Reason::ClientHelloMalformed;
    live.add(r, {});
    const auto reply = live.reply(5);
    EXPECT_TRUE(reply.at("suggestions").empty());
    EXPECT_EQ(reply.at("no_rule_helps").at("client_hello_malformed"), 1);
}

TEST(LiveSuggestions, ServiceIsThatOfTheRecord) {
    const auto service = [](const dp::AccessRecord& r) { return wanted_of(r, {})->service; };
    EXPECT_EQ(service(denied_record()), (cfg::ProtocolPort{cfg::Protocol::Tls, 443}));
    EXPECT_EQ(service(refused_record(dp::Reason::HostNotAllowed, 403)),
              (cfg::ProtocolPort{cfg::Protocol::Http, 80}));
    dp::AccessRecord flow = denied_record();
    flow.set_name("");
    EXPECT_EQ(service(flow), (cfg::ProtocolPort{cfg::Protocol::Tcp, 443}));
    flow.protocol = dp::RecordProtocol::Udp;
    EXPECT_EQ(service(flow), (cfg::ProtocolPort{cfg::Protocol::Udp, 443}));
    flow.protocol = dp::RecordProtocol::Icmp;
    EXPECT_EQ(service(flow), (cfg::ProtocolPort{cfg::Protocol::Icmp, 0}));
}

}  // namespace
}  // namespace sallyport::ctl
