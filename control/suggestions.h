// SPDX-License-Identifier: Apache-2.0
// What was denied, or let pass by a rule in audit only, gathered to rules that would allow it. Memory
// is bounded: what is beyond it is counted, not kept.
#pragma once
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "config/model.h"
#include "dataplane/reason.h"
#include "tcpstack/base/ip_addr.h"

namespace sallyport::ctl {

// A denied or audited session, or request.
struct Wanted {
    IpAddr source, destination;
    std::string name;  // normalised; empty with tcp, udp and icmp
    cfg::ProtocolPort service;
    dp::Reason reason = dp::Reason::None;
    std::chrono::sys_seconds at{};
};

// A rule that would allow what was wanted.
struct Candidate {
    IpPrefix source;
    std::string domain;  // registrable domain of the hosts; empty: networks
    std::vector<std::string> hosts;  // with a leading "*." for wildcards
    std::vector<IpPrefix> networks;
    std::vector<cfg::ProtocolPort> protocols;
    bool needs_private = false;
    std::uint64_t count = 0;
    std::chrono::sys_seconds first{}, last{};
    std::map<dp::Reason, std::uint64_t> reasons;
};

class Suggestions {
   public:
    static constexpr std::size_t kEntriesMax = 20'000;  // different sources, names and services

    // Sources are taken together by networks of these lengths.
    static constexpr unsigned kSourceLength4 = 24, kSourceLength6 = 64;

    // Whether a rule could allow it: not when the client's own octets are wrong, or the address is
    // never dialled.
    static bool can_be_allowed(dp::Reason reason);

    void add(const Wanted& wanted);
    // From more than `wildcard_above` names below one registrable domain on, a wildcard stands for
    // all of them; never over a public suffix. In the order of counts, the greatest first.
    std::vector<Candidate> candidates(std::size_t wildcard_above) const;

    // By reason: what no rule could allow. Other reasons: what found no room.
    const std::map<dp::Reason, std::uint64_t>& hopeless() const { return hopeless_; }
    std::uint64_t left_out() const { return left_out_; }

   private:
    struct Key {
        IpPrefix source;
        std::string domain;  // or a name without one; or empty
        cfg::ProtocolPort service;
        auto order() const {
            return std::tuple(source.address().octets(), source.length(), std::string_view(domain),
                              service.protocol, service.port);
        }
        friend bool operator<(const Key& a, const Key& b) { return a.order() < b.order(); }
    };
    struct Group {
        std::map<std::string, std::uint64_t> hosts;
        std::vector<IpPrefix> networks;
        bool needs_private = false;
        std::uint64_t count = 0;
        std::chrono::sys_seconds first{}, last{};
        std::map<dp::Reason, std::uint64_t> reasons;
    };

    // The group of a key with room for a host or a network; null: there is none.
    Group* find_or_make(const Key& key, const std::string& host,
                        const std::optional<IpPrefix>& network);

    std::map<Key, Group> groups_;
    std::size_t entries_ = 0;
    std::map<dp::Reason, std::uint64_t> hopeless_;
    std::uint64_t left_out_ = 0;
};

}  // namespace sallyport::ctl
