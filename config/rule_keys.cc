// SPDX-License-Identifier: Apache-2.0
#include "config/rule_keys.h"

#include <algorithm>
#include <array>
#include <span>

namespace sallyport::cfg {
namespace {

bool is_one_of(std::string_view key, std::span<const std::string_view> keys) {
    return std::ranges::find(keys, key) != keys.end();
}

constexpr auto kOfNames = std::to_array<std::string_view>({"hosts", "hosts_from"});
// How an address is found and dialled; a translated flow keeps the one that it has.
constexpr auto kOfDialling = std::to_array<std::string_view>(
    {"destination", "on_mismatch", "cross_family", "endpoints", "balance", "connect_timeout"});
constexpr auto kOfSessions =
    std::to_array<std::string_view>({"idle_timeout", "max_duration", "limits", "egress"});

}  // namespace

bool is_layer4(Protocol protocol) {
    return protocol == Protocol::Tcp || protocol == Protocol::Udp || protocol == Protocol::Icmp;
}

std::string_view clash_of(const Rule& rule, std::string_view key) {
    const bool layer4 = std::ranges::any_of(rule.protocols, is_layer4, &ProtocolPort::protocol);
    const Destination destination = rule.upstream.destination;
    if (rule.action == Action::Deny && (is_one_of(key, kOfDialling) || is_one_of(key, kOfSessions)))
        return "'action: deny'";
    if (layer4 && (is_one_of(key, kOfNames) || is_one_of(key, kOfDialling)))
        return "tcp, udp and icmp, which are judged by address";
    if (!layer4 && key == "networks" && destination != Destination::Original)
        return "tls and http, unless the rule says 'destination: original'";
    if (key == "endpoints" && destination != Destination::Static)
        return "another destination than static";
    if (key == "on_mismatch" && destination != Destination::Verified)
        return "another destination than verified";
    if (key == "cross_family" && destination == Destination::Original)
        return "'destination: original', which keeps the client's address";
    return {};
}

}  // namespace sallyport::cfg
