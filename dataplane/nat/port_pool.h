// SPDX-License-Identifier: Apache-2.0
// Public ports of one worker. A port is taken for one (egress address, port, server address, server
// port), so that the number of ports limits the connections to one server and not those of the gate.
#pragma once
#include <array>
#include <cstdint>
#include <optional>

#include "dataplane/frame.h"
#include "tcpstack/base/modular32.h"
#include "tcpstack/base/rng.h"
#include "tcpstack/tcp/two_family_table.h"

namespace sallyport::dp {

// The part of [first, last] that a worker owns: contiguous and, but for the remainder that the last
// worker takes, of equal size. Every worker computes the same.
struct PortSlice {
    std::uint16_t first = 0, last = 0;  // both included
    std::uint32_t size() const { return std::uint32_t{last} - first + 1; }
};
PortSlice port_slice(std::uint16_t first, std::uint16_t last, WorkerIndex worker,
                     WorkerIndex workers);
WorkerIndex port_owner(std::uint16_t first, std::uint16_t last, std::uint16_t port,
                       WorkerIndex workers);

// A public port that must not be used towards one server again until its deadline, because that
// server may still remember the connection (TIME-WAIT). Sooner only with a greater timestamp and
// sequence number (RFC 6191).
// The key is that of what comes back: its source is the server.
struct RestingPort {
    tcp::CoarseTime deadline = 0;
    SeqNum snd_nxt;  // our last sequence number
    TsVal ts_last;   // our last TSval
    bool timestamps = false;
};

inline constexpr Duration kRestAfterClient = std::chrono::seconds(2);
inline constexpr Duration kRestAfterServer = std::chrono::seconds(60);

// Which port of a slice is tried next, for each server: sequential from a random start, so that the
// port that rested longest comes first.
class PortCursor {
   public:
    static constexpr std::uint32_t kProbesMax = 1024;

    explicit PortCursor(std::uint64_t seed) : rng_(seed) {}

    // The first port of `slice` for which `is_free(port)`, tried from where the last search for this
    // destination ended; nullopt after kProbesMax tries or the whole slice.
    template <class IsFree>
    std::optional<std::uint16_t> find(PortSlice slice, std::uint64_t destination_hash,
                                      IsFree&& is_free) {
        Cursor& cursor = cursors_[destination_hash % cursors_.size()];
        const auto tag = static_cast<std::uint32_t>(destination_hash >> 32) | 1U;
        if (cursor.tag != tag) cursor = {.tag = tag, .next = rng_.below(slice.size())};
        const std::uint32_t probes = slice.size() < kProbesMax ? slice.size() : kProbesMax;
        for (std::uint32_t i = 0; i < probes; ++i) {
            const auto port =
                static_cast<std::uint16_t>(slice.first + cursor.next++ % slice.size());
            if (is_free(port)) return port;
        }
        return std::nullopt;
    }

   private:
    struct Cursor {
        std::uint32_t tag = 0;  // zero: unused
        std::uint32_t next = 0;
    };
    std::array<Cursor, 4096> cursors_{};
    Rng rng_;
};

}  // namespace sallyport::dp
