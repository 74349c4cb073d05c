// SPDX-License-Identifier: Apache-2.0
// Tells the log what befalls the ports: links that go and come, and stations that have an own address of the
// gate (once, and again when it is another one). A thread of its own looks at the ports every other second and
// writes at most one line a look for each link and each such address, however often a link flaps.
#pragma once
#include <condition_variable>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <thread>

#include "dataplane/dataplane.h"

namespace sallyport::ctl {

// "203.0.113.7 is also at 02:00:00:00:00:01", and whether the gate answers for it.
std::string text(const dp::DuplicateAddress& duplicate);

class PortWatch {
   public:
    // Starts the thread; `dataplane` must outlive this object.
    explicit PortWatch(const dp::Dataplane& dataplane);
    ~PortWatch();  // ends it
    PortWatch(const PortWatch&) = delete;
    PortWatch& operator=(const PortWatch&) = delete;

   private:
    struct Link {
        bool up = true;
        std::uint32_t losses = 0;
    };
    using MacByAddress = std::map<std::string, std::string>;

    void run();
    void look();
    void look_at_link(const dp::PortStatus& port);
    void look_at_duplicates(const dp::PortStatus& port, MacByAddress& present) const;

    const dp::Dataplane& dataplane_;
    // What was told, of the thread.
    std::map<std::string, Link> links_;  // by the port's name
    MacByAddress duplicates_;
    std::mutex mutex_;
    bool stopping_ = false;
    std::condition_variable wake_;
    std::thread thread_;
};

}  // namespace sallyport::ctl
