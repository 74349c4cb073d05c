// SPDX-License-Identifier: Apache-2.0
// A DNS server on loopback, UDP and TCP, that says what a test tells it to.
#pragma once
#include <atomic>
#include <chrono>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace sallyport::test {

struct DnsRecord {
    std::string owner;
    std::uint16_t type = 0;
    std::uint32_t ttl = 0;
    std::vector<std::uint8_t> data;
};
DnsRecord a_record(const std::string& owner, const std::string& address, std::uint32_t ttl = 300);
DnsRecord aaaa_record(const std::string& owner, const std::string& address,
                      std::uint32_t ttl = 300);
DnsRecord cname_record(const std::string& owner, const std::string& target,
                       std::uint32_t ttl = 300);
DnsRecord soa_record(const std::string& owner, std::uint32_t minimum, std::uint32_t ttl);

struct DnsScript {
    std::uint8_t code = 0;  // RCODE
    std::vector<DnsRecord> answers, authority;
    bool silent = false;
    bool truncated = false;  // over UDP: the TC bit and no records
    std::chrono::milliseconds delay{0};
    // A forged datagram is sent ahead of the true one.
    bool forged_id = false, forged_question = false;
};

// The reply to `query`; empty when the query is malformed.
std::vector<std::uint8_t> dns_reply_to(const std::vector<std::uint8_t>& query,
                                       const DnsScript& script, bool tcp);
std::vector<std::uint8_t> dns_query(const std::string& name, std::uint16_t type);

class DnsServer {
   public:
    // Port 0: any that is free.
    explicit DnsServer(const std::string& address = "127.0.0.1", std::uint16_t port = 0);
    ~DnsServer();
    DnsServer(const DnsServer&) = delete;
    DnsServer& operator=(const DnsServer&) = delete;

    std::uint16_t port() const { return port_; }
    // Of questions for A and AAAA; what was set for one type counts before that. Names without a
    // script do not exist.
    void set(const std::string& name, DnsScript script);
    void set(const std::string& name, std::uint16_t type, DnsScript script);
    // Of all questions, whatever the name.
    void set_silent(bool silent) { silent_ = silent; }

    int udp_questions() const { return udp_questions_; }
    int tcp_questions() const { return tcp_questions_; }

   private:
    void run();
    void serve_datagram();
    void serve_connection();
    DnsScript script_for(const std::vector<std::uint8_t>& query);

    int udp_ = -1, tcp_ = -1;
    std::uint16_t port_ = 0;
    std::mutex mutex_;
    std::map<std::pair<std::string, std::uint16_t>, DnsScript> scripts_;  // type 0: both
    std::atomic<bool> silent_{false}, stopping_{false};
    std::atomic<int> udp_questions_{0}, tcp_questions_{0};
    std::thread thread_;
};

}  // namespace sallyport::test
