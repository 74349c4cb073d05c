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
#include "control/live_suggestions.h"
#include "control/reload.h"
#include "control/resolver.h"
#include "control/rule_book.h"
#include "dataplane/dataplane.h"

namespace sallyport::ctl {

using Json = nlohmann::ordered_json;  // keys stay in the order of the route table

// What does not change while the daemon runs.
struct DaemonFacts {
    std::string gateway;
    std::uint32_t session_slots = 0;  // memory.sessions
    std::chrono::system_clock::time_point started;
    std::vector<std::string> warnings;
};

// May be used from several threads at once; what it points to outlives it.
struct ApiContext {
    dp::Dataplane* dataplane = nullptr;
    const RuleBook* rules = nullptr;
    Reload* reload = nullptr;
    std::function<AccessLogCounts()> log_counts;
    std::function<ResolverCounts()> resolver_counts;
    std::function<std::optional<KnownName>(const std::string&)> find_name;  // of the resolver
    const LiveSuggestions* suggestions = nullptr;
    DaemonFacts facts;
};

struct Reply {
    unsigned status = 200;
    Json body;
    std::string allow;  // methods, when status is 405
};

struct Request {
    std::string method;
    std::string target;  // the path with its query string
    std::string body;    // empty, or a JSON object
};

// {"code": ..., "message": ..., "hint": ..., "findings": [...]}: the form of every error; findings
// only where a configuration was read.
Reply error_reply(unsigned status, std::string_view code, std::string_view message,
                  std::string_view hint);

// Answers one request of the route table. May wait for the workers, up to a second; a change of the
// configuration takes as long as it takes.
Reply answer(const ApiContext& context, const Request& request);

}  // namespace sallyport::ctl
