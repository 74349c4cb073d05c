// SPDX-License-Identifier: Apache-2.0
// The part of a reload that time and signals drive, and what is told of each change.
#include <algorithm>
#include <utility>

#include "control/log.h"
#include "control/reload.h"
#include "dataplane/policy/rule_times.h"

namespace sallyport::ctl {
namespace {

using std::chrono::steady_clock;
using std::chrono::system_clock;

// How often the clocks are looked at: trials, schedules and a wall clock that was set or stood still
// are noticed this late at most.
constexpr auto kTick = std::chrono::milliseconds(200);
// Rule texts beyond those in force, before the sessions are asked for the oldest that they need.
constexpr std::size_t kSpareTexts = 256;
// Records of sessions that have ended wait for the log writer; it is never that much behind.
constexpr auto kLookAgain = std::chrono::seconds(5);

void log_findings(const std::vector<cfg::Finding>& findings) {
    for (const cfg::Finding& finding : findings)
        log_event(finding.severity == cfg::Severity::Error ? LogLevel::Error : LogLevel::Warning,
                  "finding", {{"at", cfg::format_finding_line(finding)}});
}

std::string summary(const ApplyReport& report) {
    if (!report.changed) return "nothing to change";
    return std::to_string(report.differences.size()) + " differences";
}

}  // namespace

std::chrono::sys_seconds Reload::wall_now() const {
    const auto now = start_.clock ? start_.clock() : system_clock::now();
    return std::chrono::floor<std::chrono::seconds>(now);
}

Result<ApplyReport, Refusal> Reload::noted(std::string_view what,
                                           Result<ApplyReport, Refusal> result) {
    const std::string done(what);
    std::string last;
    if (result) {
        last = done + " succeeded: " + summary(*result);
        log_event(LogLevel::Info, "configuration: " + done,
                  {{"generation", std::to_string(result->generation)}, {"result", summary(*result)}});
        log_findings(result->findings);
        for (const std::string& why : result->degraded)
            log_event(LogLevel::Warning, "configuration is in force, but", {{"problem", why}});
    } else {
        last = done + " was refused: " + result.error().message;
        log_event(LogLevel::Error, "configuration: " + done + " was refused",
                  {{"why", result.error().message}, {"remedy", result.error().hint}});
        log_findings(result.error().findings);
    }
    in_force_.last_result = std::move(last);
    in_force_.last_failed = !result;
    tell();
    return result;
}

void Reload::reread() {
    {
        const std::lock_guard lock(mutex_);
        reread_ = true;
    }
    wake_.notify_all();
}

void Reload::run() {
    std::unique_lock lock(mutex_);
    while (!stopping_) {
        wake_.wait_for(lock, kTick, [this] { return stopping_ || reread_; });
        if (stopping_) return;
        const bool reread = std::exchange(reread_, false);
        lock.unlock();
        tick();
        const bool done = !reread || reread_now();
        lock.lock();
        reread_ = reread_ || !done;
    }
}

// False: an operator's change is under way, so try again after it.
bool Reload::reread_now() {
    const auto result = apply({start_.paths, std::nullopt, std::nullopt});
    return result || result.error().kind != Refusal::Kind::Busy;
}

void Reload::tick() {
    const std::unique_lock lock(work_, std::try_to_lock);
    if (!lock) return;
    if (trial_ && steady_clock::now() >= trial_->ends) {
        log_event(LogLevel::Warning, "the configuration on trial was not confirmed in time");
        noted("automatic rollback", end_trial("its time ran out"));
    }
    follow_schedule();
    forget_rules();
}

// The same configuration anew, because another set of its rules holds. A wall clock that was set back
// to before the present set began counts as well.
void Reload::follow_schedule() {
    const std::chrono::sys_seconds now = wall_now();
    const cfg::Model& model = *present_->model;
    if (now >= in_force_.compiled_at) {
        if (!in_force_.next_change || now < *in_force_.next_change) return;
    } else {
        const auto change = dp::policy::next_change(model, now);
        if (!change || *change > in_force_.compiled_at) return;
    }
    ApplyReport report;
    publish(model, report);
    tell();
    if (model.on_reload == cfg::OnReload::Recheck) start_.dataplane->recheck();
    log_event(LogLevel::Info, "other rules hold by their schedule",
              {{"generation", std::to_string(last_generation_)}});
}

// Sessions and requests keep the generation that decided on them. Two looks, so that a record that
// was on its way to the log at the first one has arrived at the second.
void Reload::forget_rules() {
    const std::size_t in_force = present_->model->policy.rules.size();
    if (start_.book->size() <= in_force + kSpareTexts) return;
    if (steady_clock::now() < looked_at_ + kLookAgain) return;
    looked_at_ = steady_clock::now();
    start_.book->forget_before(oldest_seen_);
    if (const auto oldest = oldest_generation(*start_.dataplane, last_generation_))
        oldest_seen_ = *oldest;
}

}  // namespace sallyport::ctl
