// SPDX-License-Identifier: Apache-2.0
#include "tests/support/dns_server.h"

#include <arpa/inet.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <stdexcept>

namespace sallyport::test {
namespace {

using Octets = std::vector<std::uint8_t>;

constexpr std::size_t kHeader = 12;
constexpr std::uint16_t kTypeA = 1, kTypeCname = 5, kTypeSoa = 6, kTypeAaaa = 28;

void put16(Octets& out, std::size_t v) {
    out.push_back(static_cast<std::uint8_t>(v >> 8));
    out.push_back(static_cast<std::uint8_t>(v));
}
void put32(Octets& out, std::uint32_t v) {
    put16(out, v >> 16);
    put16(out, v & 0xffff);
}

void put_name(Octets& out, const std::string& name) {
    for (std::size_t at = 0; at < name.size();) {
        const std::size_t dot = std::min(name.find('.', at), name.size());
        out.push_back(static_cast<std::uint8_t>(dot - at));
        out.insert(out.end(), name.begin() + static_cast<std::ptrdiff_t>(at),
                   name.begin() + static_cast<std::ptrdiff_t>(dot));
        at = dot + 1;
    }
    out.push_back(0);
}

void put_record(Octets& out, const DnsRecord& r) {
    put_name(out, r.owner);
    put16(out, r.type);
    put16(out, 1);
    put32(out, r.ttl);
    put16(out, r.data.size());
    out.insert(out.end(), r.data.begin(), r.data.end());
}

struct Question {
    std::string name;
    std::uint16_t type = 0;
    std::size_t end = 0;  // in the message
};

// end 0: malformed.
Question question_of(const Octets& query) {
    Question q;
    std::size_t at = kHeader;
    while (at < query.size() && query[at] != 0) {
        const std::size_t length = query[at++];
        if (at + length > query.size()) return {};
        if (!q.name.empty()) q.name += '.';
        q.name.append(query.begin() + static_cast<std::ptrdiff_t>(at),
                      query.begin() + static_cast<std::ptrdiff_t>(at + length));
        at += length;
    }
    if (at + 5 > query.size()) return {};
    q.type = static_cast<std::uint16_t>(query[at + 1] << 8 | query[at + 2]);
    q.end = at + 5;
    return q;
}

Octets octets_of(int family, const std::string& address) {
    Octets out(family == AF_INET ? 4 : 16);
    if (inet_pton(family, address.c_str(), out.data()) != 1)
        throw std::invalid_argument("no address: " + address);
    return out;
}

int bound_socket(int type, const std::string& address, std::uint16_t& port) {
    const int fd = socket(AF_INET, type | SOCK_CLOEXEC, 0);
    const int on = 1;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    sockaddr_in at{};
    at.sin_family = AF_INET;
    at.sin_port = htons(port);
    inet_pton(AF_INET, address.c_str(), &at.sin_addr);
    socklen_t length = sizeof at;
    if (bind(fd, reinterpret_cast<sockaddr*>(&at), length) != 0 ||
        getsockname(fd, reinterpret_cast<sockaddr*>(&at), &length) != 0)
        throw std::runtime_error("cannot bind " + address);
    port = ntohs(at.sin_port);
    return fd;
}

}  // namespace

DnsRecord a_record(const std::string& owner, const std::string& address, std::uint32_t ttl) {
    return {owner, kTypeA, ttl, octets_of(AF_INET, address)};
}
DnsRecord aaaa_record(const std::string& owner, const std::string& address, std::uint32_t ttl) {
    return {owner, kTypeAaaa, ttl, octets_of(AF_INET6, address)};
}
DnsRecord cname_record(const std::string& owner, const std::string& target, std::uint32_t ttl) {
    Octets data;
    put_name(data, target);
    return {owner, kTypeCname, ttl, data};
}
DnsRecord soa_record(const std::string& owner, std::uint32_t minimum, std::uint32_t ttl) {
    Octets data;
    put_name(data, "ns." + owner);
    put_name(data, "admin." + owner);
    for (const std::uint32_t v : {1U, 2U, 3U, 4U, minimum}) put32(data, v);
    return {owner, kTypeSoa, ttl, data};
}

Octets dns_query(const std::string& name, std::uint16_t type) {
    Octets out{0x12, 0x34, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0};
    put_name(out, name);
    put16(out, type);
    put16(out, 1);
    return out;
}

Octets dns_reply_to(const Octets& query, const DnsScript& script, bool tcp) {
    const Question q = question_of(query);
    if (q.end == 0) return {};
    const bool cut = script.truncated && !tcp;
    Octets out(query.begin(), query.begin() + 2);
    out.push_back(static_cast<std::uint8_t>(0x81 | (cut ? 2 : 0)));  // QR, RD
    out.push_back(static_cast<std::uint8_t>(0x80 | script.code));    // RA
    put16(out, 1);
    put16(out, cut ? 0 : script.answers.size());
    put16(out, cut ? 0 : script.authority.size());
    put16(out, 0);
    out.insert(out.end(), query.begin() + kHeader,
               query.begin() + static_cast<std::ptrdiff_t>(q.end));
    if (cut) return out;
    for (const DnsRecord& r : script.answers) put_record(out, r);
    for (const DnsRecord& r : script.authority) put_record(out, r);
    return out;
}

DnsServer::DnsServer(const std::string& address, std::uint16_t port) : port_(port) {
    tcp_ = bound_socket(SOCK_STREAM, address, port_);
    udp_ = bound_socket(SOCK_DGRAM, address, port_);
    listen(tcp_, 8);
    thread_ = std::thread([this] { run(); });
}

DnsServer::~DnsServer() {
    stopping_ = true;
    thread_.join();
    close(udp_);
    close(tcp_);
}

void DnsServer::set(const std::string& name, DnsScript script) { set(name, 0, std::move(script)); }

void DnsServer::set(const std::string& name, std::uint16_t type, DnsScript script) {
    const std::lock_guard lock(mutex_);
    scripts_[{name, type}] = std::move(script);
}

// A record of the other type is no answer; the chain to it is.
DnsScript DnsServer::script_for(const Octets& query) {
    const Question q = question_of(query);
    const std::lock_guard lock(mutex_);
    auto at = scripts_.find({q.name, q.type});
    if (at == scripts_.end()) at = scripts_.find({q.name, 0});
    if (at == scripts_.end()) return {.code = 3, .answers = {}, .authority = {}};
    DnsScript script = at->second;
    std::erase_if(script.answers, [&](const DnsRecord& r) {
        return r.type != q.type && r.type != kTypeCname;
    });
    return script;
}

void DnsServer::run() {
    while (!stopping_) {
        std::array<pollfd, 2> fds{{{udp_, POLLIN, 0}, {tcp_, POLLIN, 0}}};
        if (poll(fds.data(), fds.size(), 20) <= 0) continue;
        if (fds[0].revents != 0) serve_datagram();
        if (fds[1].revents != 0) serve_connection();
    }
}

void DnsServer::serve_datagram() {
    Octets query(2048);
    sockaddr_storage peer{};
    socklen_t length = sizeof peer;
    auto* to = reinterpret_cast<sockaddr*>(&peer);
    const ssize_t n = recvfrom(udp_, query.data(), query.size(), 0, to, &length);
    if (n <= 0) return;
    query.resize(static_cast<std::size_t>(n));
    ++udp_questions_;
    const DnsScript script = script_for(query);
    if (silent_ || script.silent) return;
    std::this_thread::sleep_for(script.delay);
    const auto send = [&](const Octets& message) {
        (void)sendto(udp_, message.data(), message.size(), 0, to, length);
    };
    const DnsScript forged{.code = 0, .answers = {a_record(question_of(query).name, "6.6.6.6")},
                           .authority = {}};
    if (script.forged_id) {
        Octets reply = dns_reply_to(query, forged, false);
        reply[0] ^= 1;
        send(reply);
    }
    if (script.forged_question) {
        Octets reply = dns_reply_to(query, forged, false);
        reply[kHeader + 1] ^= 1;
        send(reply);
    }
    send(dns_reply_to(query, script, false));
}

void DnsServer::serve_connection() {
    const int fd = accept4(tcp_, nullptr, nullptr, SOCK_CLOEXEC);
    std::array<std::uint8_t, 2> length{};
    while (recv(fd, length.data(), 2, MSG_WAITALL) == 2) {
        Octets query(static_cast<std::size_t>(length[0] << 8 | length[1]));
        if (recv(fd, query.data(), query.size(), MSG_WAITALL) != static_cast<ssize_t>(query.size()))
            break;
        ++tcp_questions_;
        const Octets reply = dns_reply_to(query, script_for(query), true);
        Octets framed;
        put16(framed, reply.size());
        framed.insert(framed.end(), reply.begin(), reply.end());
        (void)::send(fd, framed.data(), framed.size(), MSG_NOSIGNAL);
        // Both questions of a name may share the connection; then the client closes it.
        pollfd more{fd, POLLIN, 0};
        if (poll(&more, 1, 200) <= 0) break;
    }
    close(fd);
}

}  // namespace sallyport::test
