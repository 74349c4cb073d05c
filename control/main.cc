// SPDX-License-Identifier: Apache-2.0
// The daemon on one screen: read the configuration, compile it, start the data plane, serve until a
// signal asks to stop. Nothing starts on a bad file.
#include <filesystem>
#include <iostream>
#include <memory>

#include "config/load.h"
#include "config/reference.h"
#include "control/args.h"
#include "control/daemon.h"
#include "control/log.h"
#include "control/signals.h"
#include "control/start_config.h"
#include "control/version.h"
#include "dataplane/dataplane.h"

namespace sallyport::ctl {
namespace {

int run(const Args& args) {
    std::vector<std::string> paths;
    for (const std::string& path : args.config) paths.push_back(std::filesystem::absolute(path));
    StartConfig config = choose_config(paths, args.last_good);
    std::cerr << cfg::format_findings(config.findings);
    if (!config.note.empty()) std::cerr << "sallyport: " << config.note << '\n';
    if (!config.loaded.model) return kExitConfigInvalid;
    Signals signals;
    set_log_level(config.loaded.model->log_level);
    Result<std::unique_ptr<Daemon>, dp::StartError> daemon;
    signals.run_start([&] { daemon = Daemon::start(std::move(config), std::move(paths), dp::start_dataplane); });
    if (!daemon) {
        std::cerr << "sallyport: " << sentence(daemon.error()) << '\n';
        return kExitStartFailed;
    }
    const int number = signals.wait_for_stop([&] { (*daemon)->reread(); });
    log_event(LogLevel::Info, "stopping", {{"signal", std::to_string(number)}});
    (*daemon)->stop();
    log_event(LogLevel::Info, "stopped");
    return kExitOk;
}

int check(const Args& args) {
    const cfg::LoadResult loaded = cfg::load(args.config);
    std::cerr << cfg::format_findings(loaded.findings);
    if (!loaded.model) return kExitConfigInvalid;
    for (const std::string& path : args.config) std::cout << path << ": good\n";
    return kExitOk;
}

int dispatch(const Args& args) {
    switch (args.mode) {
        case Mode::Run: return run(args);
        case Mode::Check: return check(args);
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
