// SPDX-License-Identifier: Apache-2.0
#include "control/routes.h"

#include <gtest/gtest.h>

#include "control/route_table.h"
#include "tests/unit/control/api_fixture.h"
#include "tests/unit/control/support.h"

namespace sallyport::ctl {
namespace {

class Routes : public testing::Test {
   protected:
    Routes() {
        dp::SessionRow row;
        row.record = allowed_record();
        row.state = dp::SessionState::Spliced;
        row.worker = 1;
        row.idle = std::chrono::milliseconds(1500);
        dataplane.session_rows.assign(3, row);
    }
    Reply get(const std::string& target) const { return answer(api.context, {"GET", target, {}}); }
    Reply post(const std::string& target, const Json& body) const {
        return answer(api.context, {"POST", target, body.dump()});
    }
    Json get_json(const std::string& target) const {
        const Reply reply = get(target);
        EXPECT_EQ(reply.status, 200u) << reply.body;
        return reply.body;
    }

    ApiFixture api;
    FakeDataplane& dataplane = api.dataplane;
    AccessLogCounts& counts = api.counts;
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
        if (route.method != "GET" || route.id == RouteId::Objects || route.id == RouteId::Explain)
            continue;
        const Json body = get_json(std::string(route.path));
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

TEST_F(Routes, AnAddressThatAnotherStationHasIsShown) {
    dataplane.port_rows[1].duplicates = {{"203.0.113.7", "02:00:00:00:00:01", false},
                                         {"2001:db8::7", "02:00:00:00:00:02", true}};
    const Json told = Json::array({"203.0.113.7 is also at 02:00:00:00:00:01; the gate answers for it too",
                                   "2001:db8::7 is also at 02:00:00:00:00:02; the gate does not answer for it"});
    EXPECT_EQ(get_json("/v1/ports").at("ports")[1].at("duplicates"), told);
    EXPECT_EQ(get_json("/v1/ports").at("ports")[0].at("duplicates"), Json::array());
    const Json reasons = get_json("/v1/status").at("health_reasons");
    ASSERT_EQ(reasons.size(), 2u);
    EXPECT_EQ(reasons[0], "port outside: " + told[0].get<std::string>());
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
    const Reply reply = post("/v1/status", Json::object());
    EXPECT_EQ(reply.status, 405u);
    EXPECT_EQ(reply.allow, "GET");
    EXPECT_EQ(reply.body.at("hint"), "use GET");
}

TEST_F(Routes, ChangesAnswerWithTheirDeclaredKeys) {
    write_file(api.file, config_text(api.dir, kCnn + kGithub));
    const Json paths{{"paths", {api.file}}};
    const Reply diff = post("/v1/config/diff", paths);
    ASSERT_EQ(diff.status, 200u) << diff.body;
    expect_declared(route(RouteId::ConfigDiff), diff.body);
    const Reply apply = post("/v1/config/apply", paths);
    ASSERT_EQ(apply.status, 200u) << apply.body;
    expect_declared(route(RouteId::ConfigApply), apply.body);
    EXPECT_EQ(apply.body.at("generation"), 8);
    EXPECT_EQ(get_json("/v1/status").at("generation"), 8);
    const Reply back = post("/v1/config/rollback", Json::object());
    ASSERT_EQ(back.status, 200u) << back.body;
    expect_declared(route(RouteId::ConfigRollback), back.body);
    EXPECT_EQ(post("/v1/config/confirm", Json::object()).status, 409u);
}

TEST_F(Routes, RefusedConfigurationHasFindings) {
    write_file(api.file, config_text(api.dir, "    - {name: x, hosst: [a.example]}\n"));
    const Reply reply = post("/v1/config/apply", {{"paths", {api.file}}});
    EXPECT_EQ(reply.status, 422u);
    EXPECT_EQ(reply.body.at("code"), "config_invalid");
    const Json& finding = reply.body.at("findings").at(0);
    EXPECT_EQ(finding.at("file"), api.file);
    EXPECT_EQ(finding.at("severity"), "error");
    EXPECT_GT(finding.at("line"), 0);
    EXPECT_EQ(get_json("/v1/status").at("generation"), 7);
}

TEST_F(Routes, BodiesAreCheckedStrictly) {
    const auto status = [&](const std::string& body) {
        const Reply reply = answer(api.context, {"POST", "/v1/config/apply", body});
        EXPECT_FALSE(reply.body.at("hint").get<std::string>().empty()) << body;
        return reply.status;
    };
    std::string deep = "{\"paths\": ";
    for (int i = 0; i < 100'000; ++i) deep += '[';
    for (const std::string& body :
         {std::string(), std::string("[]"), std::string("{"), std::string("{\"path\": [\"/a\"]}"),
          std::string("{\"paths\": \"/a\"}"), std::string("{\"paths\": []}"),
          std::string("{\"paths\": [\"relative\"]}"), std::string("{\"paths\": [1]}"),
          std::string("{\"paths\": [\"/a\"], \"sessions\": \"maybe\"}"),
          std::string("{\"paths\": [\"/a\"], \"confirm_within_seconds\": 0}"),
          std::string("{\"paths\": [\"/a\"], \"confirm_within_seconds\": -1}"), deep})
        EXPECT_EQ(status(body), 400u) << body.substr(0, 80);
    EXPECT_EQ(api.dataplane.published().size(), 0u);
}

TEST_F(Routes, ExplainsByWhatIsInForce) {
    const Json allowed = get_json("/v1/explain?source=10.10.0.15&sni=Edition.CNN.com&port=443");
    expect_declared(route(RouteId::Explain), allowed);
    const Json& why = allowed.at("explanation");
    EXPECT_EQ(why.at("verdict"), "allow");
    EXPECT_EQ(why.at("rule"), "cnn");
    EXPECT_EQ(why.at("addresses").at(0).at("address"), "151.101.195.5") << "the resolver knows it";
    EXPECT_EQ(why.at("egress").at("address"), "203.0.113.7");
    write_file(api.file, config_text(api.dir, kGithub));
    ASSERT_EQ(post("/v1/config/apply", {{"paths", {api.file}}}).status, 200u);
    const Json denied = get_json("/v1/explain?source=10.10.0.15&sni=edition.cnn.com");
    EXPECT_EQ(denied.at("explanation").at("verdict"), "deny");
    EXPECT_EQ(denied.at("generation"), 8);
}

TEST_F(Routes, ExplainNamesTheAddressByWhichTheClientLeaves) {
    std::string text = config_text(api.dir, kCnn);
    text.replace(text.find("[203.0.113.7]"), 13, "[203.0.113.7, 203.0.113.8]");
    write_file(api.file, text);
    ASSERT_EQ(post("/v1/config/apply", {{"paths", {api.file}}}).status, 200u);
    const Json egress = get_json("/v1/explain?source=10.10.0.15&sni=edition.cnn.com")
                            .at("explanation")
                            .at("egress");
    EXPECT_EQ(egress.at("addresses"), Json::array({"203.0.113.7", "203.0.113.8"}));
    EXPECT_EQ(egress.at("address"), "203.0.113.8") << "as the data plane says";
    EXPECT_NE(egress.at("chosen"), "");
}

TEST_F(Routes, StatusTellsOfObjectsAndOfTheSizeOfThePolicy) {
    write_file(api.file, config_text(api.dir, kCnn + kGithub) + R"(---
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: {name: cnn}
spec: {hosts: [edition.cnn.com], ports: [{number: 443, name: tls, protocol: TLS}], resolution: DNS}
)");
    ASSERT_EQ(post("/v1/config/apply", {{"paths", {api.file}}}).status, 200u);
    const Json status = get_json("/v1/status");
    EXPECT_EQ(status.at("policy_patterns"), 2);
    EXPECT_GT(status.at("policy_bytes").get<int>(), 0);
    ASSERT_EQ(status.at("object_conditions").size(), 1u);
    const Json& entry = status.at("object_conditions").at(0);
    EXPECT_EQ(entry.at("kind"), "ServiceEntry");
    EXPECT_FALSE(entry.at("conditions").empty());
    for (const Json& c : entry.at("conditions")) {
        EXPECT_TRUE(c.at("status") == "True" || c.at("status") == "False") << c;
        EXPECT_NE(c.at("type"), "");
        EXPECT_NE(c.at("reason"), "");
    }
}

TEST_F(Routes, ExplainTakesOnlyWhatMakesSense) {
    for (const char* query : {"", "?sni=a.example", "?source=10.0.0.1", "?source=x&sni=a.example",
                              "?source=10.0.0.1&sni=a.example&host=a.example",
                              "?source=10.0.0.1&sni=a%2", "?source=10.0.0.1&sni=*.example",
                              "?source=10.0.0.1&sni=a.example&port=0",
                              "?source=10.0.0.1&sni=a.example&port=x",
                              "?source=10.0.0.1&address=192.0.2.1&protocol=sctp&port=1"}) {
        const Reply reply = get("/v1/explain" + std::string(query));
        EXPECT_EQ(reply.status, 400u) << query << reply.body;
        EXPECT_FALSE(reply.body.at("message").get<std::string>().empty()) << query;
    }
    EXPECT_EQ(get("/v1/explain?source=10.0.0.1&address=2001%3Adb8%3A%3A1&port=53&protocol=udp").status,
              200u);
}

TEST_F(Routes, OneSlashAtTheEndIsForgiven) {
    EXPECT_EQ(get("/v1/status/").status, 200u);
    EXPECT_EQ(get("/v1/status//").status, 404u);
}

}  // namespace
}  // namespace sallyport::ctl
