// SPDX-License-Identifier: Apache-2.0
// The order of policy_table.h written down as plainly as can be, over the model itself; and random
// policies whose names, sources and networks meet.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "config/model.h"
#include "dataplane/policy/policy_table.h"
#include "tcpstack/base/rng.h"

namespace sallyport::test {

dp::policy::Verdict plain_match(const cfg::Model& model, const dp::policy::Query& query);
dp::policy::Verdict plain_match_flow(const cfg::Model& model, const dp::policy::FlowQuery& query);
// By name alone, or refused with a reason; nullopt: a layer-4 rule may decide.
dp::policy::Admission plain_admit(const cfg::Model& model, const IpAddr& source,
                                  const IpAddr& destination, Port port);

class Dice {
   public:
    explicit Dice(std::uint64_t seed) : rng_(seed) {}

    std::uint32_t below(std::uint32_t n) { return rng_.below(n); }
    bool coin() { return below(2) == 0; }

    std::string name();  // of few letters
    IpAddr source();
    IpAddr destination();
    Port port();
    // Up to `most` rules of all kinds: by name, by address, in audit, with groups and lists.
    cfg::Model model(std::uint32_t most);

   private:
    char letter() { return static_cast<char>('a' + below(3)); }
    std::string source_text();
    std::string destination_text();
    IpPrefix network();
    cfg::Rule rule();
    void add_names(cfg::Rule& rule);
    void add_sources(cfg::Rule& rule);
    void add_protocols(cfg::Rule& rule);

    Rng rng_;
};

}  // namespace sallyport::test
