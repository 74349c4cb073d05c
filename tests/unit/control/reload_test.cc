// SPDX-License-Identifier: Apache-2.0
// Changing the configuration of a data plane without packets: what is published, kept, refused.
#include "control/reload.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <thread>

#include "control/replies.h"
#include "tests/unit/control/api_fixture.h"

namespace sallyport::ctl {
namespace {

using dp::policy::AppProtocol;
using dp::policy::Decision;

class ReloadTest : public testing::Test {
   protected:
    ReloadTest() { testing::internal::CaptureStderr(); }
    ~ReloadTest() override { testing::internal::GetCapturedStderr(); }

    void write(const std::string& rules, const std::string& extra = {}) {
        write_file(api.file, config_text(api.dir, rules, extra));
    }
    auto apply(ApplyRequest request = {}) {
        request.paths = {api.file};
        return api.reload->apply(request);
    }
    // What the generation that was published last says of a name.
    Decision says(const std::string& name) {
        const IpAddr client = Ipv4Addr{{10, 10, 0, 15}};
        const auto all = api.dataplane.published();
        EXPECT_FALSE(all.empty());
        return all.back()->policy.match({client, name, Port{443}, AppProtocol::Tls}).decision;
    }
    std::size_t published() const { return api.dataplane.published().size(); }

