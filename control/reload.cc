// SPDX-License-Identifier: Apache-2.0
#include "control/reload.h"

#include <algorithm>
#include <set>
#include <utility>

#include "control/log.h"
#include "control/text.h"
#include "dataplane/policy/compile.h"
#include "dataplane/policy/rule_times.h"

namespace sallyport::ctl {
namespace {

using std::chrono::microseconds;
using std::chrono::steady_clock;
using std::chrono::system_clock;

constexpr auto kSettleTimeout = std::chrono::milliseconds(1000);

microseconds since(steady_clock::time_point start) {
    return std::chrono::duration_cast<microseconds>(steady_clock::now() - start);
}

Refusal busy() {
    return {Refusal::Kind::Busy, "busy", "another change of the configuration is under way",
            "try again when it is done", {}};
}

Refusal on_trial(system_clock::time_point until) {
    return {Refusal::Kind::OnTrial, "on_trial",
            "a configuration is on trial until " + time_text(until),
            "first sallyctl config confirm, or sallyctl config rollback", {}};
}

Refusal unusable(std::vector<cfg::Finding> findings) {
    const auto restart = cfg::kind_of(cfg::FindingCode::NeedsRestart).code;
    const bool only_restart = std::ranges::all_of(findings, [&](const cfg::Finding& f) {
        return f.severity == cfg::Severity::Warning || f.code == restart;
    });
    if (only_restart)
        return {Refusal::Kind::Invalid, "needs_restart",
                "the configuration is good, but parts of it take effect only after a restart; "
                "nothing was changed",
                "restart sallyport, or leave these keys as they are", std::move(findings)};
    return {Refusal::Kind::Invalid, "config_invalid",
            "the configuration is not valid; nothing was changed", "mend what is found",
            std::move(findings)};
}

Refusal cannot_open(const dp::StartError& error) {
    return {Refusal::Kind::Failed, "cannot_apply",
            error.setting + ": " + error.what + "; nothing was changed", error.remedy, {}};
}

}  // namespace

// The one change that may be under way; false: it is another one's. The clock's short work does not
// count, it is waited for.
class Reload::Turn {
   public:
    explicit Turn(Reload& reload) : reload_(reload), mine_(!reload.busy_.exchange(true)) {
        if (mine_) lock_ = std::unique_lock(reload.work_);
    }
    ~Turn() {
        if (!mine_) return;
        lock_.unlock();
        reload_.busy_ = false;
    }
    Turn(const Turn&) = delete;
    Turn& operator=(const Turn&) = delete;
    explicit operator bool() const { return mine_; }

   private:
    Reload& reload_;
    const bool mine_;
    std::unique_lock<std::mutex> lock_;
};

struct Reload::Change {
    std::shared_ptr<const LoadedConfig> config;
    std::optional<cfg::OnReload> sessions;
    std::optional<std::chrono::seconds> confirm_within;
    std::string stale;  // Running::stale of afterwards
    bool keep = true;   // on disk, as a good one
    microseconds read{};
};

Reload::Reload(Start start) : start_(std::move(start)), store_(start_.config.model->control.state) {
    last_generation_ = start_.generation->id;
    present_ = std::make_shared<const LoadedConfig>(std::move(start_.config));
    in_force_.model = present_->model;
    in_force_.generation = std::move(start_.generation);
    in_force_.rule_ids = std::move(start_.rule_ids);
    in_force_.compiled_at = start_.compiled_at;
    in_force_.documents = present_->documents;
    in_force_.applied = system_clock::now();
    in_force_.next_change = dp::policy::next_change(*present_->model, start_.compiled_at);
    in_force_.stale = start_.stale;
    tell();
    keep_first();
    thread_ = std::thread([this] { run(); });
}

Reload::~Reload() {
    stop();
}

void Reload::stop() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    wake_.notify_all();
    if (thread_.joinable()) thread_.join();
}

Running Reload::running() const {
    const std::lock_guard lock(mutex_);
    return running_;
}

// A reader never sees the generation of one change with the state of another.
void Reload::tell() {
    const std::lock_guard lock(mutex_);
    running_ = in_force_;
}

