// SPDX-License-Identifier: Apache-2.0
#include "control/daemon.h"

#include <algorithm>
#include <array>
#include <utility>

#include "control/log.h"
#include "control/version.h"

namespace sallyport::ctl {
namespace {

dp::StartError start_error(SocketError error) {
    return {"control.socket", std::move(error.what), std::move(error.remedy)};
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

Result<std::unique_ptr<Daemon>, dp::StartError> Daemon::start(const cfg::Model& model,
                                                              const std::string& config_path,
                                                              const Starter& starter) {
    auto socket = ControlSocket::claim(model.control.socket);
    if (!socket) return std::unexpected(start_error(std::move(socket.error())));
    auto sink = LogSink::open(model.access_log.path);
    if (!sink)
        return std::unexpected(dp::StartError{"log.access.path", std::move(sink.error()),
                                              "name a file in a directory that is there"});
    std::unique_ptr<Daemon> daemon(new Daemon(std::move(*socket)));
    const auto rule_ids = daemon->rules_.add(model.policy);
    std::vector<std::string> warnings;
    auto dataplane = starter(model, rule_ids, warnings);
    if (!dataplane) return std::unexpected(std::move(dataplane.error()));
    daemon->dataplane_ = std::move(*dataplane);
    auto resolver = Resolver::start(*daemon->dataplane_, model.resolver);
    if (!resolver)
        return std::unexpected(dp::StartError{"resolver", std::move(resolver.error()), {}});
    daemon->resolver_ = std::move(*resolver);
    daemon->serve(model, config_path, std::move(warnings), std::move(*sink));
    daemon->announce();
    return daemon;
}

void Daemon::serve(const cfg::Model& model, const std::string& config_path,
                   std::vector<std::string> warnings, LogSink sink) {
    warnings.insert(warnings.begin(),
                    "names are not bound to addresses yet: a client that lies in its SNI or Host "
                    "reaches any public address under an allowed name");
    access_log_ =
        std::make_unique<AccessLog>(*dataplane_, rules_, std::move(sink), model.access_log.query);
    api_.dataplane = dataplane_.get();
    api_.rules = &rules_;
    api_.resolver_counts = [this] { return resolver_->counts(); };
    api_.log_counts = [this] { return access_log_->counts(); };
    api_.facts = {model.gateway_name, config_path, model.memory.sessions,
                  std::chrono::system_clock::now(), std::move(warnings)};
    server_ = std::make_unique<Server>(
        socket_, [this](const std::string& method, const std::string& target) {
            return answer(api_, method, target);
        });
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
}

Daemon::~Daemon() {
    stop();
}

void Daemon::stop() {
    if (server_) server_->stop();
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
