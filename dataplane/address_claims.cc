// SPDX-License-Identifier: Apache-2.0
#include "dataplane/address_claims.h"

#include <algorithm>

#include "tcpstack/wire/ndp.h"

namespace sallyport::dp {

AddressClaims::AddressClaims(const std::array<wire::MacAddr, kPortsMax>& macs) {
    std::transform(macs.begin(), macs.end(), link_local_.begin(), wire::link_local);
}

void AddressClaims::use(PortIndex port, const PortNetworks& networks) {
    const Entries before = claims_[port];
    Entries& now = claims_[port];
    now.clear();
    const auto keep = [&](const Ipv6Addr& address) {
        const auto known = std::find_if(before.begin(), before.end(),
                                        [&](const Entry& e) { return e.address == address; });
        return now.push_back(known != before.end() ? *known : Entry{.address = address});
    };
    for (const IpAddr& address : networks.addresses) {
        if (address.is_v4()) continue;
        if (now.empty()) (void)keep(link_local_[port]);
        if (!keep(address.v6())) return;
    }
}

void AddressClaims::begin(PortIndex port, Instant now) {
    for (Entry& e : claims_[port]) e = {e.address, Claim::Tentative, false, now};
}

bool AddressClaims::lose(PortIndex port, const Ipv6Addr& address, Instant now) {
    Entry* const e = find(port, address);
    if (e == nullptr || e->state != Claim::Tentative) return false;
    *e = {address, Claim::Lost, false, now + kLostTime};
    return true;
}

Claim AddressClaims::of(PortIndex port, const Ipv6Addr& address) const {
    for (const Entry& e : claims_[port])
        if (e.address == address) return e.state;
    return Claim::None;
}

std::size_t AddressClaims::lost() const {
    std::size_t count = 0;
    for (const Entries& entries : claims_)
        for (const Entry& e : entries) count += e.state == Claim::Lost ? 1 : 0;
    return count;
}

std::size_t AddressClaims::groups(PortIndex port, std::size_t first,
                                  std::span<Ipv6Addr> out) const {
    const auto entries = claims_[port].span();
    const std::size_t count = std::min(out.size(), entries.size() - std::min(first, entries.size()));
    for (std::size_t i = 0; i < count; ++i)
        out[i] = wire::solicited_node(entries[first + i].address);
    return count;
}

AddressClaims::Entry* AddressClaims::find(PortIndex port, const Ipv6Addr& address) {
    for (Entry& e : claims_[port])
        if (e.address == address) return &e;
    return nullptr;
}

}  // namespace sallyport::dp