Result<ApplyReport, Refusal> Reload::apply(const ApplyRequest& request) {
    const Turn turn(*this);
    if (!turn) return std::unexpected(busy());
    if (trial_) return noted("apply", std::unexpected(on_trial(trial_->shown_end)));
    const auto begun = steady_clock::now();
    Change next;
    next.config =
        std::make_shared<const LoadedConfig>(load_config(request.paths, present_->model.get()));
    next.sessions = request.sessions;
    next.confirm_within = request.confirm_within;
    next.keep = !request.confirm_within;
    next.read = since(begun);
    return noted("apply", change(next));
}

Result<DiffReport, Refusal> Reload::diff(const std::vector<std::string>& paths) {
    const Turn turn(*this);
    if (!turn) return std::unexpected(busy());
    LoadedConfig config = load_config(paths);
    if (!config.model) return std::unexpected(unusable(std::move(config.findings)));
    const auto generation = dp::policy::compile(*config.model, {.at = wall_now()});
    auto impact = impact_of(generation, *start_.dataplane, *start_.book);
    if (!impact)
        return std::unexpected(Refusal{Refusal::Kind::Failed, "worker_silent",
                                       "a worker did not answer within a second",
                                       "ask again; when it stays so, look at sallyctl workers", {}});
    return DiffReport{cfg::differences(*present_->model, *config.model), std::move(config.findings),
                      std::move(*impact)};
}

Result<ApplyReport, Refusal> Reload::confirm() {
    const Turn turn(*this);
    if (!turn) return std::unexpected(busy());
    if (!trial_)
        return std::unexpected(Refusal{Refusal::Kind::NotOnTrial, "not_on_trial",
                                       "no configuration is on trial",
                                       "its time may have run out: see sallyctl status", {}});
    ApplyReport report;
    report.generation = last_generation_;
    report.changed = false;
    if (trial_->on_disk) {
        auto number = store_.keep_trial();
        if (number) report.number = *number;
        else report.degraded.push_back("control.state: " + number.error());
    }
    trial_.reset();
    in_force_.confirm_by.reset();
    return noted("confirm", std::move(report));
}

Result<ApplyReport, Refusal> Reload::roll_back(std::optional<std::uint64_t> number) {
    const Turn turn(*this);
    if (!turn) return std::unexpected(busy());
    if (trial_ && !number) return noted("rollback", end_trial("it was rolled back"));
    if (trial_) return std::unexpected(on_trial(trial_->shown_end));
    Change back;
    back.stale = "rolled back; the files may hold another configuration";
    if (!number) {
        if (!previous_)
            return std::unexpected(Refusal{Refusal::Kind::Unknown, "no_previous",
                                           "nothing was applied since the start",
                                           "sallyctl config history shows what is kept", {}});
        back.config = previous_;
    } else {
        const auto kept = store_.read(*number);
        if (!kept)
            return std::unexpected(Refusal{Refusal::Kind::Unknown, "no_such_generation",
                                           kept.error(),
                                           "sallyctl config history shows what is kept", {}});
        back.config = std::make_shared<const LoadedConfig>(load_config(*kept, present_->model.get()));
    }
    return noted("rollback", change(back));
}

Result<ApplyReport, Refusal> Reload::end_trial(const std::string& why) {
    Change back;
    back.config = previous_;
    back.stale = "the configuration on trial was not confirmed: " + why +
                 "; the files may still hold it";
    back.keep = false;  // it is the newest good one already
    trial_.reset();
    return change(back);
}

// Everything that can fail comes before publish().
Result<ApplyReport, Refusal> Reload::change(const Change& next) {
    if (!next.config->model) return std::unexpected(unusable(next.config->findings));
    const cfg::Model& before = *present_->model;
    const cfg::Model& now = *next.config->model;
    auto commit = start_.prepare(now);
    if (!commit) return std::unexpected(cannot_open(commit.error()));
    ApplyReport report;
    report.findings = next.config->findings;
    report.differences = cfg::differences(before, now);
    report.changed = now != before;
    report.read = next.read;
    if (report.changed && next.confirm_within) put_on_trial(next, report);
    if (report.changed) publish(now, report);
    (*commit)();
    if (report.changed && next.sessions.value_or(now.on_reload) == cfg::OnReload::Recheck) {
        report.rechecked = start_.dataplane->recheck();
        if (!report.rechecked) report.degraded.push_back("a worker could not be told to recheck");
    }
    report.generation = last_generation_;
    if (report.changed) {
        previous_ = std::exchange(present_, next.config);
        if (next.keep) keep(*present_, report);
    }
    in_force_.model = present_->model;
    in_force_.documents = present_->documents;
    if (report.changed) in_force_.applied = system_clock::now();
    in_force_.confirm_by = report.confirm_by;
    in_force_.stale = next.stale;
    return report;
}

