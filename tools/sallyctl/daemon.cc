// SPDX-License-Identifier: Apache-2.0
#include "tools/sallyctl/daemon.h"

#include <filesystem>
#include <ostream>

#include "control/finding_json.h"
#include "tools/sallyctl/client.h"

namespace sallyport::ctl {
namespace {

// A daemon may read and compile a million names before it answers.
constexpr auto kPatience = std::chrono::minutes(5);
constexpr unsigned kUnprocessable = 422;

std::string text_at(const Json& object, const char* key) {
    const auto found = object.find(key);
    return found != object.end() && found->is_string() ? found->get<std::string>() : "";
}

int print_refusal(const HttpReply& reply, const Json& body, const Invocation& given,
                  Streams& streams) {
    if (!body.is_object()) {
        print_problem({"bad_reply", "the daemon's answer is no JSON object",
                       "is this the socket of a sallyport?"},
                      given.output, streams.err);
        return kExitNo;
    }
    if (given.output == Output::AsJson) {
        streams.err << body.dump() << '\n';
    } else {
        print_findings(body, streams);
        print_problem({text_at(body, "code"), text_at(body, "message"), text_at(body, "hint")},
                      given.output, streams.err);
    }
    return reply.status == kUnprocessable ? kExitInvalid : kExitNo;
}

}  // namespace

Result<Json, int> ask_daemon(const Invocation& given, Streams& streams, RouteId id,
                             const std::string& query, const Json& body) {
    const Route& r = route(id);
    const auto reply = ask(given.socket,
                           {std::string(r.method), std::string(r.path) + query,
                            body.is_null() ? std::string() : body.dump()},
                           kPatience);
    if (!reply) {
        print_problem({"unreachable", reply.error().what, reply.error().remedy}, given.output,
                      streams.err);
        return std::unexpected(kExitUnreachable);
    }
    Json answer = Json::parse(reply->body, nullptr, false);
    if (reply->status == 200 && answer.is_object()) return answer;
    return std::unexpected(print_refusal(*reply, answer, given, streams));
}

std::vector<std::string> absolute_paths(const std::vector<std::string>& paths) {
    std::vector<std::string> out;
    for (const std::string& path : paths)
        out.push_back(std::filesystem::absolute(path).lexically_normal());
    return out;
}

void print_findings(const Json& reply, Streams& streams) {
    const auto list = reply.find("findings");
    if (list != reply.end() && list->is_array())
        streams.err << cfg::format_findings(findings_of(*list));
}

std::string differences_text(const Json& differences) {
    std::string out;
    for (const Json& d : differences) {
        std::string kind = text_at(d, "kind");
        kind.resize(std::max<std::size_t>(kind.size(), 8), ' ');
        out += "  " + kind + ' ' + text_at(d, "path");
        const std::string before = text_at(d, "before"), after = text_at(d, "after");
        if (text_at(d, "kind") == "changed" && !(before.empty() && after.empty()))
            out += ": " + before + " -> " + after;
        else if (!before.empty() || !after.empty())
            out += ": " + (after.empty() ? before : after);
        if (d.value("needs_restart", false)) out += "   (needs a restart)";
        out += '\n';
    }
    return out;
}

int print_change(const Invocation& given, Streams& streams, const Json& reply) {
    const Json degraded = reply.value("degraded", Json::array());
    const int code = degraded.empty() ? kExitOk : kExitDegraded;
    if (given.output == Output::AsJson) {
        streams.out << reply.dump(2) << '\n';
        return code;
    }
    print_findings(reply, streams);
    const bool changed = reply.value("changed", false);
    const Json differences = reply.value("differences", Json::array());
    streams.out << (changed ? "in force: generation " : "nothing to change: generation ")
                << reply.value("generation", 0UL) << '\n'
                << differences_text(differences);
    if (const std::string by = text_at(reply, "confirm_by"); !by.empty())
        streams.out << "on trial until " << by << ": sallyctl config confirm keeps it\n";
    if (reply.value("rechecked", false))
        streams.out << "sessions that are no longer allowed are being ended\n";
    for (const Json& why : degraded)
        streams.err << "sallyctl: in force, but " << why.get<std::string>() << '\n';
    return code;
}

}  // namespace sallyport::ctl
