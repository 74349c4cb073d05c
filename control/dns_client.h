// SPDX-License-Identifier: Apache-2.0
// Asks DNS servers for addresses, without waiting: c-ares under a poll loop that the owner runs.
// One thread. Names are taken as they are: no search list, no /etc/hosts.
#pragma once
#include <poll.h>

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "config/model.h"
#include "control/dns_reply.h"
#include "tcpstack/base/ip_addr.h"
#include "tcpstack/base/result.h"

namespace sallyport::ctl {

struct DnsOptions {
    std::vector<IpAddr> servers;  // empty: those of /etc/resolv.conf
    std::uint16_t port = 53;
    std::optional<IpAddr> source;
    std::string device;  // kernel interface that the questions leave by; empty: as the routes say
    // Within which all servers have been tried; a server that is slower than that may still answer.
    std::chrono::milliseconds timeout{3000};
    friend bool operator==(const DnsOptions&, const DnsOptions&) = default;
};

struct DnsResult {
    std::string name;
    std::uint16_t type = kTypeA;
    DnsReply reply;
};

class DnsChannel;

class DnsClient {
   public:
    // The error is a sentence.
    static Result<DnsClient, std::string> make(const DnsOptions& options);
    DnsClient(DnsClient&&) noexcept;
    DnsClient& operator=(DnsClient&&) noexcept;
    ~DnsClient();

    // The servers that are asked, the next one first.
    const std::vector<IpAddr>& servers() const { return options_.servers; }
    // Asks for A and AAAA. Each gives one result, sooner or later.
    void ask(const std::string& name);
    // What is there now.
    std::vector<DnsResult> take_results();

    // Adds what to wait for; and how long at most before process() is due.
    void add_fds(std::vector<pollfd>& fds) const;
    std::chrono::milliseconds due_within(std::chrono::milliseconds at_most) const;
    void process(std::span<const pollfd> fds);

   private:
    explicit DnsClient(const DnsOptions& options);
    void turn_to_next_server();

    DnsOptions options_;
    std::unique_ptr<DnsChannel> channel_;
    // With questions under way that were put before the order of the servers changed.
    std::vector<std::unique_ptr<DnsChannel>> former_;
};

}  // namespace sallyport::ctl