void Reload::publish(const cfg::Model& model, ApplyReport& report) {
    auto begun = steady_clock::now();
    const std::uint64_t id = ++last_generation_;
    const auto rule_ids = start_.book->enter(model, id);
    const auto draining = draining_for(model);
    const auto at = wall_now();
    const auto generation = std::make_shared<const dp::Generation>(dp::policy::compile(
        model, {.generation_id = id, .rule_ids = rule_ids, .at = at, .draining = draining}));
    report.compile = since(begun);
    begun = steady_clock::now();
    start_.dataplane->publish(generation);
    if (!start_.dataplane->settle(kSettleTimeout))
        report.degraded.push_back("a worker has not taken the generation over within a second");
    report.publish = since(begun);
    in_force_.generation = generation;
    in_force_.rule_ids = rule_ids;
    in_force_.compiled_at = at;
    in_force_.next_change = dp::policy::next_change(model, at);
}

void Reload::put_on_trial(const Change& next, ApplyReport& report) {
    trial_ = Trial{steady_clock::now() + *next.confirm_within,
                   system_clock::now() + *next.confirm_within, false};
    report.confirm_by = trial_->shown_end;
    if (auto error = store_.put_on_trial(stored(*next.config)))
        report.degraded.push_back("control.state: " + *error +
                                  "; after a crash the files of the start decide");
    else
        trial_->on_disk = true;
}

StoredConfig Reload::stored(const LoadedConfig& config) const {
    return {system_clock::now(), config.documents, config.texts};
}

void Reload::keep(const LoadedConfig& config, ApplyReport& report) {
    store_.drop_trial();
    auto number = store_.keep(stored(config));
    if (number)
        report.number = *number;
    else
        report.degraded.push_back("control.state: " + number.error() +
                                  "; make the directory writable, or name another one");
}

// A start from the files confirms them; one from what was kept leaves the disk as it is.
void Reload::keep_first() {
    if (!start_.stale.empty()) return;
    store_.drop_trial();
    const auto newest = store_.read_newest();
    if (newest && newest->texts == present_->texts && newest->documents == present_->documents)
        return;
    const auto number = store_.keep(stored(*present_));
    if (number) return;
    log_event(LogLevel::Warning, "the configuration cannot be kept for a later start",
              {{"key", "control.state"},
               {"error", number.error()},
               {"remedy", "make the directory writable, or name another one"}});
}

// Addresses that the next configuration has no more. Those that were draining before go on only
// while a session uses them.
std::vector<dp::EgressSet> Reload::draining_for(const cfg::Model& next) const {
    const dp::Settings& now = in_force_.generation->settings;
    std::set<std::string> kept, used;
    for (const cfg::EgressSet& set : next.egress)
        for (const IpAddr& address : set.addresses) kept.insert(address_text(address));
    const bool known =
        now.draining.empty() ||
        start_.dataplane->visit_sessions(
            [&](const dp::SessionRow& row) {
                if (row.record.has_server) used.insert(address_text(row.record.server.src));
            },
            kSettleTimeout);
    std::vector<dp::EgressSet> out;
    const auto add = [&](const dp::EgressSet& set, bool only_used) {
        dp::EgressSet left = set;
        std::erase_if(left.addresses, [&](const IpAddr& a) {
            return kept.contains(address_text(a)) ||
                   (only_used && !used.contains(address_text(a)));
        });
        if (!left.addresses.empty()) out.push_back(std::move(left));
    };
    for (const dp::EgressSet& set : now.egress) add(set, false);
    for (const dp::EgressSet& set : now.draining) add(set, known);
    return out;
}

}  // namespace sallyport::ctl
