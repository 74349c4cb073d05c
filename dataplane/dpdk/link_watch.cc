// SPDX-License-Identifier: Apache-2.0
#include "dataplane/dpdk/link_watch.h"

#include <poll.h>
#include <pthread.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>

#include "dataplane/dpdk/interface.h"
#include "dataplane/dpdk/signals_blocked.h"

namespace sallyport::dp {
namespace {

constexpr int kChoreMilliseconds = 100;

}  // namespace

LinkWatch::LinkWatch(std::array<WatchedPort, kPortsMax> ports, Hooks hooks)
    : ports_(std::move(ports)), hooks_(std::move(hooks)), wake_(eventfd(0, EFD_CLOEXEC)) {
    read_all();
    {
        const SignalsBlocked blocked;
        thread_ = std::thread([this] { run(); });
    }
    pthread_setname_np(thread_.native_handle(), "sp-links");
}

LinkWatch::~LinkWatch() {
    stop_.store(true);
    eventfd_write(wake_, 1);
    thread_.join();
    close(wake_);
}

void LinkWatch::run() {
    while (!stop_.load()) {
        std::array<pollfd, 2> fds{pollfd{events_.fd(), POLLIN, 0}, pollfd{wake_, POLLIN, 0}};
        poll(fds.data(), fds.size(), kChoreMilliseconds);
        if (stop_.load()) return;
        const auto changes = events_.take();
        if (!changes) read_all();
        if (changes)
            for (const Link& link : *changes) follow(link);
        for (PortIndex port = 0; port < kPortsMax; ++port)
            if (ports_[port].interfaces.empty()) set(port, ask(port));
        hooks_.chore();
    }
}

void LinkWatch::read_all() {
    for (PortIndex port = 0; port < kPortsMax; ++port) set(port, ask(port));
}

bool LinkWatch::ask(PortIndex port) const {
    const WatchedPort& p = ports_[port];
    if (p.interfaces.empty()) return p.ask();
    return std::ranges::all_of(p.interfaces, has_link);
}

// Each change is followed, so that a link that went down and up again between two looks counts.
void LinkWatch::follow(const Link& link) {
    for (PortIndex port = 0; port < kPortsMax; ++port)
        if (std::ranges::find(ports_[port].interfaces, link.name) != ports_[port].interfaces.end())
            set(port, link.is_running());
}

void LinkWatch::set(PortIndex port, bool up) {
    const std::uint32_t changes = changes_[port].load(std::memory_order_relaxed);
    if (up == is_up(changes)) return;
    changes_[port].store(changes + 1, std::memory_order_relaxed);
    if (up) hooks_.on_up(port);
}

}  // namespace sallyport::dp
