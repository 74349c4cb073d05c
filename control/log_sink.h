// SPDX-License-Identifier: Apache-2.0
// Where access log lines go: standard output or a file. Knows files, not records.
#pragma once
#include <atomic>
#include <cstdint>
#include <string>
#include <string_view>

#include "tcpstack/base/result.h"

namespace sallyport::ctl {

class LogSink {
   public:
    // "stdout", or the path of a file to append to (made with mode 0640). The error is a sentence.
    static Result<LogSink, std::string> open(const std::string& path);

    LogSink(LogSink&& other) noexcept;
    LogSink& operator=(LogSink&&) = delete;
    ~LogSink();

    struct Written {
        std::uint64_t lost_lines = 0;
        int error = 0;  // errno, 0 when nothing was lost
    };
    // Writes whole lines. Waits for a reader that is slow (a pipe), but once `hurry` is set only
    // kPatience longer: a reader that stands still must not keep the daemon from stopping. Lines
    // that were not written whole are lost.
    Written write(std::string_view lines, const std::atomic<bool>& hurry);

   private:
    LogSink(int fd, bool owned, bool regular) : fd_(fd), owned_(owned), regular_(regular) {}
    int write_some(std::string_view& rest);
    int wait_writable(const std::atomic<bool>& hurry) const;

    int fd_;
    bool owned_;
    bool regular_;       // a file never makes the writer wait for a reader
    bool torn_ = false;  // the last line that was begun has no end
};

}  // namespace sallyport::ctl
