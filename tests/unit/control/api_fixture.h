// SPDX-License-Identifier: Apache-2.0
// A daemon without packets and without a socket: what the control API needs to answer.
#pragma once
#include <memory>
#include <string>

#include "control/reload.h"
#include "control/routes.h"
#include "control/start_config.h"
#include "control/text.h"
#include "dataplane/policy/compile.h"
#include "tests/unit/control/fake_dataplane.h"
#include "tests/unit/control/support.h"

namespace sallyport::ctl {

// A configuration that can run, with rules in YAML, one a line.
inline std::string config_text(const TempDir& dir, const std::string& rules,
                               const std::string& extra = {}) {
    return "apiVersion: sallyport/v1\n"
           "ports:\n"
           "  inside:  {device: \"net_ring0\", addresses: [10.10.0.1/24]}\n"
           "  outside: {device: \"net_ring1\", addresses: [203.0.113.2/24], next_hop: [203.0.113.1]}\n"
           "egress:\n"
           "  - {name: public, addresses: [203.0.113.7]}\n"
           "control: {socket: " + (dir / "run/control.sock") + ", state: " + (dir / "state") + "}\n"
           "log: {access: {path: " + (dir / "access.log") + "}}\n" + extra +
           "policy:\n  rules:\n" + rules;
}
inline const std::string kCnn = "    - {name: cnn, hosts: [edition.cnn.com], protocols: [tls/443]}\n";
inline const std::string kGithub = "    - {name: github, hosts: [github.com], protocols: [tls/443]}\n";

inline void write_file(const std::string& path, const std::string& text) {
    std::ofstream(path, std::ios::trunc) << text;
}

class ApiFixture {
   public:
    // Runs these rules from dir/sallyport.yaml.
    explicit ApiFixture(const std::string& rules_text = kCnn) {
        write_file(file, config_text(dir, rules_text));
        start();
    }
    void start(std::string stale = {}) {
        Reload::Start s;
        s.dataplane = &dataplane;
        s.book = &rules;
        s.prepare = [this](const cfg::Model&) -> Result<Reload::Commit, dp::StartError> {
            if (!prepare_error.empty())
                return std::unexpected(dp::StartError{"log.access.path", prepare_error, "mend it"});
            return [this] { ++commits; };
        };
        s.paths = {file};
        s.config = load_config(s.paths);
        s.clock = clock;
        s.stale = std::move(stale);
        s.rule_ids = rules.enter(*s.config.model, 7);
        s.compiled_at = std::chrono::floor<std::chrono::seconds>(
            clock ? clock() : std::chrono::system_clock::now());
        s.generation = std::make_shared<const dp::Generation>(dp::policy::compile(
            *s.config.model,
            {.generation_id = 7, .rule_ids = s.rule_ids, .at = s.compiled_at, .draining = {}}));
        reload.reset();
        reload = std::make_unique<Reload>(std::move(s));
        context.dataplane = &dataplane;
        context.rules = &rules;
        context.reload = reload.get();
        context.log_counts = [this] { return counts; };
        context.suggestions = &suggestions;
        context.find_name = [this](const std::string& name) -> std::optional<KnownName> {
            if (name != known.name) return std::nullopt;
            return known;
        };
        context.resolver_counts = [] { return ResolverCounts{.lookups = 5}; };
        context.facts = {"egress-a", 65536, std::chrono::system_clock::now(), {"no hugepages"}};
    }

    TempDir dir;
    std::string file = dir / "sallyport.yaml";
    std::string prepare_error;
    int commits = 0;
    Reload::WallClock clock;
    FakeDataplane dataplane;
    RuleBook rules;
    AccessLogCounts counts{10, 0};
    LiveSuggestions suggestions;
    KnownName known{.name = "edition.cnn.com",
                    .status = dp::AnswerStatus::Found,
                    .addresses = {Ipv4Addr{{151, 101, 195, 5}}}};
    ApiContext context;
    std::unique_ptr<Reload> reload;
};

}  // namespace sallyport::ctl
