// SPDX-License-Identifier: Apache-2.0
// ServiceEntry: which names there are, on which ports, and where their servers are.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "config/kubernetes/sources.h"
#include "config/kubernetes/view.h"
#include "config/model.h"

namespace sallyport::cfg::kubernetes {

enum class Resolution : std::uint8_t { None, Static, Dns, DnsRoundRobin, DynamicDns };

struct ServicePort {
    std::uint16_t number = 0;
    std::uint16_t target = 0;  // that is dialled
    std::string name = {};
    Protocol protocol = Protocol::Tls;  // Tls, Http or Tcp
};

struct ServiceEndpoint {
    std::string host = {};  // a name that is resolved; empty: `address`
    std::optional<IpAddr> address = {};
    std::vector<std::pair<std::string, std::uint16_t>> ports =
        {};  // by the names of the entry's ports
    std::vector<Label> labels = {};
    std::uint32_t weight = 1;
};

struct ServiceEntry {
    Object* object = nullptr;
    std::vector<HostPattern> hosts = {};
    std::vector<IpPrefix> addresses = {};
    std::vector<ServicePort> ports = {};
    Resolution resolution = Resolution::None;
    std::vector<ServiceEndpoint> endpoints = {};
    Sources sources = {};  // exportTo

    const ServicePort* find_port(std::uint16_t number) const;
    const HostPattern* find_host(std::string_view text) const;  // by the text of the pattern
};

ServiceEntry read_service_entry(const View& spec, const Kubernetes& settings);

}  // namespace sallyport::cfg::kubernetes
