// SPDX-License-Identifier: Apache-2.0
#include "tcpstack/tcp/rack.h"

#include <algorithm>

namespace sallyport::tcp {
namespace {

// RACK_sent_after() of RFC 8985 section 6.2.
bool sent_after(Micros a, std::uint64_t a_end, Micros b, std::uint64_t b_end) {
    return is_later(a, b) || (a == b && a_end > b_end);
}

Micros to_micros(Duration d) {
    return static_cast<Micros>(std::chrono::duration_cast<std::chrono::microseconds>(d).count());
}

}  // namespace

// RFC 8985 section 6.2, steps 1 to 3.
void Rack::on_delivered(const Span& span, std::uint64_t end, bool echoed, Micros now) {
    const Micros rtt = elapsed(span.sent, now);
    if (!span.again) {
        if (end < highest_) reordering_ = true;
        min_rtt_ = std::min(min_rtt_, rtt);
    } else if (!echoed && (min_rtt_ == kUnknown || rtt < min_rtt_)) {
        return;  // the first transmission may be what arrived
    }
    highest_ = std::max(highest_, end);
    if (known_ && !sent_after(span.sent, end, sent_, end_)) return;
    sent_ = span.sent;
    end_ = end;
    rtt_ = rtt;
    known_ = true;
}

// Step 4: wider by a quarter of the round trip for each round with a needless repetition.
void Rack::on_duplicate_report(std::uint64_t una, std::uint64_t nxt) {
    constexpr std::uint8_t kPersist = 16, kMultiplierMax = 64;
    if (una < round_end_) return;
    round_end_ = nxt;
    multiplier_ = static_cast<std::uint8_t>(std::min(multiplier_ + 1, int{kMultiplierMax}));
    persist_ = kPersist;
}

void Rack::on_recovery_end() {
    if (persist_ > 0 && --persist_ == 0) multiplier_ = 1;
}

Micros Rack::reordering_window(bool urgent, Duration srtt) const {
    if (!reordering_ && urgent) return 0;
    return std::min(min_rtt_ / 4 * multiplier_, to_micros(srtt));
}

// Step 5.
Duration Rack::detect(Scoreboard& board, std::uint64_t una, bool urgent, Duration srtt,
                      Micros now) const {
    if (!known_ || min_rtt_ == kUnknown) return {};
    const Micros allowed = rtt_ + reordering_window(urgent, srtt);
    Micros wait = 0;
    board.lose_if([&](const Span& span, std::uint32_t end) {
        if (!sent_after(sent_, end_, span.sent, una + end)) return false;
        const Micros age = elapsed(span.sent, now);
        if (age >= allowed) return true;
        wait = std::max(wait, allowed - age);
        return false;
    });
    return std::chrono::microseconds(wait);
}

}  // namespace sallyport::tcp
