// SPDX-License-Identifier: Apache-2.0
// What routes of all kinds come to: one match of names on a port, and where its sessions go.
//
// Names of rules. Istio logs as ROUTE_NAME what the route is called: a VirtualService's HTTP route
// by its `name` (with ".NAME" of the match, if that has one), an HTTPRoute's rule as
// "namespace.name.index"; a route without a name logs "-", and so does TLS that passes through. A
// rule of this gate always has a name, so these are called "namespace.name.index" too, by the place
// of the route in its list. A name that is taken gets the same long form, and then a number.
#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "config/kubernetes/sources.h"
#include "config/kubernetes/view.h"
#include "config/model.h"

namespace sallyport::cfg::kubernetes {

inline constexpr std::uint32_t kWeightMax = 1'000'000;  // of a backend

struct Backend {
    std::string host = {};  // lower case; empty: of a kind that is not served
    std::optional<std::uint16_t> port = {};
    std::string subset = {};
    std::uint32_t weight = 1;
    std::string problem = {};  // why it cannot be resolved whatever else there is; empty: it may be
    std::string problem_reason = {};  // InvalidKind, RefNotPermitted
    FindingCode problem_code = FindingCode::DanglingReference;
    std::string path = {};
    Span where = {};
};

// The gateway that a route attaches to.
struct ParentRef {
    Kind kind = Kind::Gateway;
    std::string name_space = {}, name = {};
    std::string section = {};  // of its listeners; empty: all
    std::optional<std::uint16_t> port = {};
    std::string path = {};
    Span where = {};
};

struct RouteRule {
    Object* object = nullptr;
    Protocol protocol = Protocol::Tls;  // Tls, Http or Tcp
    std::string given_name = {};        // empty: none
    std::size_t index = 0;              // of the route in its list
    std::string path = {};              // of the route
    std::string match_path = {};        // of the match, in a VirtualService
    std::string matches_path = {};      // of all matches of the route
    Span where = {};

    std::vector<HostPattern> hosts = {};  // empty: those of the listener
    std::vector<ParentRef> parents = {};
    std::optional<std::uint16_t> port = {};  // of the listener; nullopt: every
    std::vector<IpPrefix> subnets = {};      // of the destination; empty: every
    Sources sources = {};
    std::vector<Backend> backends = {};
};

// A part of an object that is carried out elsewhere is noted there (Object::not_ours).
std::vector<RouteRule> read_virtual_service(const View& spec, const Kubernetes& settings);
// HTTPRoute or TLSRoute.
std::vector<RouteRule> read_api_route(const View& spec);

}  // namespace sallyport::cfg::kubernetes
