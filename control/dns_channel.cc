// SPDX-License-Identifier: Apache-2.0
#include "control/dns_channel.h"

#include <arpa/inet.h>
#include <sys/socket.h>

#include <algorithm>
#include <cstring>

namespace sallyport::ctl {
namespace {

constexpr int kRounds = 2;           // through all servers
constexpr int kDatagramMax = 1232;   // what passes without fragments (DNS flag day 2020)
constexpr int kClassIn = 1;

// Of the first round. c-ares doubles it with each round: 1 + 2 parts for each server.
int timeout_per_server(const DnsOptions& options) {
    constexpr std::chrono::milliseconds kLeast(200);
    const auto servers = static_cast<int>(std::max<std::size_t>(options.servers.size(), 1));
    return static_cast<int>(std::max(kLeast, options.timeout / (3 * servers)).count());
}

ares_addr_port_node node_of(const IpAddr& address, std::uint16_t port) {
    ares_addr_port_node node{};
    node.udp_port = node.tcp_port = port;
    if (address.is_v4()) {
        node.family = AF_INET;
        std::memcpy(&node.addr.addr4, address.v4().octets.data(), 4);
    } else {
        node.family = AF_INET6;
        std::memcpy(&node.addr.addr6, address.v6().octets.data(), 16);
    }
    return node;
}

IpAddr address_of(const ares_addr_port_node& node) {
    if (node.family == AF_INET) {
        Ipv4Addr v4;
        std::memcpy(v4.octets.data(), &node.addr.addr4, 4);
        return v4;
    }
    Ipv6Addr v6;
    std::memcpy(v6.octets.data(), &node.addr.addr6, 16);
    return v6;
}

// Once in a process, before the first channel.
bool library_is_ready() {
    static const bool kReady = ares_library_init(ARES_LIB_INIT_ALL) == ARES_SUCCESS;
    return kReady;
}

}  // namespace

Result<std::unique_ptr<DnsChannel>, std::string> DnsChannel::open(const DnsOptions& options) {
    std::unique_ptr<DnsChannel> channel(new DnsChannel(options));
    if (std::string error = channel->start(options); !error.empty())
        return std::unexpected(std::move(error));
    return channel;
}

std::string DnsChannel::start(const DnsOptions& options) {
    if (!library_is_ready()) return "the resolver library does not start";
    ares_options wanted{};
    char lookups[] = "b";  // DNS alone, no file of hosts
    wanted.flags = ARES_FLAG_NOSEARCH | ARES_FLAG_NOALIASES | ARES_FLAG_EDNS;
    wanted.timeout = timeout_per_server(options);
    wanted.tries = kRounds;
    wanted.lookups = lookups;
    wanted.ednspsz = kDatagramMax;
    wanted.sock_state_cb = on_socket;
    wanted.sock_state_cb_data = this;
    const int mask = ARES_OPT_FLAGS | ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES | ARES_OPT_LOOKUPS |
                     ARES_OPT_EDNSPSZ | ARES_OPT_SOCK_STATE_CB | ARES_OPT_DOMAINS |
                     ARES_OPT_NOROTATE;
    if (const int status = ares_init_options(&channel_, &wanted, mask); status != ARES_SUCCESS)
        return std::string("the resolver does not start: ") + ares_strerror(status);
    if (!options.servers.empty() && !use_servers(options)) return "no memory for DNS servers";
    if (options.source) use_source(*options.source);
    ares_set_socket_configure_callback(channel_, on_new_socket, this);
    return {};
}

DnsChannel::~DnsChannel() {
    if (channel_ != nullptr) ares_destroy(channel_);
}

bool DnsChannel::use_servers(const DnsOptions& options) {
    std::vector<ares_addr_port_node> nodes;
    for (const IpAddr& server : options.servers) nodes.push_back(node_of(server, options.port));
    for (std::size_t i = 0; i + 1 < nodes.size(); ++i) nodes[i].next = &nodes[i + 1];
    return ares_set_servers_ports(channel_, nodes.data()) == ARES_SUCCESS;
}

std::vector<IpAddr> DnsChannel::servers() const {
    std::vector<IpAddr> out;
    ares_addr_port_node* first = nullptr;
    if (ares_get_servers_ports(channel_, &first) != ARES_SUCCESS) return out;
    for (const ares_addr_port_node* n = first; n != nullptr; n = n->next)
        out.push_back(address_of(*n));
    ares_free_data(first);
    return out;
}

void DnsChannel::use_source(const IpAddr& source) {
    if (source.is_v4()) {
        ares_set_local_ip4(channel_, source.v4().host());
    } else {
        ares_set_local_ip6(channel_, source.v6().octets.data());
    }
}

// Not ares_set_local_dev(), which goes on without the device when it cannot be had.
int DnsChannel::on_new_socket(ares_socket_t fd, int, void* self) {
    const std::string& device = static_cast<const DnsChannel*>(self)->device_;
    if (device.empty()) return 0;
    return setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, device.c_str(),
                      static_cast<socklen_t>(device.size() + 1));
}

void DnsChannel::on_socket(void* self, ares_socket_t fd, int readable, int writable) {
    auto& sockets = static_cast<DnsChannel*>(self)->sockets_;
    const short events = static_cast<short>((readable != 0 ? POLLIN : 0) |
                                            (writable != 0 ? POLLOUT : 0));
    if (events == 0) {
        sockets.erase(fd);
    } else {
        sockets[fd] = events;
    }
}

void DnsChannel::ask(const std::string& name, std::uint16_t type) {
    ++under_way_;
    ares_query(channel_, name.c_str(), kClassIn, type, on_reply, new Question{this, name, type});
}

// Called from within ask(), process() or the destructor.
void DnsChannel::on_reply(void* question, int status, int timeouts, unsigned char* message,
                          int length) {
    const std::unique_ptr<Question> q(static_cast<Question*>(question));
    DnsChannel& self = *q->channel;
    --self.under_way_;
    if (status == ARES_EDESTRUCTION) return;
    self.timed_out_ |= timeouts > 0 || status == ARES_ECONNREFUSED;
    DnsReply reply;
    if (message != nullptr && length > 0)
        reply = read_reply({message, static_cast<std::size_t>(length)}, q->name, q->type);
    self.results_.push_back({std::move(q->name), q->type, std::move(reply)});
}

void DnsChannel::add_fds(std::vector<pollfd>& fds) const {
    for (const auto& [fd, events] : sockets_) fds.push_back({fd, events, 0});
}

std::chrono::milliseconds DnsChannel::due_within(std::chrono::milliseconds at_most) const {
    timeval longest{at_most.count() / 1000, at_most.count() % 1000 * 1000};
    timeval left{};
    const timeval* due = ares_timeout(channel_, &longest, &left);
    return std::chrono::milliseconds(due->tv_sec * 1000 + (due->tv_usec + 999) / 1000);
}

void DnsChannel::process(std::span<const pollfd> fds) {
    for (const pollfd& p : fds) {
        // An earlier socket's reply may have closed this one.
        if (p.revents == 0 || !sockets_.contains(p.fd)) continue;
        const bool readable = (p.revents & (POLLIN | POLLERR | POLLHUP)) != 0;
        const bool writable = (p.revents & POLLOUT) != 0;
        ares_process_fd(channel_, readable ? p.fd : ARES_SOCKET_BAD,
                        writable ? p.fd : ARES_SOCKET_BAD);
    }
    ares_process_fd(channel_, ARES_SOCKET_BAD, ARES_SOCKET_BAD);  // what is due by time alone
}

}  // namespace sallyport::ctl
