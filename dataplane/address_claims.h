// SPDX-License-Identifier: Apache-2.0
// The gate's own IPv6 addresses at its ports, each of which is claimed before the gate defends it:
// duplicate address detection (RFC 4862 section 5.4) in its optimistic form (RFC 4429), so that a
// restart or a flapping link costs nobody a second.
//
//   Held --announced--> Tentative --1 s, nobody spoke up--> Held
//    ^                      | somebody else has it
//    '- - - - <- - - - -  Lost --60 s--> Tentative
//
// A tentative address is answered for, but in a way that overrides nobody's knowledge; one that is lost
// is not answered for. Once an address is held, nobody takes it away: that would need one packet.
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "dataplane/frame.h"
#include "dataplane/policy/generation.h"
#include "tcpstack/base/fixed_vector.h"
#include "tcpstack/base/time.h"
#include "tcpstack/wire/ethernet.h"

namespace sallyport::dp {

enum class Claim : std::uint8_t { None, Held, Tentative, Lost };  // None: no own address

class AddressClaims {
   public:
    // Of a port: its link-local address and the first of its others. Further ones are held from the
    // start.
    static constexpr std::size_t kPerPort = 256;

    explicit AddressClaims(const std::array<wire::MacAddr, kPortsMax>& macs);

    // The addresses that the port has now; those that it had before keep their state. Nothing is
    // claimed for a port without IPv6 addresses.
    void use(PortIndex port, const PortNetworks& networks);
    // All of them are claimed anew, at the next due().
    void begin(PortIndex port, Instant now);
    // Somebody else showed that it has the address, or wants it as we do: a tentative one is lost.
    // Whether it was one.
    bool lose(PortIndex port, const Ipv6Addr& address, Instant now);

    Claim of(PortIndex port, const Ipv6Addr& address) const;
    const Ipv6Addr& link_local(PortIndex port) const { return link_local_[port]; }
    std::size_t lost() const;

    // The groups that the port listens to for its addresses, from the address `first` on; at most as
    // many as `out` takes. Returns how many.
    std::size_t groups(PortIndex port, std::size_t first, std::span<Ipv6Addr> out) const;

    // What is to be sent now, for each address of the port for which something is due:
    // send(address, Claim::Tentative) asks whether anybody has it, send(address, Claim::Held) tells
    // everybody that the gate has. False from it: no frame was left, and it is due again.
    template <class Send>
    void due(PortIndex port, Instant now, Send&& send) {
        for (Entry& e : claims_[port]) {
            if (now < e.due) continue;
            if (e.state == Claim::Lost) e = {e.address, Claim::Tentative, false, now};
            const Claim next = e.asked ? Claim::Held : Claim::Tentative;
            if (!send(e.address, next)) return;
            e = {e.address, next, next == Claim::Tentative,
                 next == Claim::Tentative ? now + kWait : kNever};
        }
    }

   private:
    static constexpr Duration kWait = std::chrono::seconds(1);  // RFC 4861 section 10
    static constexpr Duration kLostTime = std::chrono::seconds(60);

    struct Entry {
        Ipv6Addr address;
        Claim state = Claim::Held;
        bool asked = false;  // of Tentative
        Instant due = kNever;
    };
    using Entries = FixedVector<Entry, kPerPort>;

    Entry* find(PortIndex port, const Ipv6Addr& address);

    std::array<Ipv6Addr, kPortsMax> link_local_;
    std::array<Entries, kPortsMax> claims_;
};

}  // namespace sallyport::dp
