// SPDX-License-Identifier: Apache-2.0
#include "dataplane/ownership.h"

#include "dataplane/nat/port_pool.h"

namespace sallyport::dp {

std::uint32_t toeplitz(const RssKey& rss, const FourTuple& flow) {
    constexpr std::size_t kMax = 2 * sizeof(Ipv6Addr) + 2 * sizeof(Be16);
    static_assert(std::tuple_size_v<decltype(rss.key)> >= kMax + 4);
    std::array<std::uint8_t, kMax> input;
    const std::size_t width = flow.src.is_v4() ? sizeof(Ipv4Addr) : sizeof(Ipv6Addr);
    const std::size_t begin = sizeof(Ipv6Addr) - width;  // an IPv4 address ends its mapped form
    std::memcpy(input.data(), flow.src.octets().data() + begin, width);
    std::memcpy(input.data() + width, flow.dst.octets().data() + begin, width);
    const Be16 ports[2] = {Be16{flow.src_port.number}, Be16{flow.dst_port.number}};
    std::memcpy(input.data() + 2 * width, ports, sizeof ports);

    std::uint32_t hash = 0;
    for (std::size_t bit = 0; bit < (2 * width + sizeof ports) * 8; ++bit) {
        if ((input[bit / 8] >> (7 - bit % 8) & 1) == 0) continue;
        // The 32 bits of the key that begin at this bit.
        std::uint64_t window = 0;
        for (std::size_t i = 0; i < 5; ++i) window = window << 8 | rss.key[bit / 8 + i];
        hash ^= static_cast<std::uint32_t>(window >> (8 - bit % 8));
    }
    return hash;
}

WorkerIndex rss_worker(const RssKey& rss, const FourTuple& flow, const PathConfig& config) {
    const std::uint16_t queue = rss.reta[toeplitz(rss, flow) & (rss.reta_size - 1U)];
    return static_cast<WorkerIndex>(queue % config.worker_count);
}

WorkerIndex inside_owner(const FourTuple& flow, const PathConfig& config,
                         std::uint64_t flow_hash) {
    if (config.worker_count == 1) return 0;
    const RssKey& rss = config.rss[kInsidePort];
    if (rss.reta_size > 0) return rss_worker(rss, flow, config);
    return static_cast<WorkerIndex>((flow_hash >> 16) % config.worker_count);
}

std::optional<WorkerIndex> outside_owner(const FourTuple& tuple, const Settings& settings,
                                         WorkerIndex workers) {
    const std::uint16_t port = tuple.dst_port.number;
    for (const PublicAddress& own : find(settings.public_addresses, tuple.dst))
        if (port >= own.first_port && port <= own.last_port)
            return port_owner(own.first_port, own.last_port, port, workers);
    return std::nullopt;
}

bool is_public(const IpAddr& address, const Settings& settings) {
    return !find(settings.public_addresses, address).empty();
}

}  // namespace sallyport::dp
