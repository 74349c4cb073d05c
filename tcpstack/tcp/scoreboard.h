// SPDX-License-Identifier: Apache-2.0
// What was sent and is not acknowledged, as a row of spans: what is in flight, what the peer has
// selectively acknowledged (RFC 2018), what counts as lost; and when each was sent last. Positions
// count from the first octet that is not acknowledged (SND.UNA), our FIN is the octet behind the
// last.
//
//     |  lost  | in flight |  sacked  | in flight |  sacked  |   in flight    |
//     0 = SND.UNA                                                        SND.NXT = octets()
//
// The row has room for kSpansMax spans, whatever the peer says. When it is full, neighbours become
// one span with the later of their times: losses are noticed a little later then, never too early.
// If that does not help, the shortest selective acknowledgement is forgotten, as if it had not come.
#pragma once
#include <cstdint>
#include <optional>

#include "tcpstack/base/fixed_vector.h"
#include "tcpstack/base/time.h"

namespace sallyport::tcp {

// Microseconds of a clock that wraps after 71 minutes; what is in flight is younger than that.
using Micros = std::uint32_t;
constexpr Micros micros(Instant t) { return static_cast<Micros>(nanoseconds(t) / 1000); }
// From `then` to `now`, which is not before it.
constexpr Micros elapsed(Micros then, Micros now) { return now - then; }
constexpr bool is_later(Micros a, Micros b) { return static_cast<std::int32_t>(a - b) > 0; }

enum class SpanState : std::uint8_t { InFlight, Sacked, Lost };

struct Span {
    std::uint32_t length = 0;
    Micros sent = 0;  // last; of several, the latest
    SpanState state = SpanState::InFlight;
    bool again = false;  // a part of it was sent more than once, or is not to be measured
};

class Scoreboard {
   public:
    static constexpr std::size_t kSpansMax = 32;

    std::uint32_t octets() const { return octets_; }
    std::uint32_t in_flight() const { return in_flight_; }
    std::uint32_t lost() const { return lost_; }
    std::uint32_t sacked() const { return octets_ - in_flight_ - lost_; }

    // `length` octets were sent for the first time, behind all others.
    void add(std::uint32_t length, Micros now, bool again);
    // Octets [begin, begin + length) were sent again.
    void resend(std::uint32_t begin, std::uint32_t length, Micros now);

    // The first `octets` are acknowledged. visit(span, end) for each part of a span that was not
    // selectively acknowledged before; `end`: its end, counted as before this call.
    template <class Visit>
    void acknowledge(std::uint32_t octets, Visit&& visit) {
        std::uint32_t at = 0;
        while (at < octets) {
            Span part = spans_[0];
            part.length = part.length < octets - at ? part.length : octets - at;
            at += part.length;
            if (part.state != SpanState::Sacked) visit(part, at);
            drop_front(part.length);
        }
    }
    // Octets [begin, end) are selectively acknowledged; visit as above, for what is new.
    template <class Visit>
    void sack(std::uint32_t begin, std::uint32_t end, Visit&& visit) {
        change(begin, end, [&](Span& span, std::uint32_t span_end) {
            if (span.state == SpanState::Sacked) return;
            visit(span, span_end);
            span.state = SpanState::Sacked;
        });
    }
    // What is in flight and for which is_lost(span, end) counts as lost.
    template <class IsLost>
    void lose_if(IsLost&& is_lost) {
        change(0, octets_, [&](Span& span, std::uint32_t end) {
            if (span.state == SpanState::InFlight && is_lost(span, end))
                span.state = SpanState::Lost;
        });
    }
    // The first octets, if they are in flight.
    void lose_front(std::uint32_t octets);
    // All that is in flight, after a timeout. A peer that has selectively acknowledged the first
    // octet but not acknowledged it has thrown it away (RFC 2018 section 8): then everything.
    void lose_all();

    struct Place {
        std::uint32_t begin = 0, length = 0;
    };
    std::optional<Place> first_lost() const;
    // Whether something in flight stands before `position`.
    bool is_in_flight_before(std::uint32_t position) const;

   private:
    // Calls edit(span, end) for the spans of [begin, end), split at both ends.
    template <class Edit>
    void change(std::uint32_t begin, std::uint32_t end, Edit&& edit) {
        make_room(2);
        split(begin);
        split(end);
        std::uint32_t at = 0;
        for (Span& span : spans_) {
            if (at >= end) break;
            at += span.length;
            if (at > begin) edit(span, at);
        }
        tidy();
    }
    void split(std::uint32_t at);
    void drop_front(std::uint32_t length);
    void make_room(std::size_t spans);
    std::size_t closest_pair() const;
    void forget_shortest();
    void merge_at(std::size_t i);
    void tidy();

    FixedVector<Span, kSpansMax> spans_;
    std::uint32_t octets_ = 0, in_flight_ = 0, lost_ = 0;
};

}  // namespace sallyport::tcp
