// SPDX-License-Identifier: Apache-2.0
// Who takes part in a benchmark: 4,096 client addresses behind the inside router, 64 servers behind
// the outside one.
#pragma once
#include "tests/bench/endpoint.h"
#include "tests/bench/rig.h"

namespace sallyport::bench {

inline constexpr std::uint16_t kTlsPort = 443, kHttpPort = 80;
inline constexpr std::uint32_t kClients = 4096;
inline constexpr std::uint32_t kFirstClient = 10U << 24 | 20U << 16;        // 10.20.0.0
inline constexpr std::uint32_t kFirstServer = 203U << 24 | 113U << 8 | 1U;  // 203.0.113.1
inline constexpr wire::MacAddr kInsideRouter{{0x02, 0, 0, 0, 0x10, 0x01}};
inline constexpr wire::MacAddr kOutsideRouter{{0x02, 0, 0, 0, 0x20, 0x01}};

// Another address for each of the next 4,096 numbers, then another port.
inline Station client_station(std::uint32_t number) {
    return {Ipv4Addr::from_host(kFirstClient + number % kClients),
            static_cast<std::uint16_t>(1024 + number / kClients), kInsideRouter,
            kGateMacs[dp::kInsidePort]};
}
inline Station server_station(std::uint32_t number, std::uint16_t port = kTlsPort) {
    return {Ipv4Addr::from_host(kFirstServer + number), port, kOutsideRouter,
            kGateMacs[dp::kOutsidePort]};
}
inline std::uint32_t client_number(Ipv4Addr address) {
    return address.host() - kFirstClient;
}
inline std::uint32_t server_number(Ipv4Addr address) {
    return address.host() - kFirstServer;
}

}  // namespace sallyport::bench
