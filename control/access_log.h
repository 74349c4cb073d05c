// SPDX-License-Identifier: Apache-2.0
// The log writer: one thread that takes access records from the data plane, formats them and writes
// them. A worker never waits for it: when it is behind, the worker counts log_records_lost.
#pragma once
#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "control/access_line.h"
#include "control/live_suggestions.h"
#include "control/log_sink.h"
#include "control/rule_book.h"
#include "dataplane/dataplane.h"

namespace sallyport::ctl {

struct AccessLogCounts {
    std::uint64_t written = 0, lost = 0;  // lines
};

class AccessLog {
   public:
    // Starts the thread. What is referred to must outlive this object; `suggestions`, if not null,
    // hears of each record.
    AccessLog(dp::Dataplane& dataplane, const RuleBook& rules, LogSink sink,
              cfg::LogQuery query = cfg::LogQuery::Keep, LiveSuggestions* suggestions = nullptr);
    ~AccessLog();
    AccessLog(const AccessLog&) = delete;
    AccessLog& operator=(const AccessLog&) = delete;

    // Writes what is left and ends the thread. Call it after Dataplane::stop(), which ends sessions
    // with a record each. Idempotent.
    void stop();
    // The lines that follow go there.
    void use(LogSink sink, cfg::LogQuery query);
    AccessLogCounts counts() const { return {written_.load(), lost_.load()}; }

   private:
    void run();
    void take_next_sink();
    std::size_t write_batch();
    void report(const LogSink::Written& result);
    bool pause();

    dp::Dataplane& dataplane_;
    const RuleBook& rules_;
    LiveSuggestions* const suggestions_;
    std::unique_ptr<LogSink> sink_;      // the thread's; so is what follows
    cfg::LogQuery query_;
    std::vector<dp::AccessRecord> batch_;
    std::atomic<std::uint64_t> written_{0}, lost_{0};
    bool failing_ = false;  // reported already
    std::atomic<bool> stopping_{false};
    std::mutex mutex_;
    std::unique_ptr<LogSink> next_sink_;  // with mutex_, until the thread takes it
    cfg::LogQuery next_query_ = cfg::LogQuery::Keep;
    std::condition_variable wake_;
    std::thread thread_;
};

}  // namespace sallyport::ctl
