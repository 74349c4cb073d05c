// SPDX-License-Identifier: Apache-2.0
// Values that several kinds have: host patterns, networks, protocols.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "config/kubernetes/view.h"
#include "config/model.h"

namespace sallyport::cfg::kubernetes {

// With the findings of a host name of the native form.
std::optional<HostPattern> read_host(const Placed& value);
std::vector<HostPattern> read_hosts(const View& view, std::string_view key);
std::string text_of(const HostPattern& host);  // as it was written: "*.example.com"

// Whether every name of `part` is one of `whole`: a wildcard stands for one or more labels and not
// for the name below it.
bool covers(const HostPattern& whole, const HostPattern& part);
// The names that both have; nullopt: none.
std::optional<HostPattern> intersection(const HostPattern& a, const HostPattern& b);

// "10.0.0.0/8" or a bare address.
std::optional<IpPrefix> read_network(const Placed& value);
std::vector<IpPrefix> read_networks(const View& view, std::string_view key);
bool contains(const IpPrefix& whole, const IpPrefix& part);
std::vector<IpPrefix> intersection(const std::vector<IpPrefix>& a, const std::vector<IpPrefix>& b);
// `whole` without `holes`, as prefixes.
std::vector<IpPrefix> without(const IpPrefix& whole, const std::vector<IpPrefix>& holes);
// All of it private (RFC 1918, RFC 4193, RFC 6598): who names it means it.
bool is_private(const IpPrefix& network);
bool holds_private(const IpPrefix& network);  // some of it is

// Tls, Http or Tcp, by Istio's names of protocols. What cannot be carried is refused.
std::optional<Protocol> read_protocol(const Placed& value);

}  // namespace sallyport::cfg::kubernetes
