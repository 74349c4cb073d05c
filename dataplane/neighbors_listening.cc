// SPDX-License-Identifier: Apache-2.0
// The multicast groups in which the gate hears of its own addresses, told to switches that filter
// multicast: when they ask and, unasked, once a minute (RFC 3810 section 6, RFC 2710 section 4).
#include <algorithm>

#include "dataplane/neighbors.h"
#include "tcpstack/base/check.h"
#include "tcpstack/base/rng.h"

namespace sallyport::dp {
namespace {

// Those who ask do so every 125 s and forget after 260 s (RFC 3810 section 9). More often than that,
// because a question may be lost.
constexpr Duration kReportInterval = std::chrono::seconds(60);
// RFC 3810 section 9.12: so long a querier of the first version counts after its last question.
constexpr Duration kVersion1Present = std::chrono::seconds(260);
constexpr int kFramesMax = 16;  // of a port, a turn

// A random part of it, so that not all who listen answer at once.
Duration part_of(Duration whole, const SipKey& key, Instant now) {
    const auto most = std::chrono::duration_cast<std::chrono::milliseconds>(whole).count();
    return std::chrono::milliseconds(Rng(key.k0 ^ nanoseconds(now)).below(static_cast<std::uint32_t>(most) + 1));
}

}  // namespace

bool Neighbors::listens_to(PortIndex port, const Ipv6Addr& group) const {
    std::array<Ipv6Addr, AddressClaims::kPerPort> groups;
    const auto end = groups.begin() + static_cast<std::ptrdiff_t>(claims_.groups(port, 0, groups));
    return std::find(groups.begin(), end, group) != end;
}

// All groups are reported then: they fit in few frames, and one answer serves every question until it is
// given (section 6.2). Whether somebody is told too soon does not matter.
bool Neighbors::hear_query(PortIndex port, const wire::ListenerQuery& query, Instant now) {
    Listening& listening = listening_[port];
    if (listening.next_report == kNever) return false;
    if (query.version_1) listening.version_1_until = now + kVersion1Present;
    const bool general = query.group == Ipv6Addr{};
    if (!general && !listens_to(port, query.group)) return false;
    // advance() looks here every kSweepInterval only.
    const Duration within = std::max(query.within - kSweepInterval, Duration{});
    listening.next_report = std::min(listening.next_report, now + part_of(within, key_, now));
    return true;
}

void Neighbors::report_groups(PortIndex port, Instant now, Outbox& outbox) {
    Listening& listening = listening_[port];
    if (now < listening.next_report) return;
    const bool version_1 = now < listening.version_1_until;
    std::array<Ipv6Addr, wire::kReportGroupsMax> groups;
    const auto some = std::span(groups).first(version_1 ? 1 : groups.size());
    for (int frames = 0; frames < kFramesMax; ++frames) {
        const std::size_t count = claims_.groups(port, listening.reported, some);
        if (count == 0) {
            listening.reported = 0;
            listening.next_report = now + kReportInterval;
            return;
        }
        if (!send_report(port, some.first(count), version_1, outbox)) return;
        listening.reported += count;
    }
}

// False: no frame was left.
bool Neighbors::send_report(PortIndex port, std::span<const Ipv6Addr> groups, bool version_1,
                            Outbox& outbox) {
    const Ipv6Addr& own = claims_.link_local(port);
    const Ipv6Addr src = claims_.of(port, own) == Claim::Held ? own : Ipv6Addr{};
    Frame frame;
    if (!outbox.take_empty(frame)) return false;
    SP_ASSERT(frame.capacity >= wire::kReportFrameMax);
    frame.length = static_cast<std::uint16_t>(
        version_1 ? wire::emit_listener_report_1(macs_[port], src, groups.front(), frame.data)
                  : wire::emit_listener_report(macs_[port], src, groups, frame.data));
    outbox.send(frame, port);
    return true;
}

}  // namespace sallyport::dp
