// SPDX-License-Identifier: Apache-2.0
#include "control/routes.h"

#include <gtest/gtest.h>

#include "control/route_table.h"
#include "tests/unit/control/fake_dataplane.h"
#include "tests/unit/control/support.h"

namespace sallyport::ctl {
namespace {

class Routes : public testing::Test {
   protected:
    Routes() {
        cfg::Policy policy;
        policy.rules.emplace_back().name = "cnn";
        rules.add(policy);
        dp::SessionRow row;
        row.record = allowed_record();
        row.state = dp::SessionState::Spliced;
        row.worker = 1;
        row.idle = std::chrono::milliseconds(1500);
        dataplane.session_rows.assign(3, row);
        context.dataplane = &dataplane;
        context.rules = &rules;
        context.log_counts = [this] { return counts; };
        context.resolver_counts = [] { return ResolverCounts{.lookups = 5}; };
        context.facts = {
            "egress-a", "/etc/x.yaml", 65536, std::chrono::system_clock::now(), {"no hugepages"}};
    }
    Reply get(std::string_view target) const { return answer(context, "GET", target); }
    Json get_json(std::string_view target) const {
        const Reply reply = get(target);
        EXPECT_EQ(reply.status, 200u) << reply.body;
        return reply.body;
    }

    FakeDataplane dataplane;
    RuleNames rules;
    AccessLogCounts counts{10, 0};
    ApiContext context;
};

bool has_type(const Json& value, JsonType type) {
    switch (type) {
        case JsonType::Text: return value.is_string();
        case JsonType::Number: return value.is_number();
        case JsonType::Bool: return value.is_boolean();
        case JsonType::List: return value.is_array();
        case JsonType::Object: return value.is_object();
    }
    return false;
}

// The keys, their order and their types are what the table says, nothing more and nothing less.
void expect_declared(const Route& route, const Json& object) {
    ASSERT_EQ(object.size(), route.reply.size()) << route.path << ": " << object;
    auto field = route.reply.begin();
    for (const auto& [key, value] : object.items()) {
        EXPECT_EQ(key, field->key) << route.path;
        EXPECT_TRUE(has_type(value, field->type)) << route.path << " " << key;
        ++field;
    }
}

TEST_F(Routes, EveryRouteAnswersWithItsDeclaredKeys) {
    for (const Route& route : routes()) {
        const Json body = get_json(route.path);
        if (route.rows.empty()) {
            expect_declared(route, body);
            continue;
        }
        ASSERT_EQ(body.size(), 1u) << route.path;
        const Json& rows = body.at(std::string(route.rows));
        ASSERT_FALSE(rows.empty()) << route.path;
        for (const Json& row : rows) expect_declared(route, row);
    }
}

TEST_F(Routes, ListNamesEveryRoute) {
    const Json listed = get_json("/v1").at("routes");
    ASSERT_EQ(listed.size(), routes().size());
    EXPECT_EQ(listed[1].at("path"), "/v1/status");
    EXPECT_EQ(listed[4].at("parameters")[0].at("name"), "limit");
}

TEST_F(Routes, StatusSaysWhyItIsDegraded) {
    EXPECT_EQ(get_json("/v1/status").at("health"), "healthy");
    dataplane.port_rows[1].link_up = false;
    counts.lost = 2;
    const Json status = get_json("/v1/status");
    EXPECT_EQ(status.at("health"), "degraded");
    EXPECT_EQ(status.at("health_reasons"),
              Json::array({"the link of port outside is down", "access log lines were lost"}));
}

TEST_F(Routes, StatusAddsWhatTheWorkersCounted) {
    dataplane.worker_rows[0].counters[2].value = 5;  // log_records_lost
    counts.lost = 2;
    const Json status = get_json("/v1/status");
    EXPECT_EQ(status.at("sessions_active"), 2);
    EXPECT_EQ(status.at("log_records_lost"), 7);
    EXPECT_EQ(status.at("log_records_written"), 10);
    EXPECT_EQ(status.at("session_slots_total"), 65536);
    EXPECT_EQ(status.at("names_bound"), false);
}

TEST_F(Routes, CountersSumOverWorkersWithTextAndHelp) {
    const Json rows = get_json("/v1/counters").at("counters");
    Json by_name;
    for (const Json& row : rows) by_name[row.at("name").get<std::string>()] = row;
    EXPECT_EQ(by_name.at("rx_packets").at("value"), 21);
    EXPECT_EQ(by_name.at("rx_packets").at("kind"), "counter");
    EXPECT_EQ(by_name.at("sessions_active").at("kind"), "gauge");
    EXPECT_EQ(by_name.at("sni_not_allowed").at("value"), 6);
    EXPECT_EQ(by_name.at("sni_not_allowed").at("kind"), "reason");
    EXPECT_EQ(by_name.at("sni_not_allowed").at("help"),
              "No rule allows this name for this source and port.");
    EXPECT_EQ(by_name.at("idle_timeout").at("value"), 0);
    EXPECT_EQ(by_name.size(), rows.size()) << "two counters share a name";
}

TEST_F(Routes, WorkersShowRealLoad) {
    const Json rows = get_json("/v1/workers").at("workers");
    ASSERT_EQ(rows.size(), 2u);
    EXPECT_EQ(rows[0].at("busy_percent"), 25.0);
    EXPECT_EQ(rows[1].at("lcore"), 3);
    EXPECT_EQ(rows[1].at("reasons"), (Json{{"sni_not_allowed", 3}}));
}

TEST_F(Routes, SessionShowsBothTuples) {
    const Json row = get_json("/v1/sessions").at("sessions")[0];
    EXPECT_EQ(row.at("session_id"), "0000000000001234");
    EXPECT_EQ(row.at("client"), "10.10.0.15:43956");
    EXPECT_EQ(row.at("destination"), "151.101.195.5:443");
    EXPECT_EQ(row.at("egress"), "203.0.113.7:34470");
    EXPECT_EQ(row.at("rule"), "cnn");
    EXPECT_EQ(row.at("verdict"), "allow");
    EXPECT_EQ(row.at("idle_seconds"), 1.5);
}

TEST_F(Routes, HeldSessionIsUndecided) {
    auto& row = dataplane.session_rows[0];
    row.state = dp::SessionState::Hold;
    row.record.has_server = false;
    const Json shown = get_json("/v1/sessions?limit=1").at("sessions")[0];
    EXPECT_EQ(shown.at("verdict"), "undecided");
    EXPECT_EQ(shown.at("rule"), "-");
    EXPECT_EQ(shown.at("egress"), "");
}

TEST_F(Routes, SessionsTakeALimit) {
    EXPECT_EQ(get_json("/v1/sessions?limit=2").at("sessions").size(), 2u);
    EXPECT_EQ(dataplane.asked_limit, 2u);
    get_json("/v1/sessions");
    EXPECT_EQ(dataplane.asked_limit, 100u);
}

TEST_F(Routes, ParametersAreCheckedStrictly) {
    for (const char* query : {"limit=0", "limit=10001", "limit=-1", "limit=1x", "limit=", "limit",
                              "limit=99999999999999", "limi=3", "x", "&", "=", "limit=1&y=2"}) {
        const Reply reply = get("/v1/sessions?" + std::string(query));
        EXPECT_EQ(reply.status, 400u) << query;
        EXPECT_EQ(reply.body.at("code"), "bad_parameter") << query;
        EXPECT_FALSE(reply.body.at("hint").get<std::string>().empty()) << query;
    }
    EXPECT_EQ(get("/v1/sessions?limi=3").body.at("hint"), "did you mean limit?");
    EXPECT_EQ(get("/v1/status?limit=3").status, 400u);
}

TEST_F(Routes, SilentWorkerIsUnavailable) {
    dataplane.silent = true;
    const Reply reply = get("/v1/sessions");
    EXPECT_EQ(reply.status, 503u);
    EXPECT_EQ(reply.body.at("code"), "worker_silent");
}

TEST_F(Routes, UnknownPathHasAGuess) {
    const Reply reply = get("/v1/session");
    EXPECT_EQ(reply.status, 404u);
    EXPECT_EQ(reply.body.at("code"), "not_found");
    EXPECT_EQ(reply.body.at("hint"), "did you mean /v1/sessions?");
    EXPECT_EQ(get("/").body.at("hint"), "GET /v1 lists what there is");
    EXPECT_EQ(get("").status, 404u);
    EXPECT_EQ(get("*").status, 404u);
}

TEST_F(Routes, WrongMethodNamesTheRightOne) {
    const Reply reply = answer(context, "POST", "/v1/status");
    EXPECT_EQ(reply.status, 405u);
    EXPECT_EQ(reply.allow, "GET");
    EXPECT_EQ(reply.body.at("hint"), "use GET");
}

TEST_F(Routes, OneSlashAtTheEndIsForgiven) {
    EXPECT_EQ(get("/v1/status/").status, 200u);
    EXPECT_EQ(get("/v1/status//").status, 404u);
}

}  // namespace
}  // namespace sallyport::ctl
