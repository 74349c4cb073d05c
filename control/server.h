// SPDX-License-Identifier: Apache-2.0
// HTTP/1.1 over the control socket. Its own threads: one reads and writes, two run the handler, so
// that a handler that waits for the workers keeps nobody else waiting. Everything that a client can
// make it hold is bounded; what a slow or hostile client loses is its own connection.
#pragma once
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "control/control_socket.h"
#include "control/routes.h"

namespace sallyport::ctl {

struct ServerLimits {
    std::size_t connections = 64;  // further ones get 503 at once
    std::uint64_t body_bytes = 1024 * 1024;
    std::uint32_t header_bytes = 16 * 1024;
    // A whole request has to arrive in this time after the connection or the last reply, and a
    // reply has to be taken in it.
    std::chrono::milliseconds patience{10'000};
};

class Server {
   public:
    // Called from two threads. An exception becomes a reply with status 500.
    using Handler = std::function<Reply(const Request& request)>;

    // Serves until stop(). `socket` must outlive this object and stays its owner's to remove.
    Server(const ControlSocket& socket, Handler handler, ServerLimits limits = {});
    ~Server();
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;

    // Ends every connection, waits for the handlers that are running and ends the threads.
    // Idempotent.
    void stop();

   private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace sallyport::ctl
