// SPDX-License-Identifier: Apache-2.0
#include "control/log_sink.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <climits>
#include <cstring>
#include <utility>

namespace sallyport::ctl {
namespace {

constexpr auto kPatience = std::chrono::seconds(1);
constexpr int kPollMs = 50;

bool is_regular(int fd) {
    struct stat info {};
    return ::fstat(fd, &info) == 0 && S_ISREG(info.st_mode);
}

}  // namespace

Result<LogSink, std::string> LogSink::open(const std::string& path) {
    if (path == "stdout") return LogSink(STDOUT_FILENO, false, is_regular(STDOUT_FILENO));
    const int fd = ::open(path.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY, 0640);
    if (fd < 0) return std::unexpected("cannot open " + path + ": " + std::strerror(errno));
    return LogSink(fd, true, is_regular(fd));
}

LogSink::LogSink(LogSink&& other) noexcept
    : fd_(other.fd_),
      owned_(std::exchange(other.owned_, false)),
      regular_(other.regular_),
      torn_(other.torn_) {}

LogSink::~LogSink() {
    if (owned_) ::close(fd_);
}

LogSink::Written LogSink::write(std::string_view lines, const std::atomic<bool>& hurry) {
    std::string mended;
    if (torn_) {
        mended = "\n" + std::string(lines);
        lines = mended;
    }
    int error = 0;
    std::string_view rest = lines;
    while (!rest.empty() && error == 0) {
        error = wait_writable(hurry);
        if (error == 0) error = write_some(rest);
    }
    const auto lost = static_cast<std::uint64_t>(std::ranges::count(rest, '\n'));
    const bool mending_failed = torn_ && rest.size() == lines.size();
    const std::size_t done = lines.size() - rest.size();
    if (done > 0) torn_ = lines[done - 1] != '\n';
    return {lost - (mending_failed ? 1 : 0), error};
}

// A pipe that polls writable takes PIPE_BUF octets without blocking, and more might block.
int LogSink::write_some(std::string_view& rest) {
    const std::size_t most = regular_ ? rest.size() : std::min<std::size_t>(rest.size(), PIPE_BUF);
    const ssize_t n = ::write(fd_, rest.data(), most);
    if (n < 0) return errno == EINTR || errno == EAGAIN ? 0 : errno;
    rest.remove_prefix(static_cast<std::size_t>(n));
    return 0;
}

int LogSink::wait_writable(const std::atomic<bool>& hurry) const {
    if (regular_) return 0;
    auto deadline = std::chrono::steady_clock::time_point::max();
    for (;;) {
        pollfd p{fd_, POLLOUT, 0};
        const int n = ::poll(&p, 1, kPollMs);
        if (n < 0 && errno != EINTR) return errno;
        if (n > 0) return 0;  // an error condition shows in write()
        const auto now = std::chrono::steady_clock::now();
        if (!hurry.load()) continue;
        if (deadline == std::chrono::steady_clock::time_point::max()) deadline = now + kPatience;
        if (now >= deadline) return ETIMEDOUT;
    }
}

}  // namespace sallyport::ctl
