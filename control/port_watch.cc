// SPDX-License-Identifier: Apache-2.0
#include "control/port_watch.h"

#include <chrono>
#include <utility>

#include "control/log.h"

namespace sallyport::ctl {
namespace {

constexpr auto kPeriod = std::chrono::seconds(2);

}  // namespace

std::string text(const dp::DuplicateAddress& duplicate) {
    return duplicate.address + " is also at " + duplicate.mac +
           (duplicate.given_up ? "; the gate does not answer for it" : "; the gate answers for it too");
}

PortWatch::PortWatch(const dp::Dataplane& dataplane)
    : dataplane_(dataplane), thread_([this] { run(); }) {}

PortWatch::~PortWatch() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    wake_.notify_all();
    thread_.join();
}

void PortWatch::run() {
    std::unique_lock lock(mutex_);
    while (!stopping_) {
        lock.unlock();
        look();
        lock.lock();
        wake_.wait_for(lock, kPeriod, [this] { return stopping_; });
    }
}

// Of a duplicate that is heard of no more it is told again when it comes back.
void PortWatch::look() {
    MacByAddress present;
    for (const dp::PortStatus& port : dataplane_.ports()) {
        look_at_link(port);
        look_at_duplicates(port, present);
    }
    duplicates_ = std::move(present);
}

void PortWatch::look_at_link(const dp::PortStatus& port) {
    const Link before = std::exchange(links_[port.name], {port.link_up, port.link_losses});
    if (before.up == port.link_up && before.losses == port.link_losses) return;
    const auto tell = [&](LogLevel level, std::string_view event) {
        log_event(level, event,
                  {{"port", port.name}, {"device", port.device}, {"losses", std::to_string(port.link_losses)}});
    };
    if (!port.link_up) return tell(LogLevel::Warning, "the link of a port is down");
    if (before.up) return tell(LogLevel::Warning, "the link of a port was down");
    tell(LogLevel::Info, "the link of a port is up");
}

void PortWatch::look_at_duplicates(const dp::PortStatus& port, MacByAddress& present) const {
    for (const dp::DuplicateAddress& duplicate : port.duplicates) {
        present[duplicate.address] = duplicate.mac;
        const auto known = duplicates_.find(duplicate.address);
        if (known != duplicates_.end() && known->second == duplicate.mac) continue;
        log_event(LogLevel::Warning, "another station has an address of the gate",
                  {{"port", port.name},
                   {"address", duplicate.address},
                   {"mac", duplicate.mac},
                   {"effect", duplicate.given_up ? "the gate does not answer for it"
                                                 : "packets for it may go to either"},
                   {"remedy", "take the address from one of them"}});
    }
}

}  // namespace sallyport::ctl
