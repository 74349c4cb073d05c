// SPDX-License-Identifier: Apache-2.0
// Signals of the process. Make it before any other thread and before anything that must be undone,
// so that a SIGTERM in the middle of the start is not lost and does not leave things behind.
#pragma once
#include <memory>

namespace sallyport::ctl {

class Signals {
   public:
    // Takes SIGTERM, SIGINT and SIGHUP; ignores SIGPIPE (a client that goes away is an error code).
    Signals();
    ~Signals();
    Signals(const Signals&) = delete;
    Signals& operator=(const Signals&) = delete;

    // Returns the number of the signal that asks to stop; one that came earlier counts.
    int wait_for_stop();

   private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace sallyport::ctl
