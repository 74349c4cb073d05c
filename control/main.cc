// SPDX-License-Identifier: Apache-2.0
// The daemon on one screen: read the configuration, compile it, start the data plane, serve until a
// signal asks to stop. Nothing starts on a bad file.
#include <iostream>
#include <memory>

#include "config/load.h"
#include "config/reference.h"
#include "control/args.h"
#include "control/daemon.h"
#include "control/log.h"
#include "control/signals.h"
#include "control/version.h"
#include "dataplane/dataplane.h"
#include "dataplane/policy/compile.h"

namespace sallyport::ctl {
namespace {

constexpr std::uint64_t kFirstGeneration = 1;

Result<std::unique_ptr<dp::Dataplane>, dp::StartError> start_compiled(
    const cfg::Model& model, std::span<const dp::policy::RuleId> rule_ids,
    std::vector<std::string>& warnings) {
    auto generation = std::make_unique<const dp::Generation>(
        dp::policy::compile(model, {.generation_id = kFirstGeneration, .rule_ids = rule_ids}));
    return dp::start_dataplane(model, std::move(generation), warnings);
}

int run(const cfg::Model& model, const std::string& config_path) {
    Signals signals;
    set_log_level(model.log_level);
    auto daemon = Daemon::start(model, config_path, start_compiled);
    if (!daemon) {
        std::cerr << "sallyport: " << sentence(daemon.error()) << '\n';
        return kExitStartFailed;
    }
    const int number = signals.wait_for_stop();
    log_event(LogLevel::Info, "stopping", {{"signal", std::to_string(number)}});
    (*daemon)->stop();
    log_event(LogLevel::Info, "stopped");
    return kExitOk;
}

int check_or_run(const Args& args) {
    const cfg::LoadResult loaded = cfg::load_file(args.config, {.to_run = args.mode == Mode::Run});
    std::cerr << cfg::format_findings(loaded.findings);
    if (!loaded.model) return kExitConfigInvalid;
    if (args.mode == Mode::Run) return run(*loaded.model, args.config);
    std::cout << args.config << ": good\n";
    return kExitOk;
}

int dispatch(const Args& args) {
    switch (args.mode) {
        case Mode::Run:
        case Mode::Check: return check_or_run(args);
        case Mode::Help: std::cout << help_text(); return kExitOk;
        case Mode::HelpConfig: std::cout << cfg::reference(); return kExitOk;
        case Mode::Version: std::cout << "sallyport " << version() << '\n'; return kExitOk;
    }
    __builtin_unreachable();
}

}  // namespace
}  // namespace sallyport::ctl

int main(int argc, char** argv) {
    using namespace sallyport::ctl;
    const auto args = parse_args(argc, argv);
    if (args) return dispatch(*args);
    std::cerr << "sallyport: " << args.error() << "; see --help\n";
    return kExitUsage;
}
