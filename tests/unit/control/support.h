// SPDX-License-Identifier: Apache-2.0
// What several tests of control need: a directory of their own, records, a raw client.
#pragma once
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "config/model.h"
#include "dataplane/access_record.h"

namespace sallyport::ctl {

class TempDir {
   public:
    TempDir() {
        std::string pattern = "/tmp/sallyport-test-XXXXXX";
        path_ = ::mkdtemp(pattern.data());
    }
    TempDir(const TempDir&) = delete;
    TempDir& operator=(const TempDir&) = delete;
    ~TempDir() { std::filesystem::remove_all(path_); }
    std::string operator/(std::string_view name) const { return path_ + "/" + std::string(name); }
    const std::string& path() const { return path_; }

   private:
    std::string path_;
};

inline std::string read_file(const std::string& path) {
    std::ifstream in(path);
    return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

// Looks again until `condition` holds; false when it did not within 20 seconds.
template <class Condition>
bool eventually(Condition condition) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (!condition()) {
        if (std::chrono::steady_clock::now() > end) return false;
        std::this_thread::yield();
    }
    return true;
}

inline cfg::Model model_with_rules(const std::vector<std::string>& names) {
    cfg::Model model;
    for (const std::string& name : names) model.policy.rules.emplace_back().name = name;
    return model;
}

// A session that was allowed, spliced and closed by both sides.
inline dp::AccessRecord allowed_record() {
    dp::AccessRecord r;
    r.session_id = 0x1234;
    r.generation = 7;
    r.start = Instant(std::chrono::milliseconds(999'500));
    r.duration = std::chrono::milliseconds(231);
    r.bytes_received = 839;
    r.bytes_sent = 2504306;
    r.client = {Ipv4Addr{{10, 10, 0, 15}}, Ipv4Addr{{151, 101, 195, 5}}, Port{43956}, Port{443}};
    r.server = {Ipv4Addr{{203, 0, 113, 7}}, Ipv4Addr{{151, 101, 195, 5}}, Port{34470}, Port{443}};
    r.has_server = true;
    r.decision = dp::policy::Decision::Allow;
    r.reason = dp::Reason::Closed;
    r.ended_by = dp::EndedBy::Client;
    r.rule = 1;
    r.set_name("edition.cnn.com");
    return r;
}

inline dp::AccessRecord denied_record() {
    dp::AccessRecord r = allowed_record();
    r.decision = dp::policy::Decision::Deny;
    r.reason = dp::Reason::SniNotAllowed;
    r.has_server = false;
    r.rule = dp::policy::kDefaultRule;
    r.bytes_received = 517;
    r.bytes_sent = 7;
    r.duration = {};
    r.set_name("www.example.org");
    return r;
}

// A request that the server answered.
inline dp::AccessRecord http_record() {
    dp::AccessRecord r = allowed_record();
    r.client.dst_port = r.server.dst_port = Port{80};
    r.bytes_received = 12;
    r.bytes_sent = 345;
    r.duration = std::chrono::milliseconds(90);
    dp::HttpExchange& http = r.http.emplace();
    http.method.set("GET");
    http.path.set("/politics?token=secret");
    http.authority.set("Edition.CNN.com:80");
    http.user_agent.set("curl/7.87.0 (X11; Linux)");
    http.request_id.set("6c01d65f-0d34");
    http.code = 301;
    http.service_time = std::chrono::microseconds(89'900);
    return r;
}

// A request that the gate answered itself.
inline dp::AccessRecord refused_record(dp::Reason reason, std::uint16_t code) {
    dp::AccessRecord r = http_record();
    r.decision = dp::policy::Decision::Deny;
    r.reason = reason;
    r.has_server = false;
    r.rule = dp::policy::kDefaultRule;
    r.bytes_received = 0;
    r.bytes_sent = 118;
    r.http->code = code;
    r.http->own_answer = true;
    r.http->service_time.reset();
    r.set_name("www.example.org");
    return r;
}

// A client that sends what it likes.
class RawClient {
   public:
    explicit RawClient(const std::string& path) : fd_(::socket(AF_UNIX, SOCK_STREAM, 0)) {
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        std::strncpy(address.sun_path, path.c_str(), sizeof address.sun_path - 1);
        connected_ = ::connect(fd_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
    }
    RawClient(RawClient&& other) noexcept
        : fd_(std::exchange(other.fd_, -1)), connected_(other.connected_) {}
    RawClient& operator=(RawClient&&) = delete;
    ~RawClient() {
        if (fd_ >= 0) ::close(fd_);
    }

    bool connected() const { return connected_; }
    int fd() const { return fd_; }
    // What the peer did not take (it may have closed) is not an error of the test.
    void send(std::string_view text) const {
        while (!text.empty()) {
            const ssize_t n = ::send(fd_, text.data(), text.size(), MSG_NOSIGNAL);
            if (n <= 0) return;
            text.remove_prefix(static_cast<std::size_t>(n));
        }
    }
    void finish() const { ::shutdown(fd_, SHUT_WR); }
    // Everything until the peer closes, or "(timeout)" after 20 seconds without a word.
    std::string rest() const {
        std::string all;
        char buffer[4096];
        for (;;) {
            pollfd p{fd_, POLLIN, 0};
            if (::poll(&p, 1, 20'000) <= 0) return all + "(timeout)";
            const ssize_t n = ::recv(fd_, buffer, sizeof buffer, 0);
            if (n <= 0) return all;
            all.append(buffer, static_cast<std::size_t>(n));
        }
    }

   private:
    int fd_;
    bool connected_ = false;
};

}  // namespace sallyport::ctl
