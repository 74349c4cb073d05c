// SPDX-License-Identifier: Apache-2.0
// The packet's way, from wire to wire. Nothing else in the program forwards packets.
//
// One Path belongs to one worker. It is pure: frames and time go in, frames, records and counters
// come out (outbox.h). All memory is taken at construction.
#pragma once
#include <array>
#include <cstdint>
#include <memory>
#include <span>

#include "dataplane/frame.h"
#include "dataplane/outbox.h"
#include "dataplane/policy/generation.h"
#include "dataplane/session_row.h"
#include "tcpstack/base/siphash.h"
#include "tcpstack/wire/ethernet.h"

namespace sallyport::dp {

class AddressConflicts;

struct Secrets {
    SipKey cookie, isn, table, timestamp;  // of this boot, the same for all workers
};

// How the owner of a packet is found; the same on every worker (dataplane/ownership.h).
struct RssKey {
    std::array<std::uint8_t, 40> key{};
    std::array<std::uint16_t, 512> reta{};  // queue of each bucket
    std::uint16_t reta_size = 0;            // a power of two; 0: unknown, use the keyed hash
};

struct PathConfig {
    WorkerIndex worker = 0;
    WorkerIndex worker_count = 1;
    Secrets secrets;
    std::array<wire::MacAddr, kPortsMax> macs;
    std::array<RssKey, kPortsMax> rss;
    std::uint32_t sessions = 65536;            // of this worker
    std::uint64_t hold_bytes = 64U << 20;      // of this worker
    std::uint64_t relay_bytes = 256U << 20;    // of this worker
    std::uint64_t seed = 1;                    // for choices that need spread, not secrecy
};

class Path {
   public:
    explicit Path(const PathConfig& config);
    ~Path();
    Path(const Path&) = delete;
    Path& operator=(const Path&) = delete;

    // Frames that this worker polled; at most kBurstMax. Each ends in the outbox.
    void run(std::span<const Frame> burst, const Generation& generation, Instant now);
    // Frames that another worker polled and this one owns; at most kBurstMax.
    void run_handed_over(std::span<const Frame> burst, const Generation& generation, Instant now);
    // Fires due deadlines, a bounded number of them.
    void advance(const Generation& generation, Instant now);
    // What the resolver said; sessions that waited for it go on.
    void on_answers(std::span<const NameAnswer> answers, const Generation& generation, Instant now);
    // The own addresses of the port are claimed and announced, by ARP and neighbor discovery: at start
    // and when its link comes up. For every worker; worker 0 sends.
    void announce(PortIndex port, const Generation& generation, Instant now);
    // Ends every session: resets both ends and writes its record (reason `shutdown`), a bounded
    // number of them a call. True when none is left.
    bool shut_down(const Generation& generation, Instant now);

    Outbox& outbox();
    Counters& counters();
    const Counters& counters() const;
    // Of worker 0, who hears of all of them. May be read by other threads.
    const AddressConflicts& address_conflicts() const;

    // Rows of live sessions from `cursor` on (0 at first); returns how many were written and moves
    // the cursor; cursor 0 afterwards means the end. Bounded work: looks at <= 1024 slots a call.
    std::size_t list_sessions(std::uint32_t& cursor, std::span<SessionRow> out, Instant now) const;

    // Ends the live sessions from `cursor` on (0 at first) that `generation` no longer allows, and
    // moves the cursor; true: that was the last of them. Bounded work: looks at <= 1024 slots a
    // call, at fewer when the outbox runs full or out of frames; the worker sees to it between calls.
    bool recheck(std::uint32_t& cursor, const Generation& generation, Instant now);

   private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace sallyport::dp
