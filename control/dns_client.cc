// SPDX-License-Identifier: Apache-2.0
#include "control/dns_client.h"

#include <algorithm>
#include <utility>

#include "control/dns_channel.h"

namespace sallyport::ctl {

Result<DnsClient, std::string> DnsClient::make(const DnsOptions& options) {
    DnsClient client(options);
    auto channel = DnsChannel::open(options);
    if (channel && options.servers.empty()) {
        // How long a server may take depends on how many there are.
        client.options_.servers = (*channel)->servers();
        channel = DnsChannel::open(client.options_);
    }
    if (!channel) return std::unexpected(std::move(channel.error()));
    client.channel_ = std::move(*channel);
    return client;
}

DnsClient::DnsClient(const DnsOptions& options) : options_(options) {}
DnsClient::DnsClient(DnsClient&&) noexcept = default;
DnsClient& DnsClient::operator=(DnsClient&&) noexcept = default;
DnsClient::~DnsClient() = default;

void DnsClient::ask(const std::string& name) {
    channel_->ask(name, kTypeA);
    channel_->ask(name, kTypeAaaa);
}

std::vector<DnsResult> DnsClient::take_results() {
    std::vector<DnsResult> out = channel_->take_results();
    for (const auto& channel : former_)
        for (DnsResult& result : channel->take_results()) out.push_back(std::move(result));
    std::erase_if(former_, [](const auto& channel) { return channel->under_way() == 0; });
    if (channel_->take_timed_out()) turn_to_next_server();
    return out;
}

// c-ares begins each question with the first server; so a dead one must not stay the first.
void DnsClient::turn_to_next_server() {
    if (options_.servers.size() < 2) return;
    DnsOptions next = options_;
    std::ranges::rotate(next.servers, next.servers.begin() + 1);
    auto channel = DnsChannel::open(next);
    if (!channel) return;  // no memory: go on as before
    options_ = std::move(next);
    former_.push_back(std::exchange(channel_, std::move(*channel)));
}

void DnsClient::add_fds(std::vector<pollfd>& fds) const {
    channel_->add_fds(fds);
    for (const auto& channel : former_) channel->add_fds(fds);
}

std::chrono::milliseconds DnsClient::due_within(std::chrono::milliseconds at_most) const {
    at_most = channel_->due_within(at_most);
    for (const auto& channel : former_) at_most = channel->due_within(at_most);
    return at_most;
}

void DnsClient::process(std::span<const pollfd> fds) {
    channel_->process(fds);
    for (const auto& channel : former_) channel->process(fds);
}

}  // namespace sallyport::ctl
