// SPDX-License-Identifier: Apache-2.0
// Tells the log of stations that have an own address of the gate: once, and again when it is another one.
// A thread of its own looks at the ports every other second, so that is how many lines there may be.
#pragma once
#include <condition_variable>
#include <map>
#include <mutex>
#include <string>
#include <thread>

#include "dataplane/dataplane.h"

namespace sallyport::ctl {

// "203.0.113.7 is also at 02:00:00:00:00:01", and whether the gate answers for it.
std::string text(const dp::DuplicateAddress& duplicate);

class DuplicateWatch {
   public:
    // Starts the thread; `dataplane` must outlive this object.
    explicit DuplicateWatch(const dp::Dataplane& dataplane);
    ~DuplicateWatch();  // ends it
    DuplicateWatch(const DuplicateWatch&) = delete;
    DuplicateWatch& operator=(const DuplicateWatch&) = delete;

   private:
    void run();
    void look();

    const dp::Dataplane& dataplane_;
    std::map<std::string, std::string> told_;  // the MAC by address, of the thread
    std::mutex mutex_;
    bool stopping_ = false;
    std::condition_variable wake_;
    std::thread thread_;
};

}  // namespace sallyport::ctl
