// SPDX-License-Identifier: Apache-2.0
// What DNS has said, for all workers together: answers for their time, clamped between a floor and a
// ceiling; negative ones (RFC 2308); and, when DNS fails, an earlier answer within its grace (RFC
// 8767), but never one that DNS has taken back. Bounded: the least recently used goes first.
#pragma once
#include <cstdint>
#include <list>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "control/dns_reply.h"
#include "dataplane/resolve/messages.h"
#include "tcpstack/base/time.h"

namespace sallyport::ctl {

struct AnswerTimes {
    Duration ttl_floor{}, ttl_ceiling{};
    Duration grace{};  // after the end of an answer, while DNS gives no other
};

// For those who ask what the gate knows (explain, status).
struct KnownName {
    std::string name;
    dp::AnswerStatus status = dp::AnswerStatus::Failed;
    std::vector<IpAddr> addresses;
    Duration age{};   // since DNS said so
    Duration left{};  // of its time; negative: it is past it
};

class KnownNames {
   public:
    KnownNames(const AnswerTimes& times, std::size_t capacity)
        : times_(times), capacity_(capacity) {}

    // For answers from now on.
    void use(const AnswerTimes& times) { times_ = times; }
    void forget_all();

    // What can be said without asking DNS; nullopt: ask it. An answer of which less than an eighth is
    // left is about to end. After a failure DNS is left alone for a moment.
    std::optional<dp::NameAnswer> answer(const std::string& name, dp::Freshness wanted, Instant now);
    // An earlier answer past its time and within grace.
    std::optional<dp::NameAnswer> stale(const std::string& name, Instant now) const;
    // DNS has answered, or failed to. Returns what is to be said now.
    dp::NameAnswer learn(const std::string& name, const DnsReply& reply, Instant now);

    std::optional<KnownName> find(const std::string& name, Instant now) const;
    std::size_t size() const { return entries_.size(); }

   private:
    struct Entry {
        dp::AnswerStatus status = dp::AnswerStatus::Failed;
        std::vector<IpAddr> addresses;  // of status Found
        Instant answered{}, ends{};
        Duration life{};
        Instant retry_at{};  // DNS failed; until then it is not asked again
        std::list<std::string>::iterator use;
    };
    Entry& entry(const std::string& name);
    static bool will_do(const Entry& e, dp::Freshness wanted, Instant now);
    Duration clamped(const DnsReply& reply) const;
    Duration retry_after() const;
    dp::NameAnswer learn_failure(const std::string& name, Entry& e, Instant now);
    std::optional<dp::NameAnswer> stale(const std::string& name, const Entry& e, Instant now) const;

    AnswerTimes times_;
    std::size_t capacity_;
    std::list<std::string> used_;  // least recently used first
    std::unordered_map<std::string, Entry> entries_;
};

}  // namespace sallyport::ctl
