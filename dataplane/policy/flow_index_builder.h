// SPDX-License-Identifier: Apache-2.0
// Fills a FlowIndex.
#pragma once
#include <cstdint>
#include <map>
#include <set>
#include <span>
#include <vector>

#include "dataplane/policy/flow_index.h"
#include "tcpstack/base/ip_addr.h"

namespace sallyport::dp::policy {

class FlowIndexBuilder {
   public:
    // A rule by its number, with the protocols and ports of flows that it is for.
    void add(std::uint32_t rule, bool denies, std::span<const FlowIndex::Key> services,
             std::vector<IpPrefix> networks);
    // `enforced` and `sources` of the services are left to the caller. The builder is empty
    // afterwards.
    FlowIndex finish();

   private:
    struct Rule {
        bool denies = false;
        std::vector<IpPrefix> networks;
    };
    // A rule at one length of network: the smaller one decides.
    struct Rank {
        unsigned hosts = 0;  // bits of the network that are the host's
        bool allows = false;
        std::uint32_t rule = 0;
        friend auto operator<=>(const Rank&, const Rank&) = default;
    };
    // Networks that overlap may begin several times over what another ends.
    using Present = std::multiset<Rank>;

    Slice cut_line(const std::vector<std::uint32_t>& rules);
    Slice keep(const Present& present);

    std::map<std::uint32_t, Rule> rules_;
    std::map<FlowIndex::Key, std::vector<std::uint32_t>> services_;  // rules in file order
    std::map<std::vector<std::uint32_t>, Slice> kept_;               // lists of rule numbers
    FlowIndex index_;
};

}  // namespace sallyport::dp::policy
