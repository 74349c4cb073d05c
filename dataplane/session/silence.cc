// SPDX-License-Identifier: Apache-2.0
#include "dataplane/session/silence.h"

#include <algorithm>

namespace sallyport::dp {
namespace {

constexpr std::uint16_t kHalf = 0x8000;
constexpr std::array kBoth{Direction::ToServer, Direction::ToClient};

std::uint16_t seconds_of(Instant t) {
    return static_cast<std::uint16_t>(nanoseconds(t) / 1'000'000'000);
}

// Below kHalf what it is; else the record was silent for longer than it can say.
std::uint16_t age_of(const FlowRecord& flow, Instant now) {
    return static_cast<std::uint16_t>(seconds_of(now) - flow.last_seen);
}

constexpr std::size_t index_of(Direction d) { return static_cast<std::size_t>(d); }

}  // namespace

Duration silence_of(const SessionStore& store, SessionIndex s, Direction d, Instant now) {
    const std::uint16_t age = age_of(store.flow(s, d), now);
    if (age < kHalf) return std::chrono::seconds(age);
    return now - store.sessions[s].heard_at[index_of(d)];
}

Duration silence_of(const SessionStore& store, SessionIndex s, Instant now) {
    return std::min(silence_of(store, s, Direction::ToServer, now),
                    silence_of(store, s, Direction::ToClient, now));
}

// A record that has reached kHalf stays there until a packet comes.
void keep_silences(SessionStore& store, SessionIndex s, Instant now) {
    for (const Direction d : kBoth) {
        FlowRecord& flow = store.flow(s, d);
        const std::uint16_t age = age_of(flow, now);
        if (age < kHalf)
            store.sessions[s].heard_at[index_of(d)] = now - std::chrono::seconds(age);
        else
            flow.last_seen = static_cast<std::uint16_t>(seconds_of(now) - kHalf);
    }
}

}  // namespace sallyport::dp
