// SPDX-License-Identifier: Apache-2.0
// Routes to rules. A rule comes of a name only where three objects meet: a ServiceEntry that has
// the name, a listener of ours that takes it, and a route from the one to the other on that port.
// A route with a reference that leads nowhere opens nothing, not even for the rest of its shares.
#pragma once
#include <cstddef>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "config/kubernetes/attach.h"
#include "config/kubernetes/inventory.h"
#include "config/kubernetes/new_rules.h"
#include "config/kubernetes/sources.h"
#include "config/kubernetes/upstreams.h"
#include "config/report.h"

namespace sallyport::cfg::kubernetes {

class RuleMaker {
   public:
    RuleMaker(Inventory& inventory, NewRules& rules, Report& report)
        : inventory_(inventory), rules_(rules), report_(report) {}

    void add(const RouteRule& route);

   private:
    // Which DestinationRules count: all, or those that are exported to everybody.
    enum class Exports : std::uint8_t { All, ToEverybody };

    // The servers of a route on one port.
    struct Servers {
        Sources audience = {};  // to whom all DestinationRules that count are exported
        std::vector<Upstream> upstreams;
        std::vector<const ServiceEntry*> entries;
        std::vector<HostPattern> within;  // wildcards that a name has to be below
    };

    struct Made {
        std::size_t position = 0;
        std::set<std::string> hosts;
    };

    void raise(const RouteRule& route);
    bool is_mesh_leg(const RouteRule& route) const;
    const GatewayObject* gateway_of(const RouteRule& route, const ParentRef& parent);
    std::optional<Servers> servers_of(const RouteRule& route, std::uint16_t port, Exports exports);
    bool has_one_audience(const RouteRule& route, const Backend& backend, const Sources& exported,
                          Servers& servers);
    void open_on(const RouteRule& route, const Attached& attached);
    void open(const RouteRule& route, const Attached& attached, const Servers& servers);
    void open_names(const RouteRule& route, const Attached& attached, const Servers& servers);
    void open_networks(const RouteRule& route, const Attached& attached, const Servers& servers);
    void add_rule(const RouteRule& route, const Attached& attached, const Servers& servers,
                  const Sources& sources, Rule rule);
    // Into a rule of the same route that differs by names or by ports only; its name.
    std::optional<std::string> merge(const RouteRule& route, const Rule& rule);
    // A finding, once for each place.
    void tell(FindingCode code, const Span& where, const std::string& path, Said said);
    void tell_of_wide_names(const RouteRule& route, const Rule& rule);

    Inventory& inventory_;
    NewRules& rules_;
    Report& report_;
    std::set<std::string> told_;
    std::string route_path_;  // of the route that rules are being made of
    std::vector<Made> of_this_route_;
};

}  // namespace sallyport::cfg::kubernetes
