// SPDX-License-Identifier: Apache-2.0
#include "tcpstack/tcp/scoreboard.h"

#include <algorithm>

namespace sallyport::tcp {
namespace {

bool alike(const Span& a, const Span& b) {
    if (a.state != b.state) return false;
    if (a.state == SpanState::Sacked) return true;  // its time means nothing any more
    return a.sent == b.sent && a.again == b.again;
}

Micros later(Micros a, Micros b) {
    return is_later(a, b) ? a : b;
}

Span joined(const Span& a, const Span& b) {
    return {a.length + b.length, later(a.sent, b.sent), a.state, a.again || b.again};
}

}  // namespace

void Scoreboard::add(std::uint32_t length, Micros now, bool again) {
    const Span span{length, now, SpanState::InFlight, again};
    octets_ += length;
    in_flight_ += length;
    if (!spans_.empty() && alike(spans_[spans_.size() - 1], span)) {
        spans_[spans_.size() - 1].length += length;
        return;
    }
    make_room(1);
    const bool fits = spans_.push_back(span);
    SP_ASSERT(fits);
}

void Scoreboard::resend(std::uint32_t begin, std::uint32_t length, Micros now) {
    change(begin, begin + length, [now](Span& span, std::uint32_t) {
        span.sent = now;
        span.state = SpanState::InFlight;
        span.again = true;
    });
}

void Scoreboard::lose_front(std::uint32_t octets) {
    const std::uint32_t end = std::min(octets, octets_);
    change(0, end, [](Span& span, std::uint32_t) {
        if (span.state == SpanState::InFlight) span.state = SpanState::Lost;
    });
}

void Scoreboard::lose_all() {
    const bool reneged = !spans_.empty() && spans_[0].state == SpanState::Sacked;
    for (Span& span : spans_)
        if (reneged || span.state == SpanState::InFlight) span.state = SpanState::Lost;
    tidy();
}

auto Scoreboard::first_lost() const -> std::optional<Place> {
    std::uint32_t at = 0;
    for (std::size_t i = 0; lost_ > 0 && i < spans_.size(); at += spans_[i++].length) {
        if (spans_[i].state != SpanState::Lost) continue;
        Place place{at, 0};
        for (; i < spans_.size() && spans_[i].state == SpanState::Lost; ++i)
            place.length += spans_[i].length;
        return place;
    }
    return std::nullopt;
}

bool Scoreboard::is_in_flight_before(std::uint32_t position) const {
    std::uint32_t at = 0;
    for (const Span& span : spans_) {
        if (at >= position) return false;
        if (span.state == SpanState::InFlight) return true;
        at += span.length;
    }
    return false;
}

// Makes `at` the beginning of a span; there is room for another one.
void Scoreboard::split(std::uint32_t at) {
    if (at == 0 || at >= octets_) return;
    std::uint32_t begin = 0;
    for (std::size_t i = 0; begin < at; begin += spans_[i++].length) {
        if (begin + spans_[i].length <= at) continue;
        Span front = spans_[i];
        front.length = at - begin;
        spans_[i].length -= front.length;
        const bool fits = spans_.insert(i, front);
        SP_ASSERT(fits);
        return;
    }
}

void Scoreboard::drop_front(std::uint32_t length) {
    Span& front = spans_[0];
    octets_ -= length;
    if (front.state == SpanState::InFlight) in_flight_ -= length;
    if (front.state == SpanState::Lost) lost_ -= length;
    front.length -= length;
    if (front.length == 0) spans_.erase(0);
}

void Scoreboard::merge_at(std::size_t i) {
    spans_[i] = joined(spans_[i], spans_[i + 1]);
    spans_.erase(i + 1);
}

void Scoreboard::make_room(std::size_t spans) {
    while (spans_.size() + spans > kSpansMax) {
        const std::size_t i = closest_pair();
        i + 1 < spans_.size() ? merge_at(i) : forget_shortest();
    }
}

// The two neighbours of one kind whose times are closest; size() if there are none.
std::size_t Scoreboard::closest_pair() const {
    std::size_t best = spans_.size();
    Micros closest = 0;
    for (std::size_t i = 0; i + 1 < spans_.size(); ++i) {
        const Span &a = spans_[i], &b = spans_[i + 1];
        if (a.state != b.state) continue;
        const Micros apart = is_later(a.sent, b.sent) ? a.sent - b.sent : b.sent - a.sent;
        if (best != spans_.size() && apart >= closest) continue;
        best = i;
        closest = apart;
    }
    return best;
}

// All neighbours differ. The shortest selective acknowledgement becomes what its neighbour is; if
// there is none, the first two spans count as lost.
void Scoreboard::forget_shortest() {
    std::size_t at = spans_.size();
    for (std::size_t i = 0; i + 1 < spans_.size(); ++i)
        if (spans_[i].state == SpanState::Sacked &&
            (at == spans_.size() || spans_[i].length < spans_[at].length))
            at = i;
    if (at == spans_.size()) {
        at = 0;
        spans_[0].state = spans_[1].state = SpanState::Lost;
    } else {
        spans_[at].state = spans_[at + 1].state;
        spans_[at].sent = spans_[at + 1].sent;
        spans_[at].again = true;
    }
    merge_at(at);
    tidy();
}

// Neighbours that are alike become one; the sums follow.
void Scoreboard::tidy() {
    for (std::size_t i = 0; i + 1 < spans_.size();)
        if (alike(spans_[i], spans_[i + 1]))
            merge_at(i);
        else
            ++i;
    in_flight_ = lost_ = 0;
    for (const Span& span : spans_) {
        if (span.state == SpanState::InFlight) in_flight_ += span.length;
        if (span.state == SpanState::Lost) lost_ += span.length;
    }
}

}  // namespace sallyport::tcp
