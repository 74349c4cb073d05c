// SPDX-License-Identifier: Apache-2.0
// Signals of the process. Make it before any other thread and before anything that must be undone,
// so that a SIGTERM in the middle of the start is not lost and does not leave things behind.
#pragma once
#include <functional>
#include <memory>

namespace sallyport::ctl {

class Signals {
   public:
    // Takes SIGTERM, SIGINT and SIGHUP; ignores SIGPIPE (a client that goes away is an error code).
    Signals();
    ~Signals();
    Signals(const Signals&) = delete;
    Signals& operator=(const Signals&) = delete;

    // Runs `start`, which may wait in a system call for as long as it likes (a driver for its switch). When a
    // signal asks to stop, it has a second to come to its end by itself; from then on its system calls are
    // interrupted (EINTR) until it returns.
    void run_start(const std::function<void()>& start);

    // Returns the number of the signal that asks to stop; one that came earlier counts. SIGHUP calls
    // `on_hang_up` meanwhile, and at once when one came earlier.
    int wait_for_stop(std::function<void()> on_hang_up);

   private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace sallyport::ctl
