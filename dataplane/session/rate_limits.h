// SPDX-License-Identifier: Apache-2.0
// Bounds on what the gate does for packets that have not earned it: resets, log lines, answers to
// sources that keep guessing cookies.
#pragma once
#include <array>
#include <cstdint>

#include "dataplane/session/source_shares.h"
#include "tcpstack/base/time.h"

namespace sallyport::dp {

// At most `rate` a second, with bursts of as many.
class TokenBucket {
   public:
    explicit TokenBucket(std::uint32_t rate) : rate_(rate), tokens_(rate) {}
    bool take(Instant now) {
        const Duration passed = now - filled_;
        if (passed >= std::chrono::seconds(1)) {
            tokens_ = rate_;
            filled_ = now;
        }
        if (tokens_ == 0) return false;
        --tokens_;
        return true;
    }

   private:
    std::uint32_t rate_, tokens_;
    Instant filled_{};
};

// Of one connection: acknowledgements to who sent what its receiver cannot use (RFC 5961 section 7). Each
// connection has its own, so that nobody learns from them what others do (CVE-2016-5696).
class ChallengeLimit {
   public:
    static constexpr std::uint8_t kPerSecond = 10;
    bool take(Instant now) {
        if (now - since_ >= std::chrono::seconds(1)) {
            since_ = now;
            sent_ = 0;
        }
        if (sent_ == kPerSecond) return false;
        ++sent_;
        return true;
    }

   private:
    Instant since_{};
    std::uint8_t sent_ = 0;
};

// Addresses that send more than kLimit bad cookies within a second get no answer for the next one.
class BadCookies {
   public:
    static constexpr std::uint32_t kLimit = 1000;

    void count(SourceHash source, Instant now) {
        Entry& e = entry(source);
        if (e.source != source || now - e.since >= std::chrono::seconds(1))
            e = {.source = source, .since = now, .quiet_until = e.source == source ? e.quiet_until : Instant{}, .count = 0};
        if (++e.count > kLimit) e.quiet_until = now + std::chrono::seconds(1);
    }
    bool is_quiet(SourceHash source, Instant now) const {
        const Entry& e = entries_[source % entries_.size()];
        return e.source == source && now < e.quiet_until;
    }

   private:
    struct Entry {
        SourceHash source = 0;
        Instant since{}, quiet_until{};
        std::uint32_t count = 0;
    };
    Entry& entry(SourceHash source) { return entries_[source % entries_.size()]; }
    std::array<Entry, 1024> entries_{};
};

// Flows whose payload came without proof of address. A client whose segments were reordered proves
// itself within moments; one that still sends after a second talks to a session that is gone and
// deserves a reset.
class Strays {
   public:
    // True when the flow was first seen between one second and a minute ago.
    bool is_persistent(std::uint64_t flow_hash, Instant now) {
        Entry& e = entries_[flow_hash % entries_.size()];
        const Duration age = now - e.first;
        if (e.flow != flow_hash || age > std::chrono::minutes(1)) {
            e = {.flow = flow_hash, .first = now};
            return false;
        }
        return age >= std::chrono::seconds(1);
    }

   private:
    struct Entry {
        std::uint64_t flow = 0;
        Instant first{};
    };
    std::array<Entry, 1024> entries_{};
};

// How many new names each source had asked within the present second.
class NewNames {
   public:
    bool take(SourceHash source, std::uint32_t rate, Instant now) {
        Entry& e = entries_[source % entries_.size()];
        if (e.source != source || now - e.since >= std::chrono::seconds(1))
            e = {.source = source, .since = now};
        if (e.count >= rate) return false;
        ++e.count;
        return true;
    }

   private:
    struct Entry {
        SourceHash source = 0;
        Instant since{};
        std::uint32_t count = 0;
    };
    std::array<Entry, 1024> entries_{};
};

struct RateLimits {
    TokenBucket resets{1000};       // resets to packets of no session
    TokenBucket prohibited{100};    // ICMP admin-prohibited
    TokenBucket echoes{1000};       // ICMP echo replies
    TokenBucket icmp_errors{1000};  // other ICMP errors of the gate's own
    TokenBucket syn_records{100};   // access records for denied SYNs
    TokenBucket flow_records{100};  // access records for denied UDP datagrams and echo requests
    BadCookies bad_cookies;
    NewNames new_names;
    Strays strays;
};

}  // namespace sallyport::dp
