// SPDX-License-Identifier: Apache-2.0
// Puts IP datagrams together from their fragments, which may come in any order and more than once.
// Fragments that overlap otherwise than as exact repetitions spoil their datagram (RFC 5722).
#pragma once
#include <chrono>
#include <cstdint>
#include <list>
#include <map>
#include <optional>
#include <tuple>
#include <vector>

#include "tools/sallyctl/replay/ip_packet.h"

namespace sallyport::replay {

using Time = std::chrono::sys_time<std::chrono::nanoseconds>;

class Fragments {
   public:
    static constexpr std::size_t kDatagramsMax = 1024;
    static constexpr std::size_t kDatagramOctetsMax = 65535;
    static constexpr std::chrono::seconds kLife{60};  // RFC 8200 section 4.5

    // The whole datagram, once `packet`, which is a fragment, completes it. It points into this
    // object until the next call.
    std::optional<IpPacket> add(const IpPacket& packet, Time now);

    std::uint64_t lost() const { return lost_; }  // datagrams that never became whole
    // Those that still wait count as lost.
    void end();

   private:
    struct Datagram {
        Time first{};
        std::map<std::uint32_t, std::vector<std::uint8_t>> parts;  // by offset
        std::optional<std::uint32_t> length;                       // known with the last fragment
        std::size_t octets = 0;
        std::uint8_t protocol = 0;  // as the first fragment has it
        bool has_first = false;
        bool is_spoiled = false;
    };
    using Key = std::tuple<std::array<std::uint8_t, 16>, std::array<std::uint8_t, 16>,
                           std::uint32_t, std::uint8_t>;

    void make_room(Time now);
    static void add_part(Datagram& datagram, const IpPacket& packet);
    IpPacket assemble(const Datagram& datagram, const IpPacket& last);

    std::map<Key, Datagram> open_;
    std::vector<std::uint8_t> whole_;
    std::uint64_t lost_ = 0;
};

}  // namespace sallyport::replay
