// SPDX-License-Identifier: Apache-2.0
// The client: its grammar and tables as functions, and the program itself against a server.
#include <gtest/gtest.h>
#include <sys/wait.h>

#include <array>
#include <cstdio>
#include <memory>
#include <regex>
#include <sstream>

#include "control/server.h"
#include "tests/unit/control/api_fixture.h"
#include "tests/unit/control/support.h"
#include "tools/sallyctl/client.h"
#include "tools/sallyctl/command_line.h"
#include "tools/sallyctl/table.h"

namespace sallyport::ctl {
namespace {

Result<CommandLine, std::string> parsed(std::vector<const char*> words) {
    words.insert(words.begin(), "sallyctl");
    return parse_command_line(static_cast<int>(words.size()), words.data());
}

TEST(SallyctlGrammar, EveryRouteIsACommandWithHelp) {
    const std::string overview = parsed({"help"})->text;
    for (const Route& r : routes()) {
        if (r.command.empty()) continue;
        const std::string word(r.command);
        std::vector<std::string> words;
        std::istringstream in(word);
        for (std::string w; in >> w;) words.push_back(w);
        const auto of = [&](std::vector<const char*> argv, const char* last = nullptr) {
            for (const std::string& w : words) argv.push_back(w.c_str());
            if (last != nullptr) argv.push_back(last);
            return parsed(std::move(argv));
        };
        const auto line = of({});
        ASSERT_TRUE(line) << line.error();
        EXPECT_EQ(line->target, r.path);
        EXPECT_EQ(line->given.socket, "/run/sallyport/control.sock");
        EXPECT_NE(overview.find("  " + word + " "), std::string::npos);
        const std::string help = of({"help"})->text;
        EXPECT_EQ(of({}, "--help")->text, help);
        for (const ReplyField& f : r.reply)
            EXPECT_NE(help.find(std::string(f.key)), std::string::npos) << word << " " << f.key;
    }
}

TEST(SallyctlGrammar, TakesOptionsBeforeAndAfterTheCommand) {
    EXPECT_EQ(parsed({"-s", "/x", "-o", "json", "status"})->given.socket, "/x");
    EXPECT_EQ(parsed({"-s/x", "--output=json", "status"})->given.output, Output::AsJson);
    EXPECT_EQ(parsed({"status", "-o", "json", "-s/x"})->given.output, Output::AsJson);
    EXPECT_EQ(parsed({"sessions", "--limit", "5"})->target, "/v1/sessions?limit=5");
    EXPECT_TRUE(parsed({"counters", "--all"})->given.has("all"));
}

TEST(SallyctlGrammar, RefusesWhatItDoesNotKnow) {
    for (const auto& words : std::vector<std::vector<const char*>>{{},
                                                                   {"drain"},
                                                                   {"status", "now"},
                                                                   {"-o", "xml", "status"},
                                                                   {"status", "--limit", "5"},
                                                                   {"sessions", "--limit", "0"},
                                                                   {"sessions", "--limit", "x"},
                                                                   {"status", "--all"},
                                                                   {"status", "--sock", "x"},
                                                                   {"--limit", "5", "sessions"},
                                                                   {"reasons", "-o", "yaml"},
                                                                   {"-s"},
                                                                   {"help", "nothing"}})
        EXPECT_FALSE(parsed(words)) << (words.empty() ? "" : words[0]);
    EXPECT_NE(parsed({"session"}).error().find("did you mean sessions?"), std::string::npos);
}

TEST(SallyctlGrammar, EveryCommandIsListedAndHasHelp) {
    const std::string overview = parsed({"help"})->text;
    for (const Command* c : commands()) {
        EXPECT_NE(overview.find("  " + std::string(c->words) + " "), std::string::npos) << c->words;
        std::vector<std::string> words{""};
        for (const char letter : c->words)
            letter == ' ' ? words.emplace_back() : words.back() += letter;
        std::vector<const char*> asked{"help"}, flagged;
        for (const std::string& w : words) {
            asked.push_back(w.c_str());
            flagged.push_back(w.c_str());
        }
        flagged.push_back("--help");
        const auto help = parsed(asked);
        ASSERT_TRUE(help) << help.error();
        EXPECT_NE(help->text.find("Usage: sallyctl " + std::string(c->words)), std::string::npos);
        EXPECT_EQ(parsed(flagged)->text, help->text);
    }
}

std::string ran(const std::vector<const char*>& words, int expected_code) {
    const auto line = parsed(words);
    if (!line || line->command == nullptr) return "no command";
    std::istringstream in;
    std::ostringstream out, err;
    Streams streams{in, out, err};
    EXPECT_EQ(line->command->run(line->given, streams), expected_code) << err.str();
    return out.str() + err.str();
}

TEST(SallyctlReasons, ExplainsOneOrAll) {
    EXPECT_NE(ran({"reasons"}, kExitOk).find("\nno_sni "), std::string::npos);
    EXPECT_EQ(ran({"reasons", "no_sni"}, kExitOk),
              "REASON  HELP\nno_sni  The ClientHello names no server.\n");
    const Json json = Json::parse(ran({"reasons", "-o", "json", "no_sni"}, kExitOk));
    EXPECT_EQ(json.at("reasons").at(0).at("reason"), "no_sni");
    EXPECT_NE(ran({"reasons", "none_such"}, kExitNo).find("no reason"), std::string::npos);
}

TEST(SallyctlTable, AlignsColumnsAndPutsNumbersToTheRight) {
    const Json body = Json::parse(R"({"counters": [
        {"name": "a", "kind": "counter", "value": 12345, "help": "One."},
        {"name": "longer_name", "kind": "reason", "value": 7, "help": "Two."},
        {"name": "none", "kind": "reason", "value": 0, "help": "Three."}]})");
    const Route& counters = route(RouteId::Counters);
    EXPECT_EQ(to_table(counters, body, false),
              "NAME         KIND     VALUE  HELP\n"
              "a            counter  12345  One.\n"
              "longer_name  reason       7  Two.\n");
    EXPECT_NE(to_table(counters, body, true).find("none"), std::string::npos);
}

