// SPDX-License-Identifier: Apache-2.0
// The daemon between its start and its stop: control socket, data plane, resolver, access log,
// reload, watch, server; brought up in this order and taken down in reverse, whatever fails on the way. Its
// configuration may change as it runs.
#pragma once
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "control/access_log.h"
#include "control/control_socket.h"
#include "control/port_watch.h"
#include "control/reload.h"
#include "control/resolver.h"
#include "control/routes.h"
#include "control/rule_book.h"
#include "control/server.h"
#include "control/start_config.h"
#include "dataplane/dataplane.h"

namespace sallyport::ctl {

// How the data plane is made: the real one by main, another one by tests.
using Starter = std::function<Result<std::unique_ptr<dp::Dataplane>, dp::StartError>(
    const cfg::Model& model, std::shared_ptr<const dp::Generation> generation,
    std::vector<std::string>& warnings)>;

class Daemon {
   public:
    // `paths` are read again on reread(). On an error nothing is left behind. What an operator
    // should know is logged.
    static Result<std::unique_ptr<Daemon>, dp::StartError> start(StartConfig config,
                                                                 std::vector<std::string> paths,
                                                                 const Starter& starter);
    ~Daemon();
    Daemon(const Daemon&) = delete;
    Daemon& operator=(const Daemon&) = delete;

    // SIGHUP: reads its files again; returns at once.
    void reread();
    // No more answers, then no more packets, then the last log lines. Idempotent.
    void stop();

   private:
    explicit Daemon(ControlSocket socket) : socket_(std::move(socket)) {}
    void serve(Reload::Start start, LogSink sink);
    Result<Reload::Commit, dp::StartError> prepare(const cfg::Model& next);
    void announce() const;

    ControlSocket socket_;
    RuleBook rules_;
    std::unique_ptr<dp::Dataplane> dataplane_;
    std::unique_ptr<Resolver> resolver_;
    LiveSuggestions suggestions_;
    std::unique_ptr<AccessLog> access_log_;
    std::unique_ptr<Reload> reload_;
    std::unique_ptr<PortWatch> port_watch_;
    ApiContext api_;
    std::unique_ptr<Server> server_;
};

// "log.access.path: cannot open ...; make room": a start error as one sentence.
std::string sentence(const dp::StartError& error);

}  // namespace sallyport::ctl
