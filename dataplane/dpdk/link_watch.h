// SPDX-License-Identifier: Apache-2.0
// A control thread that watches the links of the ports and does small periodic chores. Links of
// kernel devices are watched by rtnetlink (the drivers say "always up"), others are asked.
#pragma once
#include <array>
#include <atomic>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "dataplane/dpdk/rtnetlink.h"
#include "dataplane/frame.h"

namespace sallyport::dp {

struct WatchedPort {
    std::vector<std::string> interfaces;  // of the kernel; empty: ask()
    std::function<bool()> ask;
};

class LinkWatch {
   public:
    struct Hooks {
        std::function<void(PortIndex)> on_up;  // also for each link that is up at the start
        std::function<void()> chore;           // about ten times a second
    };
    LinkWatch(std::array<WatchedPort, kPortsMax> ports, Hooks hooks);
    ~LinkWatch();
    LinkWatch(const LinkWatch&) = delete;
    LinkWatch& operator=(const LinkWatch&) = delete;

    bool link_up(PortIndex port) const { return up_[port].load(std::memory_order_relaxed); }

   private:
    void run();
    void read_all();
    void follow(const Link& link);
    void set(PortIndex port, bool up);
    bool ask(PortIndex port) const;

    const std::array<WatchedPort, kPortsMax> ports_;
    const Hooks hooks_;
    LinkEvents events_;
    int wake_ = -1;
    std::array<std::atomic<bool>, kPortsMax> up_{};
    std::atomic<bool> stop_ = false;
    std::thread thread_;
};

}  // namespace sallyport::dp