TEST(SallyctlTable, ObjectIsKeysAndValues) {
    const Json body = Json::parse(R"({"health": "degraded", "health_reasons": ["a", "b"],
                                      "version": "1", "hugepages": false, "warnings": []})");
    const std::string text = to_table(route(RouteId::Status), body, false);
    EXPECT_TRUE(text.starts_with("health: degraded\nbecause: a\nbecause: b\nversion: 1\n")) << text;
    EXPECT_NE(text.find("hugepages: no\n"), std::string::npos);
    EXPECT_NE(text.find("pid: -\n"), std::string::npos) << "a key that an older daemon lacks";
    EXPECT_EQ(text.find("warnings"), std::string::npos);
}

TEST(SallyctlTable, NoNameMovesTheCursor) {
    const Json body = Json::parse(R"({"sessions": [{"name": "a\u001b[2Jb\n\u00e9"}]})");
    const std::string text = to_table(route(RouteId::Sessions), body, false);
    EXPECT_NE(text.find(" a?[2Jb??? "), std::string::npos) << text;
}

TEST(SallyctlTable, BodyOfAnotherShapeIsNoCrash) {
    for (const char* text : {"[]", "3", "{\"counters\": 3}", "{\"counters\": [3]}", "{}"})
        EXPECT_FALSE(to_table(route(RouteId::Counters), Json::parse(text), false).empty()) << text;
}

TEST(SallyctlClient, GivesUpOnADaemonThatIsSilent) {
    TempDir dir;
    const auto socket = ControlSocket::claim(dir / "s");  // connects, and nobody reads
    const auto reply = ask(dir / "s", "/v1", std::chrono::milliseconds(50));
    ASSERT_FALSE(reply);
    EXPECT_NE(reply.error().what.find(dir / "s"), std::string::npos);
}

TEST(SallyctlClient, PathThatCannotBeASocketIsAnError) {
    EXPECT_FALSE(ask("", "/v1"));
    EXPECT_FALSE(ask("/" + std::string(200, 'x'), "/v1"));
}

// The uptime is another one in each answer.
std::string without_clock(const std::string& text) {
    return std::regex_replace(text, std::regex("(uptime|config_age)_seconds: .*"), "");
}

// The program itself, as an operator runs it.
class Sallyctl : public testing::Test {
   protected:
    struct Outcome {
        int code = 0;
        std::string text;  // standard output and standard error
    };

    Sallyctl() {
        dp::SessionRow row;
        row.record = allowed_record();
        row.state = dp::SessionState::Spliced;
        dataplane.session_rows.assign(1, row);
        server = std::make_unique<Server>(
            socket, [this](const Request& request) { return answer(api.context, request); });
    }
    void SetUp() override {
        if (std::getenv("SALLYCTL") == nullptr) GTEST_SKIP() << "SALLYCTL names no program";
    }
    Outcome run(const std::string& arguments) const {
        const std::string command =
            std::string(std::getenv("SALLYCTL")) + " -s " + path + " " + arguments + " 2>&1";
        FILE* out = ::popen(command.c_str(), "r");
        Outcome outcome;
        std::array<char, 4096> buffer{};
        while (std::fgets(buffer.data(), buffer.size(), out) != nullptr)
            outcome.text += buffer.data();
        outcome.code = WEXITSTATUS(::pclose(out));
        return outcome;
    }

    TempDir dir;
    std::string path = dir / "control.sock";
    ApiFixture api;
    FakeDataplane& dataplane = api.dataplane;
    ControlSocket socket = ControlSocket::claim(path).value();
    std::unique_ptr<Server> server;  // from the end of the constructor on
};

TEST_F(Sallyctl, EveryCommandAnswersAsTableAndAsJson) {
    for (const Route& r : routes()) {
        if (r.command.empty()) continue;
        const std::string word(r.command);
        const Outcome table = run(word);
        EXPECT_EQ(table.code, 0) << table.text;
        EXPECT_EQ(without_clock(table.text),
                  without_clock(to_table(r, answer(api.context, {std::string(r.method), std::string(r.path), {}}).body, false)));
        const Outcome json = run("-o json " + word);
        EXPECT_EQ(json.code, 0);
        EXPECT_TRUE(Json::accept(json.text)) << json.text;
    }
}

TEST_F(Sallyctl, SessionsTableShowsWhoGoesWhere) {
    const Outcome outcome = run("sessions --limit 5");
    EXPECT_NE(outcome.text.find("10.10.0.15:43956"), std::string::npos) << outcome.text;
    EXPECT_NE(outcome.text.find("edition.cnn.com"), std::string::npos) << outcome.text;
    EXPECT_EQ(dataplane.asked_limit, 5u);
}

TEST_F(Sallyctl, CountersShowZerosWhenAsked) {
    EXPECT_EQ(run("counters").text.find("idle_timeout"), std::string::npos);
    EXPECT_NE(run("counters --all").text.find("idle_timeout"), std::string::npos);
}

TEST_F(Sallyctl, WrongUsageIsTwo) {
    const Outcome outcome = run("statu");
    EXPECT_EQ(outcome.code, 2);
    EXPECT_NE(outcome.text.find("did you mean status?"), std::string::npos);
}

TEST_F(Sallyctl, RefusalIsOneWithTheHintOfTheDaemon) {
    dataplane.silent = true;
    const Outcome text = run("sessions");
    EXPECT_EQ(text.code, 1);
    EXPECT_NE(text.text.find("a worker did not answer"), std::string::npos) << text.text;
    const Outcome json = run("-o json sessions");
    EXPECT_EQ(json.code, 1);
    EXPECT_EQ(Json::parse(json.text).at("code"), "worker_silent");
}

TEST_F(Sallyctl, UnreachableIsThreeWithARemedy) {
    const Outcome outcome = run("-s /nowhere/s status");
    EXPECT_EQ(outcome.code, 2) << "one socket, please: " << outcome.text;
    server->stop();
    path = dir / "other.sock";
    const Outcome gone = run("status");
    EXPECT_EQ(gone.code, 3);
    EXPECT_NE(gone.text.find("is the daemon running?"), std::string::npos) << gone.text;
    const Outcome json = run("-o json status");
    EXPECT_EQ(json.code, 3);
    EXPECT_EQ(Json::parse(json.text).at("code"), "unreachable");
}

}  // namespace
}  // namespace sallyport::ctl
