// SPDX-License-Identifier: Apache-2.0
// Changing the configuration of a running gate, all or nothing:
//
//   read -> check -> open what it needs -> compile beside -> publish -> every worker has it
//                                                               -> recheck, if asked for -> keep
//
// Until "publish" nothing has changed, and what fails before it leaves everything as it was. There is
// one change at a time; a second one is told to wait. Workers read one pointer a turn, so each
// verdict is of one generation.
//
// On trial: a configuration that is not confirmed in time makes way for the one before by itself. It
// is kept as the trial on disk, and so a daemon that died meanwhile starts from the last confirmed
// one, even if its files hold the trial.
//
// A thread of its own watches the clock: rules begin, end and expire, trials run out.
#pragma once
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "config/differences.h"
#include "config/finding.h"
#include "control/config_store.h"
#include "control/live_sessions.h"
#include "control/loaded_config.h"
#include "control/rule_book.h"
#include "dataplane/dataplane.h"

namespace sallyport::ctl {

struct ApplyRequest {
    std::vector<std::string> paths;  // absolute; files or directories
    std::optional<cfg::OnReload> sessions;  // default: policy.on_reload of the new configuration
    std::optional<std::chrono::seconds> confirm_within;
};

// Why nothing was changed.
struct Refusal {
    enum class Kind : std::uint8_t { Busy, OnTrial, Invalid, Failed, NotOnTrial, Unknown };
    Kind kind = Kind::Failed;
    std::string code;  // "config_invalid", "needs_restart", ...
    std::string message, hint;
    std::vector<cfg::Finding> findings;
};

struct ApplyReport {
    std::uint64_t generation = 0;
    bool changed = true;  // false: it is what runs already, and nothing was published
    std::vector<cfg::Difference> differences;
    std::vector<cfg::Finding> findings;  // warnings
    std::vector<std::string> degraded;   // applied, but something beside it failed
    bool rechecked = false;
    std::optional<std::chrono::system_clock::time_point> confirm_by;
    std::optional<std::uint64_t> number;  // under which it is kept on disk
    std::chrono::microseconds read{}, compile{}, publish{};  // publish: until every worker has it
};

struct DiffReport {
    std::vector<cfg::Difference> differences;  // those that need a restart as well
    std::vector<cfg::Finding> findings;        // warnings
    LiveImpact impact;
};

// What is in force, as one moment saw it.
struct Running {
    std::shared_ptr<const cfg::Model> model;
    std::shared_ptr<const dp::Generation> generation;
    std::vector<dp::policy::RuleId> rule_ids;  // of the model's rules; with
    std::chrono::sys_seconds compiled_at;      // what the generation was compiled with
    std::vector<std::string> documents;
    std::chrono::system_clock::time_point applied;
    std::optional<std::chrono::sys_seconds> next_change;  // of the rules that hold, by the clock
    std::optional<std::chrono::system_clock::time_point> confirm_by;  // set: on trial
    std::string stale;        // why it is not what the files say; empty: it is
    std::string last_result;  // of the last change that was tried; empty: none was
    bool last_failed = false;
};

class Reload {
 public:
    // Opens what a configuration needs outside the data plane (the log). Nothing may change before
    // the function that it gives back is called; the error leaves all as it was.
    using Commit = std::function<void()>;
    using Prepare =
        std::function<Result<Commit, dp::StartError>(const cfg::Model& next)>;
    using WallClock = std::function<std::chrono::system_clock::time_point()>;

    struct Start {
        dp::Dataplane* dataplane = nullptr;  // both outlive this object
        RuleBook* book = nullptr;
        Prepare prepare;
        std::vector<std::string> paths;  // read again on SIGHUP
        LoadedConfig config;             // that the data plane was started with
        std::shared_ptr<const dp::Generation> generation;
        std::vector<dp::policy::RuleId> rule_ids;  // that it was compiled with, and when
        std::chrono::sys_seconds compiled_at;
        std::string stale;
        WallClock clock;  // empty: the system's
    };
    explicit Reload(Start start);
    ~Reload();
    Reload(const Reload&) = delete;
    Reload& operator=(const Reload&) = delete;

    Result<ApplyReport, Refusal> apply(const ApplyRequest& request);
    Result<DiffReport, Refusal> diff(const std::vector<std::string>& paths);
    Result<ApplyReport, Refusal> confirm();
    // To the configuration before a trial, else to the one before the present; or to a kept one.
    Result<ApplyReport, Refusal> roll_back(std::optional<std::uint64_t> number);
    // Reads the paths of the start again; the result is logged. Returns at once.
    void reread();

    std::vector<StoreEntry> history() const { return store_.list(); }
    Running running() const;
    // Ends the thread. A trial stays on trial. Idempotent.
    void stop();

 private:
    struct Trial {
        std::chrono::steady_clock::time_point ends;
        std::chrono::system_clock::time_point shown_end;
        bool on_disk = false;
    };
    class Turn;
    struct Change;
    Result<ApplyReport, Refusal> change(const Change& change);
    Result<ApplyReport, Refusal> end_trial(const std::string& why);
    Result<ApplyReport, Refusal> noted(std::string_view what, Result<ApplyReport, Refusal> result);
    void publish(const cfg::Model& model, ApplyReport& report);
    void tell();
    void put_on_trial(const Change& change, ApplyReport& report);
    void keep(const LoadedConfig& config, ApplyReport& report);
    void keep_first();
    StoredConfig stored(const LoadedConfig& config) const;
    std::vector<dp::EgressSet> draining_for(const cfg::Model& next) const;
    void forget_rules();
    void follow_schedule();
    std::chrono::sys_seconds wall_now() const;
    void run();
    void tick();
    bool reread_now();

    Start start_;
    ConfigStore store_;
    std::atomic<bool> busy_{false};  // with an operator's change

    // Of whoever holds work_: one change, or the clock's.
    std::mutex work_;
    std::uint64_t last_generation_ = 0;
    std::shared_ptr<const LoadedConfig> present_, previous_;
    std::optional<Trial> trial_;
    Running in_force_;  // as far as the change has come; readers see it when it is whole
    std::uint64_t oldest_seen_ = 0;  // generation of a live session, at the last look
    std::chrono::steady_clock::time_point looked_at_{};

    mutable std::mutex mutex_;  // of what follows
    Running running_;  // in_force_, as it was told last
    bool reread_ = false, stopping_ = false;
    std::condition_variable wake_;
    std::thread thread_;
};

}  // namespace sallyport::ctl
