// SPDX-License-Identifier: Apache-2.0
#include "control/config_replies.h"

#include <utility>

#include "config/dump.h"
#include "control/finding_json.h"
#include "control/text.h"

namespace sallyport::ctl {
namespace {

constexpr std::size_t kPathsMax = 1000;
constexpr std::uint64_t kConfirmSecondsMax = 86400;

unsigned status_of(Refusal::Kind kind) {
    switch (kind) {
        case Refusal::Kind::Busy:
        case Refusal::Kind::OnTrial:
        case Refusal::Kind::NotOnTrial: return 409;
        case Refusal::Kind::Unknown: return 404;
        case Refusal::Kind::Invalid: return 422;
        case Refusal::Kind::Failed: return 500;
    }
    __builtin_unreachable();
}

Reply refused(const Refusal& refusal) {
    Reply reply = error_reply(status_of(refusal.kind), refusal.code, refusal.message, refusal.hint);
    if (refusal.kind == Refusal::Kind::Invalid)
        reply.body["findings"] = findings_json(refusal.findings);
    return reply;
}

Json differences_json(const std::vector<cfg::Difference>& differences) {
    Json rows = Json::array();
    for (const cfg::Difference& d : differences)
        rows.push_back(Json{{"kind", cfg::text(d.kind)},
                            {"path", d.path},
                            {"before", d.before},
                            {"after", d.after},
                            {"needs_restart", d.live == cfg::Live::Restart}});
    return rows;
}

double seconds(std::chrono::microseconds d) {
    return static_cast<double>(d.count()) / 1e6;
}

Reply changed(const Result<ApplyReport, Refusal>& result) {
    if (!result) return refused(result.error());
    return {200,
            Json{{"generation", result->generation},
                 {"changed", result->changed},
                 {"differences", differences_json(result->differences)},
                 {"rechecked", result->rechecked},
                 {"confirm_by", result->confirm_by ? time_text(*result->confirm_by) : ""},
                 {"number", result->number.value_or(0)},
                 {"read_seconds", seconds(result->read)},
                 {"compile_seconds", seconds(result->compile)},
                 {"publish_seconds", seconds(result->publish)},
                 {"degraded", result->degraded},
                 {"findings", findings_json(result->findings)}},
            {}};
}

Reply bad_value(const std::string& message, const std::string& hint) {
    return error_reply(400, "bad_body", message, hint);
}

Result<std::vector<std::string>, Reply> paths_of(const Json& list) {
    std::vector<std::string> paths;
    if (list.empty() || list.size() > kPathsMax)
        return std::unexpected(bad_value("paths is empty or has too many items",
                                         "1 to " + std::to_string(kPathsMax) + " paths"));
    for (const Json& item : list) {
        if (!item.is_string() || !item.get_ref<const std::string&>().starts_with('/'))
            return std::unexpected(bad_value("paths holds what is no absolute path",
                                             "the daemon reads the files itself, by their full path"));
        paths.push_back(item.get<std::string>());
    }
    return paths;
}

std::optional<Reply> read_options(const Json& request, ApplyRequest& out) {
    if (const auto sessions = request.find("sessions"); sessions != request.end()) {
        if (*sessions != "keep" && *sessions != "recheck")
            return bad_value("sessions is neither keep nor recheck", "write one of them");
        out.sessions = *sessions == "keep" ? cfg::OnReload::Keep : cfg::OnReload::Recheck;
    }
    if (const auto within = request.find("confirm_within_seconds"); within != request.end()) {
        const auto n = within->get<std::uint64_t>();
        if (n < 1 || n > kConfirmSecondsMax)
            return bad_value("confirm_within_seconds is out of range",
                             "1 to " + std::to_string(kConfirmSecondsMax));
        out.confirm_within = std::chrono::seconds(n);
    }
    return std::nullopt;
}

}  // namespace

Json config_reply(const Reload& reload) {
    const Running running = reload.running();
    return Json{{"generation", running.generation->id},
                {"files", running.documents},
                {"yaml", cfg::dump_effective(*running.model)}};
}

Json history_reply(const Reload& reload) {
    Json rows = Json::array();
    for (const StoreEntry& entry : reload.history())
        rows.push_back(Json{{"number", entry.number},
                            {"applied", time_text(entry.applied)},
                            {"files", entry.documents}});
    return Json{{"generations", rows}};
}

Reply diff_reply(Reload& reload, const Json& request) {
    const auto paths = paths_of(request.at("paths"));
    if (!paths) return paths.error();
    const auto report = reload.diff(*paths);
    if (!report) return refused(report.error());
    Json by_rule = Json::object();
    for (const auto& [rule, sessions] : report->impact.by_rule) by_rule[rule] = sessions;
    return {200,
            Json{{"differences", differences_json(report->differences)},
                 {"sessions", report->impact.sessions},
                 {"sessions_no_longer_allowed", report->impact.no_longer_allowed},
                 {"by_rule", by_rule},
                 {"findings", findings_json(report->findings)}},
            {}};
}

Reply apply_reply(Reload& reload, const Json& request) {
    auto paths = paths_of(request.at("paths"));
    if (!paths) return paths.error();
    ApplyRequest apply;
    apply.paths = std::move(*paths);
    if (auto bad = read_options(request, apply)) return std::move(*bad);
    return changed(reload.apply(apply));
}

Reply confirm_reply(Reload& reload) {
    return changed(reload.confirm());
}

Reply rollback_reply(Reload& reload, const Json& request) {
    std::optional<std::uint64_t> number;
    if (request.contains("number")) number = request.at("number").get<std::uint64_t>();
    return changed(reload.roll_back(number));
}

}  // namespace sallyport::ctl
