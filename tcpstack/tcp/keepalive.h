// SPDX-License-Identifier: Apache-2.0
// Probes of a connection on which nothing is under way (RFC 9293 section 3.8.4): off unless asked
// for. A probe is a segment without payload one octet below what was sent last: a peer that is there
// must answer it and takes nothing.
#pragma once
#include <cstdint>

#include "tcpstack/base/time.h"

namespace sallyport::tcp {

struct KeepaliveTimes {
    Duration time{}, interval{};  // of silence before the first probe; between probes
    std::uint32_t probes = 0;     // unanswered, then the peer is gone; 0: there are none
};

class Keepalive {
   public:
    void open(const KeepaliveTimes& times, Instant now) {
        *this = Keepalive{};
        times_ = times;
        due_ = now + times_.time;
    }
    // A segment of the peer was accepted.
    void heard(Instant now) {
        due_ = now + times_.time;
        sent_ = 0;
        owed_ = false;
    }
    Instant deadline() const { return times_.probes == 0 ? kNever : due_; }
    // False: the last probe had its time as well. Each has it from when it was sent, however late that
    // was: after a pause of ours the peer has not been silent for longer.
    bool on_deadline(Instant now) {
        if (now < deadline()) return true;
        if (sent_ >= times_.probes) return false;
        ++sent_;
        owed_ = true;
        due_ = now + times_.interval;
        return true;
    }
    bool is_probing() const { return sent_ > 0; }
    bool owes_probe() const { return owed_; }
    void note_probe() { owed_ = false; }

   private:
    KeepaliveTimes times_;
    Instant due_{};           // the next probe, or the end
    std::uint32_t sent_ = 0;  // since the peer was heard last
    bool owed_ = false;
};

}  // namespace sallyport::tcp
