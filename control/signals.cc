// SPDX-License-Identifier: Apache-2.0
#include "control/signals.h"

#include <csignal>
#include <utility>  // Asio 1.74 uses std::exchange without it

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>

#include "control/log.h"

namespace sallyport::ctl {

struct Signals::Impl {
    boost::asio::io_context io{1};
    boost::asio::signal_set set{io, SIGTERM, SIGINT, SIGHUP};
    int stop_signal = 0;

    void listen() {
        set.async_wait([this](boost::system::error_code error, int number) {
            if (error) return;
            if (number != SIGHUP) {
                stop_signal = number;
                return;
            }
            log_event(LogLevel::Warning, "reload is not available yet",
                      {{"remedy", "restart to apply a changed configuration"}});
            listen();
        });
    }
};

Signals::Signals() : impl_(std::make_unique<Impl>()) {
    std::signal(SIGPIPE, SIG_IGN);
    impl_->listen();
}

Signals::~Signals() = default;

int Signals::wait_for_stop() {
    impl_->io.run();
    return impl_->stop_signal;
}

}  // namespace sallyport::ctl
