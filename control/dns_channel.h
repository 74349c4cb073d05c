// SPDX-License-Identifier: Apache-2.0
// One c-ares channel: an order of servers that does not change, and the sockets to them.
#pragma once
#include <ares.h>
#include <poll.h>

#include <map>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "control/dns_client.h"

namespace sallyport::ctl {

class DnsChannel {
   public:
    // The error is a sentence.
    static Result<std::unique_ptr<DnsChannel>, std::string> open(const DnsOptions& options);
    ~DnsChannel();
    DnsChannel(const DnsChannel&) = delete;
    DnsChannel& operator=(const DnsChannel&) = delete;

    void ask(const std::string& name, std::uint16_t type);
    std::vector<DnsResult> take_results() { return std::exchange(results_, {}); }
    // Whether a question went unanswered by the first server since the last call.
    bool take_timed_out() { return std::exchange(timed_out_, false); }
    std::size_t under_way() const { return under_way_; }

    std::vector<IpAddr> servers() const;
    void add_fds(std::vector<pollfd>& fds) const;
    std::chrono::milliseconds due_within(std::chrono::milliseconds at_most) const;
    void process(std::span<const pollfd> fds);

   private:
    struct Question {
        DnsChannel* channel;
        std::string name;
        std::uint16_t type;
    };
    explicit DnsChannel(const DnsOptions& options) : device_(options.device) {}
    std::string start(const DnsOptions& options);
    bool use_servers(const DnsOptions& options);
    void use_source(const IpAddr& source);
    static void on_socket(void* self, ares_socket_t fd, int readable, int writable);
    static int on_new_socket(ares_socket_t fd, int type, void* self);
    static void on_reply(void* question, int status, int timeouts, unsigned char* message,
                         int length);

    std::string device_;
    ares_channel channel_ = nullptr;
    std::map<ares_socket_t, short> sockets_;  // and the events to wait for
    std::vector<DnsResult> results_;
    std::size_t under_way_ = 0;
    bool timed_out_ = false;
};

}  // namespace sallyport::ctl
