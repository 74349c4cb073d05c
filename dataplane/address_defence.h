// SPDX-License-Identifier: Apache-2.0
// The defence of own addresses that other stations were heard to have: everybody is told again where the
// gate is, so that nobody's cache stays wrong. RFC 5227 section 2.4 (c): the address is kept, and told of at
// most once in DEFEND_INTERVAL, so that two stations that both defend it do not flood the link. What is
// heard within the interval is answered when it is over: who takes an address says so several times.
// Over IPv6 the same is done with what section 7.2.6 of RFC 4861 allows.
#pragma once
#include <array>
#include <cstddef>

#include "dataplane/frame.h"
#include "tcpstack/base/ip_addr.h"
#include "tcpstack/base/time.h"

namespace sallyport::dp {

class AddressDefence {
   public:
    static constexpr Duration kInterval = std::chrono::seconds(10);  // RFC 5227 section 1.1
    // So many addresses are defended within an interval; further ones when they are heard of after it.
    static constexpr std::size_t kMax = 64;

    // Another station has the address: to be told of as soon as it may be.
    void want(PortIndex port, const IpAddr& address, Instant now);
    // The port may have other addresses now.
    void forget(PortIndex port);

    // send(port, address) for each address that is to be told of now. False from it: no frame was left,
    // and it is due again.
    template <class Send>
    void due(Instant now, Send&& send) {
        for (Entry& e : entries_) {
            if (!e.wanted || now < e.next) continue;
            if (!send(e.port, e.address)) return;
            e.wanted = false;
            e.next = now + kInterval;
        }
    }

   private:
    struct Entry {
        IpAddr address;
        PortIndex port = 0;
        bool wanted = false;
        Instant next{};  // not before
    };

    std::array<Entry, kMax> entries_;
};

}  // namespace sallyport::dp
