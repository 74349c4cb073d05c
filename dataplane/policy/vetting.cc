// SPDX-License-Identifier: Apache-2.0
#include "dataplane/policy/vetting.h"

#include <algorithm>
#include <array>

#include "tcpstack/base/fixed_vector.h"

namespace sallyport::dp::policy {
namespace {

struct Block4 {
    Ipv4Addr base;
    unsigned length;
};
struct Block6 {
    Ipv6Addr base;
    unsigned length;
};

// IANA IPv4 Special-Purpose Address Registry (RFC 6890). The documentation networks are left open,
// because laboratories use them; so are the anycast services that are reachable globally.
constexpr Block4 kReserved4[] = {
    {{{0, 0, 0, 0}}, 8},       // "this network", RFC 791
    {{{127, 0, 0, 0}}, 8},     // loopback, RFC 1122
    {{{169, 254, 0, 0}}, 16},  // link-local and cloud metadata, RFC 3927
    {{{192, 0, 0, 0}}, 24},    // IETF protocol assignments, RFC 6890
    {{{192, 88, 99, 0}}, 24},  // former 6to4 relays, RFC 7526
    {{{224, 0, 0, 0}}, 4},     // multicast, RFC 5771
    {{{240, 0, 0, 0}}, 4},     // reserved, RFC 1112, with the limited broadcast
};
// Where clouds answer their machines with secrets, beside 169.254.169.254. That some of them stand
// in private ranges opens them to no rule.
constexpr Block4 kMetadata4[] = {
    {{{100, 100, 100, 200}}, 32},  // Alibaba Cloud
    {{{168, 63, 129, 16}}, 32},    // Azure
};
constexpr Block4 kPrivate4[] = {
    {{{10, 0, 0, 0}}, 8},      // RFC 1918
    {{{100, 64, 0, 0}}, 10},   // shared by providers, RFC 6598
    {{{172, 16, 0, 0}}, 12},   // RFC 1918
    {{{192, 168, 0, 0}}, 16},  // RFC 1918
    {{{198, 18, 0, 0}}, 15},   // benchmarking, RFC 2544
};

// Only 2000::/3 is global unicast (RFC 4291 section 2.4), so whatever lies neither there nor in a
// block named here is reserved: unspecified, loopback, discard, link-local, site-local, multicast.
constexpr Block6 kGlobal6{{{0x20}}, 3};
constexpr Block6 kNat64{{{0, 0x64, 0xff, 0x9b}}, 96};                // RFC 6052
constexpr Block6 kLocalNat64{{{0, 0x64, 0xff, 0x9b, 0, 1}}, 48};     // RFC 8215
constexpr Block6 kTeredo{{{0x20, 0x01, 0, 0}}, 32};                  // RFC 4380
constexpr Block6 kOrchid{{{0x20, 0x01, 0, 0x10}}, 28};               // RFC 4843, returned
constexpr Block6 kBenchmarking6{{{0x20, 0x01, 0, 0x02, 0, 0}}, 48};  // RFC 5180
constexpr Block6 kSixToFour{{{0x20, 0x02}}, 16};                     // RFC 3056
constexpr Block6 kUniqueLocal{{{0xfc}}, 7};                          // RFC 4193
constexpr Block6 kMetadata6[] = {
    {{{0xfd, 0, 0x0e, 0xc2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x02, 0x54}}, 128},  // Amazon
    {{{0xfd, 0x20, 0, 0xce, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x02, 0x54}}, 128},  // Google
};

bool lies_in(const Ipv4Addr& a, const Block4& block) {
    return ((a.host() ^ block.base.host()) >> (32 - block.length)) == 0;
}

bool lies_in(const Ipv6Addr& a, const Block6& block) {
    const std::size_t whole = block.length / 8;
    if (!std::equal(a.octets.begin(), a.octets.begin() + whole, block.base.octets.begin()))
        return false;
    const unsigned rest = block.length % 8;
    if (rest == 0) return true;
    return ((a.octets[whole] ^ block.base.octets[whole]) >> (8 - rest)) == 0;
}

template <class Address, class Blocks>
bool lies_in_any(const Address& a, const Blocks& blocks) {
    return std::any_of(std::begin(blocks), std::end(blocks),
                       [&](const auto& block) { return lies_in(a, block); });
}

bool is_reserved(const IpAddr& a) {
    if (a.is_v4()) return lies_in_any(a.v4(), kReserved4) || lies_in_any(a.v4(), kMetadata4);
    const Ipv6Addr v6 = a.v6();
    if (lies_in_any(v6, kMetadata6)) return true;
    if (lies_in(v6, kGlobal6)) return lies_in(v6, kOrchid);
    return !lies_in_any(v6, std::array{kUniqueLocal, kNat64, kLocalNat64});
}

bool is_private(const IpAddr& a) {
    if (a.is_v4()) return lies_in_any(a.v4(), kPrivate4);
    return lies_in_any(a.v6(), std::array{kUniqueLocal, kLocalNat64, kBenchmarking6});
}

// Without a look below a disguise.
Reason vet_plain(const IpAddr& a, const OwnNetworks& networks, PrivateAddresses private_addresses) {
    if (is_reserved(a)) return Reason::DstReserved;
    if (std::find(networks.own.begin(), networks.own.end(), a) != networks.own.end())
        return Reason::DstOwn;
    const auto holds = [&](const IpPrefix& network) { return network.contains(a); };
    if (std::any_of(networks.inside.begin(), networks.inside.end(), holds))
        return Reason::DstInside;
    const bool open = private_addresses == PrivateAddresses::Allow;
    return is_private(a) && !open ? Reason::DstNotPublic : Reason::None;
}

using Hidden = FixedVector<Ipv4Addr, 4>;

void add_hidden(Hidden& out, std::array<std::uint8_t, 4> octets) {
    const bool kept = out.push_back({octets});
    SP_ASSERT(kept);
}

// A prefix for local use may place the address in either of two ways (RFC 6052 section 2.2): behind
// 48 bits, around the octet that stays zero, or last. A place that is all zero is not in use.
void unwrap_local_nat64(const std::array<std::uint8_t, 16>& o, Hidden& out) {
    const std::array<std::uint8_t, 4> none{}, behind_48{o[6], o[7], o[9], o[10]},
        last{o[12], o[13], o[14], o[15]};
    if (behind_48 != none) add_hidden(out, behind_48);
    if (last != none || behind_48 == none) add_hidden(out, last);
}

// Interface identifiers of ISATAP (RFC 5214 section 6.1): 0000:5efe or 0200:5efe, then the address.
bool is_isatap(const std::array<std::uint8_t, 16>& o) {
    return (o[8] & 0xfdU) == 0 && o[9] == 0 && o[10] == 0x5e && o[11] == 0xfe;
}

// The IPv4 addresses that a packet to this one may end at. IPv4 hides nothing, so one look
// suffices.
Hidden hidden_in(const Ipv6Addr& a) {
    const auto& o = a.octets;
    Hidden out;
    if (lies_in(a, kNat64)) add_hidden(out, {o[12], o[13], o[14], o[15]});
    if (lies_in(a, kLocalNat64)) unwrap_local_nat64(o, out);
    if (lies_in(a, kSixToFour)) add_hidden(out, {o[2], o[3], o[4], o[5]});
    if (lies_in(a, kTeredo)) {
        add_hidden(out, {o[4], o[5], o[6], o[7]});  // the Teredo server
        const auto inverted = [&](std::size_t i) { return static_cast<std::uint8_t>(~o[i]); };
        add_hidden(out, {inverted(12), inverted(13), inverted(14), inverted(15)});
    }
    if (is_isatap(o)) add_hidden(out, {o[12], o[13], o[14], o[15]});
    return out;
}

}  // namespace

Reason vet_destination(const IpAddr& address, const OwnNetworks& networks,
                       PrivateAddresses private_addresses) {
    Reason reason = vet_plain(address, networks, private_addresses);
    if (address.is_v4()) return reason;
    for (const Ipv4Addr& hidden : hidden_in(address.v6()).span()) {
        // A private address that hides worse is refused for the worse: no rule can open it.
        if (reason != Reason::None && reason != Reason::DstNotPublic) break;
        const Reason below = vet_plain(hidden, networks, private_addresses);
        if (below != Reason::None) reason = below;
    }
    return reason;
}

}  // namespace sallyport::dp::policy