    ApiFixture api;
};

TEST_F(ReloadTest, PublishesWhatTheFileSays) {
    write(kGithub);
    const auto report = apply();
    ASSERT_TRUE(report) << report.error().message;
    EXPECT_TRUE(report->changed);
    EXPECT_EQ(report->generation, 8u);
    EXPECT_EQ(says("github.com"), Decision::Allow);
    EXPECT_EQ(says("edition.cnn.com"), Decision::Deny);
    EXPECT_EQ(api.commits, 1);
    EXPECT_EQ(api.reload->running().generation->id, 8u);
    EXPECT_EQ(api.reload->running().model->policy.rules[0].name, "github");
}

TEST_F(ReloadTest, RuleKeepsItsIdAndItsEarlierTexts) {
    write(kGithub + kCnn);
    ASSERT_TRUE(apply());
    EXPECT_EQ(api.rules.find(1, 8)->name, "cnn");
    EXPECT_NE(api.rules.find(1, 7)->at, api.rules.find(1, 8)->at) << "it moved down a line";
}

TEST_F(ReloadTest, WhatRunsAlreadyIsNotPublishedAgain) {
    const auto report = apply();
    ASSERT_TRUE(report);
    EXPECT_FALSE(report->changed);
    EXPECT_EQ(report->generation, 7u);
    EXPECT_EQ(published(), 0u);
    EXPECT_EQ(api.commits, 1) << "the log is opened anew";
}

TEST_F(ReloadTest, BadFileChangesNothingAndSaysWhy) {
    write("    - {name: x, hosst: [a.example], protocols: [tls/443]}\n");
    const auto report = apply();
    ASSERT_FALSE(report);
    EXPECT_EQ(report.error().kind, Refusal::Kind::Invalid);
    EXPECT_EQ(report.error().code, "config_invalid");
    EXPECT_FALSE(report.error().findings.empty());
    EXPECT_EQ(published(), 0u);
    EXPECT_EQ(api.commits, 0);
    EXPECT_EQ(api.reload->running().model->policy.rules[0].name, "cnn");
    EXPECT_TRUE(api.reload->running().last_failed);
    EXPECT_EQ(api.reload->history().size(), 1u);
}

TEST_F(ReloadTest, UnreadableFileChangesNothing) {
    std::filesystem::remove(api.file);
    const auto report = apply();
    ASSERT_FALSE(report);
    EXPECT_EQ(report.error().code, "config_invalid");
    EXPECT_EQ(published(), 0u);
}

TEST_F(ReloadTest, KeysThatNeedARestartAreNamedWithTheirPlaces) {
    write(kGithub, "workers: {count: 2}\nmemory: {sessions: 1024}\n");
    const auto report = apply();
    ASSERT_FALSE(report);
    EXPECT_EQ(report.error().code, "needs_restart");
    std::vector<std::string> paths;
    for (const cfg::Finding& f : report.error().findings) {
        paths.push_back(f.path);
        EXPECT_GT(f.mark.line, 0) << f.path;
        EXPECT_NE(f.excerpt, "") << f.path;
    }
    EXPECT_EQ(paths, (std::vector<std::string>{"workers.count", "memory.sessions"}));
    EXPECT_EQ(published(), 0u) << "not even the rules";
}

TEST_F(ReloadTest, KeyThatIsNoLongerWrittenNeedsARestartAsWell) {
    write(kCnn, "workers: {count: 2}\n");
    api.start();
    write(kCnn);
    const auto report = apply();
    ASSERT_FALSE(report);
    EXPECT_EQ(report.error().code, "needs_restart");
    EXPECT_EQ(report.error().findings.at(0).path, "workers.count");
}

TEST_F(ReloadTest, LogThatCannotBeOpenedChangesNothing) {
    write(kGithub);
    api.prepare_error = "cannot open /nowhere";
    const auto report = apply();
    ASSERT_FALSE(report);
    EXPECT_EQ(report.error().message,
              "log.access.path: cannot open /nowhere; nothing was changed");
    EXPECT_EQ(published(), 0u);
}

TEST_F(ReloadTest, RecheckIsAskedForByTheCallerOrTheFile) {
    write(kGithub);
    EXPECT_FALSE(apply()->rechecked);
    write(kCnn);
    EXPECT_TRUE(apply({.paths = {}, .sessions = cfg::OnReload::Recheck, .confirm_within = {}})->rechecked);
    EXPECT_EQ(api.dataplane.rechecks, 1);
}

TEST_F(ReloadTest, WorkerThatIsSilentIsTold) {
    write(kGithub);
    api.dataplane.silent = true;
    const auto report = apply();
    ASSERT_TRUE(report);
    EXPECT_EQ(report->degraded.size(), 1u);
}

TEST_F(ReloadTest, TrialThatIsConfirmedStays) {
    write(kGithub);
    const auto report = apply({.paths = {}, .sessions = {}, .confirm_within = std::chrono::hours(1)});
    ASSERT_TRUE(report);
    EXPECT_TRUE(report->confirm_by);
    EXPECT_TRUE(api.reload->running().confirm_by);
    EXPECT_EQ(api.reload->history().size(), 1u) << "not good yet";
    EXPECT_EQ(apply().error().code, "on_trial");
    ASSERT_TRUE(api.reload->confirm());
    EXPECT_FALSE(api.reload->running().confirm_by);
    EXPECT_EQ(api.reload->history().size(), 2u);
    EXPECT_EQ(api.reload->confirm().error().code, "not_on_trial");
    EXPECT_EQ(says("github.com"), Decision::Allow);
}

TEST_F(ReloadTest, TrialThatIsNotConfirmedMakesWayByItself) {
    write(kGithub);
    ASSERT_TRUE(apply({.paths = {}, .sessions = {}, .confirm_within = std::chrono::seconds(1)}));
    EXPECT_EQ(says("github.com"), Decision::Allow);
    ASSERT_TRUE(eventually([&] { return published() == 2; }));
    EXPECT_EQ(says("github.com"), Decision::Deny);
    EXPECT_EQ(says("edition.cnn.com"), Decision::Allow);
    ASSERT_TRUE(eventually([&] { return !api.reload->running().stale.empty(); }));
    EXPECT_FALSE(api.reload->running().confirm_by);
    EXPECT_EQ(api.reload->history().size(), 1u);
    EXPECT_EQ(api.reload->confirm().error().code, "not_on_trial");
}

TEST_F(ReloadTest, StatusNeverMixesTwoChanges) {
    using Told = std::pair<std::uint64_t, std::string>;
    const auto told = [&] {
        const Json status = status_reply(api.context);
        return Told{status["generation"], status["config_state"]};
    };
    std::vector<Told> seen;
    api.dataplane.while_settling = [&] { seen.push_back(told()); };
    write(kGithub);
    ASSERT_TRUE(apply({.paths = {}, .sessions = {}, .confirm_within = std::chrono::seconds(1)}));
    EXPECT_EQ(told(), Told(8, "on_trial"));
    ASSERT_TRUE(eventually([&] { return !api.reload->running().stale.empty(); }));
    EXPECT_EQ(told(), Told(9, "stale"));
    EXPECT_EQ(seen, (std::vector<Told>{{7, "confirmed"}, {8, "on_trial"}}));
}

TEST_F(ReloadTest, DaemonThatDiedOnTrialStartsFromTheConfirmedOne) {
    write(kGithub);
    ASSERT_TRUE(apply({.paths = {}, .sessions = {}, .confirm_within = std::chrono::hours(1)}));
    api.reload.reset();  // as if killed: nothing is confirmed, nothing is rolled back
    const std::vector<std::string> paths{api.file};
    const StartConfig chosen = choose_config(paths, std::nullopt);
    ASSERT_TRUE(chosen.loaded.model);
    EXPECT_EQ(chosen.loaded.model->policy.rules[0].name, "cnn");
    EXPECT_NE(chosen.stale.find("on trial"), std::string::npos) << chosen.stale;
    write(kGithub + kCnn);
    EXPECT_EQ(choose_config(paths, std::nullopt).stale, "") << "the file is another one now";
}

TEST_F(ReloadTest, BrokenFilesStartTheLastGoodOneOnlyWhenAsked) {
    write(kGithub);
    ASSERT_TRUE(apply());
    api.reload.reset();
    write_file(api.file, "nonsense: [");
    const std::vector<std::string> paths{api.file};
    EXPECT_FALSE(choose_config(paths, std::nullopt).loaded.model);
    const StartConfig chosen = choose_config(paths, api.dir / "state");
    ASSERT_TRUE(chosen.loaded.model) << chosen.note;
    EXPECT_EQ(chosen.loaded.model->policy.rules[0].name, "github");
    EXPECT_FALSE(chosen.findings.empty());
    EXPECT_FALSE(chosen.stale.empty());
    const StartConfig nothing = choose_config(paths, api.dir / "elsewhere");
    EXPECT_FALSE(nothing.loaded.model);
    EXPECT_NE(nothing.note.find("no last good"), std::string::npos) << nothing.note;
}

TEST_F(ReloadTest, RollsBackToTheOneBeforeAndToANumber) {
    write(kGithub);
    ASSERT_TRUE(apply());
    ASSERT_TRUE(api.reload->roll_back(std::nullopt));
    EXPECT_EQ(says("edition.cnn.com"), Decision::Allow);
    EXPECT_FALSE(api.reload->running().stale.empty());
    const auto history = api.reload->history();
    ASSERT_EQ(history.size(), 3u) << "cnn, github, cnn again";
    ASSERT_TRUE(api.reload->roll_back(history[1].number));
    EXPECT_EQ(says("github.com"), Decision::Allow);
    EXPECT_EQ(api.reload->roll_back(99).error().code, "no_such_generation");
}

TEST_F(ReloadTest, NothingToRollBackTo) {
    EXPECT_EQ(api.reload->roll_back(std::nullopt).error().code, "no_previous");
}

TEST_F(ReloadTest, UnwritableStateIsAWarningThatNamesTheKey) {
    std::filesystem::remove_all(api.dir / "state");
    std::ofstream(api.dir / "state") << "a file";
    write(kGithub);
    const auto report = apply();
    ASSERT_TRUE(report);
    ASSERT_EQ(report->degraded.size(), 1u);
    EXPECT_TRUE(report->degraded[0].starts_with("control.state: ")) << report->degraded[0];
    EXPECT_EQ(says("github.com"), Decision::Allow);
}

TEST_F(ReloadTest, SecondChangeAtOnceIsToldToWait) {
    api.dataplane.session_rows.resize(1);
    api.dataplane.close_gate();  // diff asks for sessions, and waits
    // A confirm() that asks at the same moment may make it wait as well.
    std::thread first([&] {
        EXPECT_TRUE(eventually([&] { return api.reload->diff({api.file}).has_value(); }));
    });
    EXPECT_TRUE(eventually([&] {
        const auto second = api.reload->confirm();
        return !second && second.error().code == "busy";
    }));
    EXPECT_EQ(apply().error().kind, Refusal::Kind::Busy);
    api.dataplane.open_gate();
    first.join();
    EXPECT_TRUE(apply());
}

TEST_F(ReloadTest, DiffCountsTheSessionsThatWouldNoLongerBeAllowed) {
    dp::SessionRow spliced;
    spliced.record = allowed_record();
    spliced.state = dp::SessionState::Spliced;
    dp::SessionRow held = spliced, denied = spliced, other = spliced;
    held.state = dp::SessionState::Hold;
    denied.record.decision = Decision::Deny;
    other.record.set_name("github.com");
    api.dataplane.session_rows = {spliced, spliced, held, denied, other};
    write(kGithub, "tcp: {hello_timeout: 3s}\nworkers: {count: 2}\n");
    const auto report = api.reload->diff({api.file});
    ASSERT_TRUE(report) << report.error().message;
    EXPECT_EQ(report->impact.sessions, 3u);
    EXPECT_EQ(report->impact.no_longer_allowed, 2u);
    EXPECT_EQ(report->impact.by_rule, (std::map<std::string, std::uint64_t>{{"cnn", 2}}));
    std::vector<std::string> told;
    for (const cfg::Difference& d : report->differences)
        told.push_back(std::string(cfg::text(d.kind)) + ' ' + d.path +
                       (d.live == cfg::Live::Restart ? " (restart)" : ""));
    EXPECT_EQ(told, (std::vector<std::string>{"changed workers.count (restart)",
                                              "changed tcp.hello_timeout",
                                              "added policy.rules[github]",
                                              "removed policy.rules[cnn]"}));
    EXPECT_EQ(published(), 0u);
}

TEST_F(ReloadTest, AddressThatIsTakenAwayDrainsWhileASessionUsesIt) {
    const auto egress = [&](const std::string& addresses) {
        std::string text = config_text(api.dir, kCnn);
        text.replace(text.find("[203.0.113.7]"), 13, addresses);
        write_file(api.file, text);
        return apply();
    };
    const auto draining = [&] {
        std::vector<std::string> out;
        for (const dp::EgressSet& set : api.dataplane.published().back()->settings.draining)
            for (const IpAddr& a : set.addresses) out.push_back(address_text(a));
        return out;
    };
    using Texts = std::vector<std::string>;
    dp::SessionRow row;
    row.record = allowed_record();  // from 203.0.113.7
    row.state = dp::SessionState::Spliced;
    api.dataplane.session_rows = {row};
    ASSERT_TRUE(egress("[203.0.113.8]"));
    EXPECT_EQ(draining(), Texts{"203.0.113.7"});
    const auto& ports = api.dataplane.published().back()->settings.ports;
    EXPECT_NE(std::ranges::find(ports[dp::kOutsidePort].addresses, IpAddr(Ipv4Addr{{203, 0, 113, 7}})),
              ports[dp::kOutsidePort].addresses.end())
        << "ARP is answered still";
    ASSERT_TRUE(egress("[203.0.113.9]"));
    EXPECT_EQ(draining(), (Texts{"203.0.113.8", "203.0.113.7"}));
    api.dataplane.session_rows.clear();
    ASSERT_TRUE(egress("[203.0.113.9, 203.0.113.10]"));
    EXPECT_EQ(draining(), Texts{});
}

TEST_F(ReloadTest, RulesBeginAndEndByTheClock) {
    using namespace std::chrono;
    const auto day = sys_days(2026y / November / 23);  // a Monday
    std::atomic<system_clock::time_point> now{day + 7h + 59min};
    write("    - {name: cnn, hosts: [edition.cnn.com], protocols: [tls/443], "
          "schedule: [\"Mon-Fri 08:00-18:00\"]}\n");
    api.clock = [&now] { return now.load(); };
    api.start();
    EXPECT_EQ(api.reload->running().next_change, sys_seconds(day + 8h));
    const std::size_t kept = api.reload->history().size();
    const auto becomes = [&](system_clock::time_point at, Decision decision) {
        const std::size_t before = published();
        now = at;
        return eventually([&] { return published() > before; }) &&
               says("edition.cnn.com") == decision;
    };
    EXPECT_TRUE(becomes(day + 8h, Decision::Allow));
    EXPECT_TRUE(becomes(day + 18h, Decision::Deny));
    EXPECT_TRUE(becomes(day + 12h, Decision::Allow)) << "the wall clock was set back";
    EXPECT_TRUE(becomes(day + 24h + 20h, Decision::Deny)) << "the machine slept";
    EXPECT_EQ(api.reload->history().size(), kept) << "the configuration is the same";
    api.reload.reset();  // before the clock
}

TEST_F(ReloadTest, RecheckIsThePolicysOwnWishAsWell) {
    std::string text = config_text(api.dir, kGithub);
    write_file(api.file, text.replace(text.find("policy:\n"), 8, "policy:\n  on_reload: recheck\n"));
    EXPECT_TRUE(apply()->rechecked);
    EXPECT_EQ(api.dataplane.rechecks, 1);
    write(kCnn);
    EXPECT_FALSE(apply()->rechecked) << "the new configuration does not wish it";
}

TEST_F(ReloadTest, RereadsItsOwnFilesAndLogsTheResult) {
    write("nonsense\n");
    api.reload->reread();
    EXPECT_TRUE(eventually([&] { return api.reload->running().last_failed; }));
    write(kGithub);
    api.reload->reread();
    EXPECT_TRUE(eventually([&] { return published() == 1; }));
}

}  // namespace
}  // namespace sallyport::ctl
