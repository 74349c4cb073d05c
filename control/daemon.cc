// SPDX-License-Identifier: Apache-2.0
#include "control/daemon.h"

#include <array>
#include <chrono>
#include <utility>

#include "control/log.h"
#include "control/version.h"
#include "dataplane/policy/compile.h"

namespace sallyport::ctl {
namespace {

dp::StartError start_error(SocketError error) {
    return {"control.socket", std::move(error.what), std::move(error.remedy)};
}

constexpr std::uint64_t kFirstGeneration = 1;

Result<LogSink, dp::StartError> open_log(const cfg::Model& model) {
    auto sink = LogSink::open(model.access_log.path);
    if (sink) return std::move(*sink);
    return std::unexpected(dp::StartError{"log.access.path", std::move(sink.error()),
                                          "name a file in a directory that is there"});
}

std::string port_list(const std::vector<dp::PortStatus>& ports) {
    std::string out;
    for (const auto& port : ports) {
        if (!out.empty()) out += ' ';
        out.append(port.name).append("=").append(port.device);
        if (!port.link_up) out += "(down)";
    }
    return out;
}

std::string server_list(const std::vector<IpAddr>& servers) {
    std::string out;
    std::array<char, kIpTextMax> text;
    for (const IpAddr& server : servers) {
        if (!out.empty()) out += ' ';
        out += format(server, text);
    }
    return out;
}

}  // namespace

Result<std::unique_ptr<Daemon>, dp::StartError> Daemon::start(StartConfig config,
                                                              std::vector<std::string> paths,
                                                              const Starter& starter) {
    const cfg::Model& model = *config.loaded.model;
    auto socket = ControlSocket::claim(model.control.socket);
    if (!socket) return std::unexpected(start_error(std::move(socket.error())));
    auto sink = open_log(model);
    if (!sink) return std::unexpected(std::move(sink.error()));
    std::unique_ptr<Daemon> daemon(new Daemon(std::move(*socket)));
    const auto rule_ids = daemon->rules_.enter(model, kFirstGeneration);
    const auto now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
    auto generation = std::make_shared<const dp::Generation>(dp::policy::compile(
        model, {.generation_id = kFirstGeneration, .rule_ids = rule_ids, .at = now}));
    auto dataplane = starter(model, generation, daemon->api_.facts.warnings);
    if (!dataplane) return std::unexpected(std::move(dataplane.error()));
    daemon->dataplane_ = std::move(*dataplane);
    auto resolver = Resolver::start(*daemon->dataplane_, model.resolver);
    if (!resolver)
        return std::unexpected(dp::StartError{"resolver", std::move(resolver.error()), {}});
    daemon->resolver_ = std::move(*resolver);
    Reload::Start reload;
    reload.paths = std::move(paths);
    reload.config = std::move(config.loaded);
    reload.generation = std::move(generation);
    reload.rule_ids = rule_ids;
    reload.compiled_at = now;
    reload.stale = std::move(config.stale);
    daemon->serve(std::move(reload), std::move(*sink));
    daemon->announce();
    return daemon;
}

void Daemon::serve(Reload::Start start, LogSink sink) {
    const std::shared_ptr<const cfg::Model> model = start.config.model;
    access_log_ =
        std::make_unique<AccessLog>(*dataplane_, rules_, std::move(sink), model->access_log.query,
                                    &suggestions_);
    start.dataplane = dataplane_.get();
    start.book = &rules_;
    start.prepare = [this](const cfg::Model& next) { return prepare(next); };
    reload_ = std::make_unique<Reload>(std::move(start));
    port_watch_ = std::make_unique<PortWatch>(*dataplane_);
    api_.dataplane = dataplane_.get();
    api_.rules = &rules_;
    api_.suggestions = &suggestions_;
    api_.find_name = [this](const std::string& name) { return resolver_->find(name); };
    api_.resolver_counts = [this] { return resolver_->counts(); };
    api_.reload = reload_.get();
    api_.log_counts = [this] { return access_log_->counts(); };
    api_.facts.gateway = model->gateway_name;
    api_.facts.session_slots = model->memory.sessions;
    api_.facts.started = std::chrono::system_clock::now();
    server_ = std::make_unique<Server>(
        socket_, [this](const Request& request) { return answer(api_, request); });
}

// The log is opened anew with every change, so that SIGHUP serves those who rotate it.
Result<Reload::Commit, dp::StartError> Daemon::prepare(const cfg::Model& next) {
    auto opened = open_log(next);
    if (!opened) return std::unexpected(std::move(opened.error()));
    auto sink = std::make_shared<LogSink>(std::move(*opened));
    return [this, sink, query = next.access_log.query, level = next.log_level,
            resolver = next.resolver] {
        set_log_level(level);
        access_log_->use(std::move(*sink), query);
        resolver_->reconfigure(resolver);
    };
}

void Daemon::reread() {
    reload_->reread();
}

void Daemon::announce() const {
    log_event(LogLevel::Info, "started",
              {{"version", std::string(version())},
               {"gateway", api_.facts.gateway},
               {"generation", std::to_string(dataplane_->generation_id())},
               {"workers", std::to_string(dataplane_->workers().size())},
               {"ports", port_list(dataplane_->ports())},
               {"dns", server_list(resolver_->servers())},
               {"control", socket_.path()}});
    for (const std::string& warning : api_.facts.warnings) log_event(LogLevel::Warning, warning);
    if (const std::string stale = reload_->running().stale; !stale.empty())
        log_event(LogLevel::Error, "not the configuration of the files is in force",
                  {{"why", stale}});
}

Daemon::~Daemon() {
    stop();
}

void Daemon::stop() {
    if (server_) server_->stop();
    port_watch_.reset();
    if (reload_) reload_->stop();
    if (resolver_) resolver_->stop();
    if (dataplane_) dataplane_->stop();
    if (access_log_) access_log_->stop();
}

std::string sentence(const dp::StartError& error) {
    std::string out = error.setting.empty() ? error.what : error.setting + ": " + error.what;
    if (!error.remedy.empty()) out += "; " + error.remedy;
    return out;
}

}  // namespace sallyport::ctl
