// SPDX-License-Identifier: Apache-2.0
// A control thread that watches the links of the ports and does small periodic chores. Links of
// kernel devices are watched by rtnetlink (the drivers say "always up"), others are asked.
#pragma once
#include <array>
#include <atomic>
#include <cstdint>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "dataplane/dpdk/rtnetlink.h"
#include "dataplane/frame.h"

namespace sallyport::dp {

struct LinkState {
    bool up = false;
    std::uint32_t losses = 0;  // how often it went down since the start
};

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
    // The states of all links are known when it returns.
    LinkWatch(std::array<WatchedPort, kPortsMax> ports, Hooks hooks);
    ~LinkWatch();
    LinkWatch(const LinkWatch&) = delete;
    LinkWatch& operator=(const LinkWatch&) = delete;

    // One look, so that its parts fit together.
    LinkState link(PortIndex port) const {
        const std::uint32_t changes = changes_[port].load(std::memory_order_relaxed);
        return {is_up(changes), changes / 2};
    }

   private:
    // A link that has never changed has never been up.
    static constexpr bool is_up(std::uint32_t changes) { return changes % 2 != 0; }

    void run();
    void read_all();
    void follow(const Link& link);
    void set(PortIndex port, bool up);
    bool ask(PortIndex port) const;

    const std::array<WatchedPort, kPortsMax> ports_;
    const Hooks hooks_;
    LinkEvents events_;
    int wake_ = -1;
    std::array<std::atomic<std::uint32_t>, kPortsMax> changes_{};  // written by one thread at a time
    std::atomic<bool> stop_ = false;
    std::thread thread_;
};

}  // namespace sallyport::dp
