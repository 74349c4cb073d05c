// SPDX-License-Identifier: Apache-2.0
// The daemon between its start and its stop: control socket, data plane, resolver, access log, server;
// brought up in this order and taken down in reverse, whatever fails on the way.
#pragma once
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "config/model.h"
#include "control/access_log.h"
#include "control/control_socket.h"
#include "control/resolver.h"
#include "control/routes.h"
#include "control/rule_names.h"
#include "control/server.h"
#include "dataplane/dataplane.h"

namespace sallyport::ctl {

// How the data plane is made: the real one by main, another one by tests.
using Starter = std::function<Result<std::unique_ptr<dp::Dataplane>, dp::StartError>(
    const cfg::Model& model, std::span<const dp::policy::RuleId> rule_ids,
    std::vector<std::string>& warnings)>;

class Daemon {
   public:
    // On an error nothing is left behind. What an operator should know is logged.
    static Result<std::unique_ptr<Daemon>, dp::StartError> start(const cfg::Model& model,
                                                                 const std::string& config_path,
                                                                 const Starter& starter);
    ~Daemon();
    Daemon(const Daemon&) = delete;
    Daemon& operator=(const Daemon&) = delete;

    // No more answers, then no more packets, then the last log lines. Idempotent.
    void stop();

   private:
    explicit Daemon(ControlSocket socket) : socket_(std::move(socket)) {}
    void serve(const cfg::Model& model, const std::string& config_path,
               std::vector<std::string> warnings, LogSink sink);
    void announce() const;

    ControlSocket socket_;
    RuleNames rules_;
    std::unique_ptr<dp::Dataplane> dataplane_;
    std::unique_ptr<Resolver> resolver_;
    std::unique_ptr<AccessLog> access_log_;
    ApiContext api_;
    std::unique_ptr<Server> server_;
};

// "log.access.path: cannot open ...; make room": a start error as one sentence.
std::string sentence(const dp::StartError& error);

}  // namespace sallyport::ctl
