// SPDX-License-Identifier: Apache-2.0
#include "control/access_log.h"

#include <chrono>
#include <cstring>
#include <string>
#include <utility>

#include "control/log.h"

namespace sallyport::ctl {
namespace {

constexpr std::size_t kBatch = 256;
// How long a record may lie in its ring. At 100,000 sessions a second a ring must hold 2,000.
constexpr auto kPause = std::chrono::milliseconds(20);

}  // namespace

AccessLog::AccessLog(dp::Dataplane& dataplane, const RuleBook& rules, LogSink sink,
                     cfg::LogQuery query, LiveSuggestions* suggestions)
    : dataplane_(dataplane),
      rules_(rules),
      suggestions_(suggestions),
      sink_(std::make_unique<LogSink>(std::move(sink))),
      query_(query),
      batch_(kBatch),
      thread_([this] { run(); }) {}

AccessLog::~AccessLog() {
    stop();
}

void AccessLog::stop() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    wake_.notify_all();
    if (thread_.joinable()) thread_.join();
}

void AccessLog::run() {
    bool last_round = false;
    for (;;) {
        while (write_batch() > 0) {
        }
        if (last_round) return;
        last_round = pause();
    }
}

// True once stop() was called: everything that was recorded before it is then in the rings.
bool AccessLog::pause() {
    std::unique_lock lock(mutex_);
    return wake_.wait_for(lock, kPause, [this] { return stopping_.load(); });
}

void AccessLog::use(LogSink sink, cfg::LogQuery query) {
    const std::lock_guard lock(mutex_);
    next_sink_ = std::make_unique<LogSink>(std::move(sink));
    next_query_ = query;
}

void AccessLog::take_next_sink() {
    const std::lock_guard lock(mutex_);
    if (!next_sink_) return;
    sink_ = std::move(next_sink_);
    query_ = next_query_;
}

std::size_t AccessLog::write_batch() {
    take_next_sink();
    const std::size_t n = dataplane_.take_records(batch_);
    if (n == 0) return 0;
    LogContext context = log_context(dataplane_, rules_);
    context.query = query_;
    std::string lines;
    for (std::size_t i = 0; i < n; ++i) {
        lines += format_istio(batch_[i], context);
        if (suggestions_ != nullptr) suggestions_->add(batch_[i], context.wall(batch_[i].start));
    }
    const LogSink::Written result = sink_->write(lines, stopping_);
    lost_ += result.lost_lines;
    written_ += n - result.lost_lines;
    report(result);
    return n;
}

// One line when it begins and one when it is over: a full disk must not fill another log.
void AccessLog::report(const LogSink::Written& result) {
    const bool failed = result.error != 0;
    if (failed == failing_) return;
    failing_ = failed;
    if (failed)
        log_event(LogLevel::Error, "access log lines are being lost",
                  {{"error", std::strerror(result.error)},
                   {"remedy", "make room, or set log.access.path"}});
    else
        log_event(LogLevel::Info, "access log is written again",
                  {{"lost", std::to_string(lost_.load())}});
}

}  // namespace sallyport::ctl
