// SPDX-License-Identifier: Apache-2.0
#include "control/signals.h"

#include <pthread.h>

#include <chrono>
#include <condition_variable>
#include <csignal>
#include <mutex>
#include <thread>
#include <utility>  // Asio 1.74 uses std::exchange without it

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>

#include "dataplane/dpdk/signals_blocked.h"

namespace sallyport::ctl {
namespace {

constexpr auto kPatience = std::chrono::seconds(1);
constexpr auto kLook = std::chrono::milliseconds(50);

// A signal that comes just before a system call does not interrupt it; so the thread gets others until it has
// said that it is done.
class Interrupter {
   public:
    // `asked` is called by one thread, which takes no signals itself.
    Interrupter(pthread_t thread, std::function<int()> asked) : waiter_(thread), asked_(std::move(asked)) {
        const dp::SignalsBlocked blocked;
        thread_ = std::thread([this] { run(); });
    }
    ~Interrupter() {
        {
            const std::lock_guard lock(mutex_);
            done_ = true;
        }
        wake_.notify_all();
        thread_.join();
    }
    Interrupter(const Interrupter&) = delete;
    Interrupter& operator=(const Interrupter&) = delete;

   private:
    bool is_done_within(std::chrono::milliseconds time) {
        std::unique_lock lock(mutex_);
        return wake_.wait_for(lock, time, [this] { return done_; });
    }
    void run() {
        int number = 0;
        while (number == 0) {
            if (is_done_within(kLook)) return;
            number = asked_();
        }
        for (auto time = std::chrono::milliseconds(kPatience); !is_done_within(time); time = kLook)
            pthread_kill(waiter_, number);
    }

    const pthread_t waiter_;
    const std::function<int()> asked_;
    std::mutex mutex_;
    bool done_ = false;
    std::condition_variable wake_;
    std::thread thread_;
};

}  // namespace

struct Signals::Impl {
    boost::asio::io_context io{1};
    boost::asio::signal_set set{io, SIGTERM, SIGINT, SIGHUP};
    int stop_signal = 0;
    bool hung_up = false;  // and nobody was told yet
    std::function<void()> on_hang_up;

    void listen() {
        set.async_wait([this](boost::system::error_code error, int number) {
            if (error) return;
            if (number != SIGHUP) {
                stop_signal = number;
                return;
            }
            if (on_hang_up)
                on_hang_up();
            else
                hung_up = true;
            listen();
        });
    }
};

Signals::Signals() : impl_(std::make_unique<Impl>()) {
    std::signal(SIGPIPE, SIG_IGN);
    impl_->listen();
}

Signals::~Signals() = default;

void Signals::run_start(const std::function<void()>& start) {
    const Interrupter interrupter(pthread_self(), [this] {
        impl_->io.poll();
        return impl_->stop_signal;
    });
    start();
}

int Signals::wait_for_stop(std::function<void()> on_hang_up) {
    impl_->on_hang_up = std::move(on_hang_up);
    if (std::exchange(impl_->hung_up, false)) impl_->on_hang_up();
    impl_->io.run();
    return impl_->stop_signal;
}

}  // namespace sallyport::ctl
