// SPDX-License-Identifier: Apache-2.0
// A flow's five-tuple without its protocol (TCP), in the family's own width: what tables are keyed
// with. FourTuple is the same for code that is not hot and serves both families.
#pragma once
#include <cstdint>
#include <cstring>
#include <type_traits>

#include "tcpstack/base/endpoint.h"

namespace sallyport {

template <class Address>
struct FlowKey {
    Address src, dst;
    std::uint16_t src_port = 0, dst_port = 0;
    friend constexpr bool operator==(const FlowKey&, const FlowKey&) = default;
    constexpr FlowKey reversed() const { return {dst, src, dst_port, src_port}; }
};
using FlowKey4 = FlowKey<Ipv4Addr>;
using FlowKey6 = FlowKey<Ipv6Addr>;
static_assert(sizeof(FlowKey4) == 12 && std::has_unique_object_representations_v<FlowKey4>);
static_assert(sizeof(FlowKey6) == 36 && std::has_unique_object_representations_v<FlowKey6>);

constexpr FlowKey4 flow_key4(const FourTuple& t) {
    return {t.src.v4(), t.dst.v4(), t.src_port.number, t.dst_port.number};
}
constexpr FlowKey6 flow_key6(const FourTuple& t) {
    return {t.src.v6(), t.dst.v6(), t.src_port.number, t.dst_port.number};
}
template <class Address>
constexpr FourTuple four_tuple(const FlowKey<Address>& k) {
    return {k.src, k.dst, Port{k.src_port}, Port{k.dst_port}};
}

// The key of a packet in the packet's own family, which its holder knows.
union AnyFlowKey {
    constexpr AnyFlowKey() : v6{} {}
    FlowKey4 v4;
    FlowKey6 v6;
};

// A keyed hash for tables of flows: multiply and fold over the octets. Faster than SipHash and, with
// a secret key, still out of reach for a remote that sees no hash values.
class FlowHash {
   public:
    explicit constexpr FlowHash(std::uint64_t secret) : secret_(secret | 1) {}

    template <class Address>
    std::uint64_t operator()(const FlowKey<Address>& key) const {
        constexpr std::size_t kWords = sizeof key / 4;
        std::uint32_t words[kWords];
        std::memcpy(words, &key, sizeof key);
        std::uint64_t h = secret_;
        for (std::size_t i = 0; i + 1 < kWords; i += 2)
            h = fold(h ^ words[i] ^ static_cast<std::uint64_t>(words[i + 1]) << 32);
        if constexpr (kWords % 2 != 0) h = fold(h ^ words[kWords - 1]);
        return h;
    }
    // That of its key.
    std::uint64_t operator()(const FourTuple& t) const {
        return t.src.is_v4() ? (*this)(flow_key4(t)) : (*this)(flow_key6(t));
    }

   private:
    __extension__ using Wide = unsigned __int128;
    constexpr std::uint64_t fold(std::uint64_t v) const {
        const auto product = static_cast<Wide>(v ^ secret_) * 0x9fb21c651e98df25ULL;
        return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
    }
    std::uint64_t secret_;
};

}  // namespace sallyport
