// SPDX-License-Identifier: Apache-2.0
#include "control/server.h"

#include <fcntl.h>

#include <utility>  // Asio 1.74 uses std::exchange without it

#include <boost/asio.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>

#include <exception>
#include <future>
#include <optional>
#include <set>
#include <sstream>
#include <thread>

#include "control/log.h"

namespace sallyport::ctl {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using Local = asio::local::stream_protocol;
using Executor = asio::io_context::executor_type;
using Socket = asio::basic_stream_socket<Local, Executor>;
using Stream = beast::basic_stream<Local, Executor>;
using Response = http::response<http::string_body>;
using boost::system::error_code;

constexpr auto kAcceptRetry = std::chrono::milliseconds(100);
constexpr std::size_t kHandlerThreads = 2;

Response response_of(const Reply& reply, bool keep_alive) {
    Response response(static_cast<http::status>(reply.status), 11);
    response.set(http::field::content_type, "application/json");
    response.set(http::field::cache_control, "no-store");
    if (!reply.allow.empty()) response.set(http::field::allow, reply.allow);
    response.keep_alive(keep_alive);
    // A name in a reply may be any octets; what is no UTF-8 must not make the reply fail.
    response.body() = reply.body.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
    response.prepare_payload();
    return response;
}

std::optional<Reply> refusal_of(error_code error) {
    if (error == http::error::body_limit)
        return error_reply(413, "body_too_large", "the request body is too large", "at most 1 MiB");
    if (error == http::error::header_limit)
        return error_reply(431, "header_too_large", "the request header is too large",
                           "at most 16 KiB");
    const bool cut_short =
        error == http::error::end_of_stream || error == http::error::partial_message;
    if (!cut_short && error.category() == http::make_error_code(http::error::bad_method).category())
        return error_reply(400, "bad_request", "this is no HTTP/1.1 request: " + error.message(),
                           "curl --unix-socket PATH http://localhost/v1");
    return std::nullopt;
}

Reply guarded(const Server::Handler& handler, const Request& request) {
    try {
        return handler(request);
    } catch (const std::exception& e) {
        log_event(LogLevel::Error, "control request failed",
                  {{"target", request.target}, {"error", e.what()}});
        return error_reply(500, "internal", "the daemon failed to answer",
                           "look at its log; this is a bug");
    }
}

}  // namespace

struct Server::Impl {
    class Connection;

    Impl(const ControlSocket& socket, Handler handler_in, ServerLimits limits_in)
        : handler(std::move(handler_in)), limits(limits_in), acceptor(io), retry(io) {
        // The owner closes its descriptor; the acceptor works on a copy.
        acceptor.assign(Local(), ::fcntl(socket.fd(), F_DUPFD_CLOEXEC, 0));
        acceptor.non_blocking(true);
        accept();
        thread = std::thread([this] { io.run(); });
    }

    void accept();
    void serve(Socket peer);
    void end_all();

    const Handler handler;
    const ServerLimits limits;
    asio::io_context io{1};
    asio::executor_work_guard<Executor> work{io.get_executor()};
    asio::basic_socket_acceptor<Local, Executor> acceptor;
    asio::steady_timer retry;
    asio::thread_pool handlers{kHandlerThreads};
    std::set<Connection*> connections;  // touched by the one thread of `io` only
    bool stopping = false;              // likewise
    std::thread thread;
};

// One client. Kept alive by the operation that is under way; there is always at most one.
class Server::Impl::Connection : public std::enable_shared_from_this<Connection> {
   public:
    Connection(Impl& server, Socket peer)
        : server_(server), stream_(std::move(peer)), buffer_(server.limits.header_bytes * 2UL) {
        server_.connections.insert(this);
    }
    ~Connection() { server_.connections.erase(this); }
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;

    void close() { stream_.close(); }

    void read() {
        parser_.emplace();
        parser_->body_limit(server_.limits.body_bytes);
        parser_->header_limit(server_.limits.header_bytes);
        stream_.expires_after(server_.limits.patience);
        http::async_read(
            stream_, buffer_, *parser_,
            [self = shared_from_this()](error_code error, std::size_t) { self->on_read(error); });
    }

   private:
    void on_read(error_code error) {
        if (!error) return handle();
        // After a timeout or a half request nobody is there to be told.
        if (const auto refusal = refusal_of(error)) return write(*refusal, false);
    }

    void handle() {
        if (server_.stopping) return;
        const bool keep_alive = parser_->get().keep_alive();
        // The handler's thread gives the connection back: it must not be the one that ends it.
        asio::post(server_.handlers, [self = shared_from_this(), keep_alive]() mutable {
            Impl& server = self->server_;
            auto& request = self->parser_->get();
            Reply reply = guarded(server.handler, {std::string(request.method_string()),
                                                   std::string(request.target()),
                                                   std::move(request.body())});
            asio::post(server.io, [own = std::move(self), keep_alive, r = std::move(reply)] {
                own->write(r, keep_alive && !own->server_.stopping);
            });
        });
    }

    void write(const Reply& reply, bool keep_alive) {
        response_ = response_of(reply, keep_alive);
        stream_.expires_after(server_.limits.patience);
        http::async_write(stream_, response_,
                          [self = shared_from_this(), keep_alive](error_code error, std::size_t) {
                              if (!error && keep_alive) self->read();
                          });
    }

    Impl& server_;
    Stream stream_;
    beast::flat_buffer buffer_;
    std::optional<http::request_parser<http::string_body>> parser_;
    Response response_;
};

void Server::Impl::accept() {
    acceptor.async_accept([this](error_code error, auto peer) {
        if (error == asio::error::operation_aborted || stopping) return;
        if (!error) {
            serve(std::move(peer));
            return accept();
        }
        // Out of descriptors: try again when some may be free.
        retry.expires_after(kAcceptRetry);
        retry.async_wait([this](error_code cancelled) {
            if (!cancelled && !stopping) accept();
        });
    });
}

void Server::Impl::serve(Socket peer) {
    if (connections.size() < limits.connections)
        return std::make_shared<Connection>(*this, std::move(peer))->read();
    // One try that does not wait: a fresh socket has room for a few hundred octets.
    std::ostringstream text;
    text << response_of(
        error_reply(503, "too_many_connections", "too many control connections are open",
                    "close some of them and try again"),
        false);
    error_code ignored;
    peer.non_blocking(true, ignored);
    peer.write_some(asio::buffer(text.str()), ignored);
}

void Server::Impl::end_all() {
    stopping = true;
    error_code ignored;
    acceptor.close(ignored);
    retry.cancel();
    for (Connection* connection : connections) connection->close();
}

Server::Server(const ControlSocket& socket, Handler handler, ServerLimits limits)
    : impl_(std::make_unique<Impl>(socket, std::move(handler), limits)) {}

Server::~Server() {
    stop();
}

void Server::stop() {
    if (!impl_->thread.joinable()) return;
    std::promise<void> ended;
    asio::post(impl_->io, [this, &ended] {
        impl_->end_all();
        ended.set_value();
    });
    // From here on no connection hands a request to the handlers, so joining them misses none.
    ended.get_future().wait();
    impl_->handlers.join();
    impl_->work.reset();
    impl_->thread.join();
}

}  // namespace sallyport::ctl
