// SPDX-License-Identifier: Apache-2.0
#include "config/kubernetes/values.h"

#include <algorithm>
#include <array>
#include <span>
#include <utility>

#include "config/codec.h"
#include "config/schema.h"
#include "config/shown.h"

namespace sallyport::cfg::kubernetes {
namespace {

struct ProtocolName {
    std::string_view name;
    Protocol protocol;
};
constexpr auto kProtocols = std::to_array<ProtocolName>({{"HTTP", Protocol::Http},
                                                         {"HTTPS", Protocol::Tls},
                                                         {"TLS", Protocol::Tls},
                                                         {"TCP", Protocol::Tcp},
                                                         {"MONGO", Protocol::Tcp}});
constexpr auto kHttp2 = std::to_array<std::string_view>({"HTTP2", "GRPC", "GRPC-WEB"});

std::string upper(std::string_view text) {
    std::string word(text);
    std::ranges::transform(word, word.begin(), [](char c) {
        return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    });
    return word;
}

std::span<const IpPrefix> private_networks() {
    static const auto kPrivate =
        std::to_array<IpPrefix>({*IpPrefix::parse("10.0.0.0/8"), *IpPrefix::parse("172.16.0.0/12"),
                                 *IpPrefix::parse("192.168.0.0/16"),
                                 *IpPrefix::parse("100.64.0.0/10"), *IpPrefix::parse("fc00::/7")});
    return kPrivate;
}

// The halves of a network that is longer than a single address.
std::pair<IpPrefix, IpPrefix> halves(const IpPrefix& network) {
    const unsigned bit = network.length() + (network.family() == Family::V4 ? 96 : 0);
    auto octets = network.address().octets();
    octets[bit / 8] |= static_cast<std::uint8_t>(0x80U >> (bit % 8));
    return {IpPrefix(network.address(), network.length() + 1),
            IpPrefix(IpAddr(Ipv6Addr{octets}), network.length() + 1)};
}

void add_without(const IpPrefix& network, const std::vector<IpPrefix>& holes,
                 std::vector<IpPrefix>& out) {
    std::vector<IpPrefix> inside;
    for (const IpPrefix& hole : holes) {
        if (contains(hole, network)) return;
        if (contains(network, hole)) inside.push_back(hole);
    }
    if (inside.empty()) {
        out.push_back(network);
        return;
    }
    const auto [low, high] = halves(network);
    add_without(low, inside, out);
    add_without(high, inside, out);
}

}  // namespace

std::optional<HostPattern> read_host(const Placed& value) {
    HostPattern host;
    const Field& row = *find_field("policy.rules[]", "hosts");
    if (!decode_into(Value{value.node, row, value.path, value.report}, host)) return std::nullopt;
    return host;
}

std::vector<HostPattern> read_hosts(const View& view, std::string_view key) {
    std::vector<HostPattern> hosts;
    for (const Placed& value : view.values(key))
        if (auto host = read_host(value)) hosts.push_back(std::move(*host));
    return hosts;
}

std::string text_of(const HostPattern& host) {
    return host.wildcard ? "*." + host.name : host.name;
}

bool covers(const HostPattern& whole, const HostPattern& part) {
    if (!whole.wildcard) return !part.wildcard && whole.name == part.name;
    if (part.wildcard && part.name == whole.name) return true;
    const std::size_t n = whole.name.size();
    return part.name.size() > n && part.name.ends_with(whole.name) &&
           part.name[part.name.size() - n - 1] == '.';
}

std::optional<HostPattern> intersection(const HostPattern& a, const HostPattern& b) {
    if (covers(a, b)) return b;
    if (covers(b, a)) return a;
    return std::nullopt;
}

std::optional<IpPrefix> read_network(const Placed& value) {
    if (const auto network = IpPrefix::parse(value.text())) return network;
    const std::size_t slash = value.text().find('/');
    const auto address = IpAddr::parse(std::string_view(value.text()).substr(0, slash));
    if (address && slash != std::string::npos)
        value.fail(FindingCode::HostBits,
                   shown(value.text()) + " has a bad length, or bits set beyond it");
    else
        value.fail(FindingCode::BadPrefix, shown(value.text()) + " is not a network",
                   "like 192.0.2.0/24");
    return std::nullopt;
}

std::vector<IpPrefix> read_networks(const View& view, std::string_view key) {
    std::vector<IpPrefix> networks;
    for (const Placed& value : view.values(key))
        if (const auto network = read_network(value)) networks.push_back(*network);
    return networks;
}

bool contains(const IpPrefix& whole, const IpPrefix& part) {
    return whole.length() <= part.length() && whole.contains(part.address());
}

std::vector<IpPrefix> intersection(const std::vector<IpPrefix>& a, const std::vector<IpPrefix>& b) {
    std::vector<IpPrefix> out;
    const auto add = [&](const IpPrefix& network) {
        if (std::ranges::find(out, network) == out.end()) out.push_back(network);
    };
    for (const IpPrefix& x : a)
        for (const IpPrefix& y : b) {
            if (contains(x, y))
                add(y);
            else if (contains(y, x))
                add(x);
        }
    return out;
}

std::vector<IpPrefix> without(const IpPrefix& whole, const std::vector<IpPrefix>& holes) {
    std::vector<IpPrefix> out;
    add_without(whole, holes, out);
    return out;
}

bool is_private(const IpPrefix& network) {
    return std::ranges::any_of(private_networks(),
                               [&](const IpPrefix& whole) { return contains(whole, network); });
}

bool holds_private(const IpPrefix& network) {
    return is_private(network) ||
           std::ranges::any_of(private_networks(),
                               [&](const IpPrefix& part) { return contains(network, part); });
}

std::optional<Protocol> read_protocol(const Placed& value) {
    const std::string name = upper(value.text());
    const auto found = std::ranges::find(kProtocols, name, &ProtocolName::name);
    if (std::ranges::find(kHttp2, name) != kHttp2.end())
        value.object_to(FindingCode::RefusedField, shown(value.text()) + " is refused",
                        "the gate does not read HTTP/2 without TLS");
    else if (found == kProtocols.end())
        value.fail(FindingCode::UnknownChoice, shown(value.text()) + " is not a protocol here",
                   "protocols: HTTP, HTTPS, TLS, TCP");
    if (found == kProtocols.end()) return std::nullopt;
    if (name == "MONGO")
        value.object_to(FindingCode::IgnoredField, "MONGO is carried as TCP",
                        "the gate does not read what is said");
    return found->protocol;
}

}  // namespace sallyport::cfg::kubernetes
