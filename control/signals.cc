// SPDX-License-Identifier: Apache-2.0
#include "control/signals.h"

#include <csignal>
#include <utility>  // Asio 1.74 uses std::exchange without it

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>

namespace sallyport::ctl {

struct Signals::Impl {
    boost::asio::io_context io{1};
    boost::asio::signal_set set{io, SIGTERM, SIGINT, SIGHUP};
    int stop_signal = 0;
    std::function<void()> on_hang_up;

    void listen() {
        set.async_wait([this](boost::system::error_code error, int number) {
            if (error) return;
            if (number != SIGHUP) {
                stop_signal = number;
                return;
            }
            on_hang_up();
            listen();
        });
    }
};

Signals::Signals() : impl_(std::make_unique<Impl>()) {
    std::signal(SIGPIPE, SIG_IGN);
    impl_->listen();
}

Signals::~Signals() = default;

int Signals::wait_for_stop(std::function<void()> on_hang_up) {
    impl_->on_hang_up = std::move(on_hang_up);
    impl_->io.run();
    return impl_->stop_signal;
}

}  // namespace sallyport::ctl
