// SPDX-License-Identifier: Apache-2.0
// What the control API reads, and how it answers: a request line in, a status and JSON out. Knows
// no sockets.
#pragma once
#include <chrono>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "control/access_log.h"
#include "control/resolver.h"
#include "control/rule_names.h"
#include "dataplane/dataplane.h"

namespace sallyport::ctl {

using Json = nlohmann::ordered_json;  // keys stay in the order of the route table

// What does not change while the daemon runs.
struct DaemonFacts {
    std::string gateway;
    std::string config_path;
    std::uint32_t session_slots = 0;  // memory.sessions
    std::chrono::system_clock::time_point started;
    std::vector<std::string> warnings;
};

// May be used from several threads at once; what it points to outlives it.
struct ApiContext {
    dp::Dataplane* dataplane = nullptr;
    const RuleNames* rules = nullptr;
    std::function<AccessLogCounts()> log_counts;
    std::function<ResolverCounts()> resolver_counts;
    DaemonFacts facts;
};

struct Reply {
    unsigned status = 200;
    Json body;
    std::string allow;  // methods, when status is 405
};

// {"code": ..., "message": ..., "hint": ...}: the form of every error.
Reply error_reply(unsigned status, std::string_view code, std::string_view message,
                  std::string_view hint);

// Answers one request of the route table. `target` is the path with its query string. May wait for
// the workers, up to a second.
Reply answer(const ApiContext& context, std::string_view method, std::string_view target);

}  // namespace sallyport::ctl
