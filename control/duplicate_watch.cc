// SPDX-License-Identifier: Apache-2.0
#include "control/duplicate_watch.h"

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

DuplicateWatch::DuplicateWatch(const dp::Dataplane& dataplane)
    : dataplane_(dataplane), thread_([this] { run(); }) {}

DuplicateWatch::~DuplicateWatch() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    wake_.notify_all();
    thread_.join();
}

void DuplicateWatch::run() {
    std::unique_lock lock(mutex_);
    while (!stopping_) {
        lock.unlock();
        look();
        lock.lock();
        wake_.wait_for(lock, kPeriod, [this] { return stopping_; });
    }
}

// Of one that is heard of no more it is told again when it comes back.
void DuplicateWatch::look() {
    std::map<std::string, std::string> present;
    for (const dp::PortStatus& port : dataplane_.ports())
        for (const dp::DuplicateAddress& duplicate : port.duplicates) {
            present[duplicate.address] = duplicate.mac;
            const auto known = told_.find(duplicate.address);
            if (known != told_.end() && known->second == duplicate.mac) continue;
            log_event(LogLevel::Warning, "another station has an address of the gate",
                      {{"port", port.name},
                       {"address", duplicate.address},
                       {"mac", duplicate.mac},
                       {"effect", duplicate.given_up ? "the gate does not answer for it"
                                                     : "packets for it may go to either"},
                       {"remedy", "take the address from one of them"}});
        }
    told_ = std::move(present);
}

}  // namespace sallyport::ctl
