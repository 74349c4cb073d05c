// SPDX-License-Identifier: Apache-2.0
#include "tools/sallyctl/client.h"

#include <sys/un.h>

#include <utility>  // Asio 1.74 uses std::exchange without it

#include <boost/asio.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>

namespace sallyport::ctl {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using Local = asio::local::stream_protocol;
using boost::system::error_code;

constexpr std::uint64_t kReplyMax = 64ULL * 1024 * 1024;

// The steps of one exchange; the first error ends it.
class Exchange {
   public:
    Exchange(const Question& question, std::chrono::milliseconds patience)
        : request_(http::string_to_verb(question.method), question.target, 11, question.body) {
        if (!question.body.empty()) request_.set(http::field::content_type, "application/json");
        request_.prepare_payload();
        request_.set(http::field::host, "sallyport");
        request_.keep_alive(false);
        parser_.body_limit(kReplyMax);
        stream_.expires_after(patience);
    }

    error_code run(const std::string& path) {
        stream_.async_connect(Local::endpoint(path), [this](error_code e) {
            if (!failed(e)) write();
        });
        io_.run();
        return error_;
    }
    HttpReply reply() { return {parser_.get().result_int(), std::move(parser_.get().body())}; }

   private:
    bool failed(error_code error) {
        error_ = error;
        return error.failed();
    }
    void write() {
        http::async_write(stream_, request_, [this](error_code e, std::size_t) {
            // A daemon that is full answers and closes before it reads; its answer counts.
            error_ = e;
            read();
        });
    }
    void read() {
        http::async_read(stream_, buffer_, parser_,
                         [this](error_code e, std::size_t) { failed(e); });
    }

    asio::io_context io_{1};
    beast::basic_stream<Local> stream_{io_};
    beast::flat_buffer buffer_;
    http::request<http::string_body> request_;
    http::response_parser<http::string_body> parser_;
    error_code error_;
};

std::string remedy_of(error_code error) {
    using namespace boost::system::errc;
    if (error == no_such_file_or_directory || error == connection_refused)
        return "is the daemon running? start sallyport, or name its control.socket with -s";
    if (error == permission_denied)
        return "run as root, or as a member of the group that owns the socket";
    return "look at the log of the daemon";
}

}  // namespace

Result<HttpReply, Unreachable> ask(const std::string& socket_path, const std::string& target,
                                   std::chrono::milliseconds patience) {
    return ask(socket_path, Question{"GET", target, {}}, patience);
}

Result<HttpReply, Unreachable> ask(const std::string& socket_path, const Question& question,
                                   std::chrono::milliseconds patience) {
    if (socket_path.empty() || socket_path.size() >= sizeof(sockaddr_un::sun_path))
        return std::unexpected(Unreachable{"'" + socket_path + "' cannot be the path of a socket",
                                           "name the control.socket of the daemon with -s"});
    Exchange exchange(question, patience);
    if (const error_code error = exchange.run(socket_path))
        return std::unexpected(
            Unreachable{"cannot reach the daemon at " + socket_path + ": " + error.message(),
                        remedy_of(error)});
    return exchange.reply();
}

}  // namespace sallyport::ctl
