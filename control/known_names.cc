// SPDX-License-Identifier: Apache-2.0
#include "control/known_names.h"

#include <algorithm>

namespace sallyport::ctl {
namespace {

using dp::AnswerStatus;
using dp::Freshness;
using dp::NameAnswer;
using std::chrono::seconds;

constexpr Duration kStaleLife = seconds(30);  // RFC 8767 section 4

NameAnswer answer_of(const std::string& name, AnswerStatus status,
                     const std::vector<IpAddr>& addresses, Duration ttl) {
    NameAnswer out;
    out.name.set(name);
    out.status = status;
    out.ttl = ttl;
    out.count = static_cast<std::uint8_t>(std::min(addresses.size(), dp::kAnswerAddressesMax));
    std::copy_n(addresses.begin(), out.count, out.addresses.begin());
    return out;
}

NameAnswer failed(const std::string& name, Duration ttl) {
    return answer_of(name, AnswerStatus::Failed, {}, ttl);
}

}  // namespace

void KnownNames::forget_all() {
    entries_.clear();
    used_.clear();
}

KnownNames::Entry& KnownNames::entry(const std::string& name) {
    const auto known = entries_.find(name);
    if (known != entries_.end()) {
        used_.splice(used_.end(), used_, known->second.use);
        return known->second;
    }
    if (entries_.size() >= capacity_) {
        entries_.erase(used_.front());
        used_.pop_front();
    }
    Entry& e = entries_[name];
    e.use = used_.insert(used_.end(), name);
    return e;
}

Duration KnownNames::clamped(const DnsReply& reply) const {
    const Duration ttl = reply.ttl ? Duration(*reply.ttl) : times_.ttl_floor;
    return std::clamp(ttl, times_.ttl_floor, std::max(times_.ttl_floor, times_.ttl_ceiling));
}

// RFC 9520 section 3.2: at least a second.
Duration KnownNames::retry_after() const {
    return std::clamp<Duration>(times_.ttl_floor, seconds(1), seconds(30));
}

bool KnownNames::will_do(const Entry& e, Freshness wanted, Instant now) {
    const Duration left = e.ends - now;
    if (left <= Duration(0)) return false;
    switch (wanted) {
        case Freshness::Valid: return true;
        case Freshness::NotEnding: return e.status != AnswerStatus::Found || left >= e.life / 8;
        case Freshness::Newest: return now - e.answered <= dp::kNewFor;
    }
    __builtin_unreachable();
}

std::optional<NameAnswer> KnownNames::answer(const std::string& name, Freshness wanted,
                                             Instant now) {
    if (!entries_.contains(name)) return std::nullopt;
    const Entry& e = entry(name);
    if (will_do(e, wanted, now)) {
        NameAnswer known = answer_of(name, e.status, e.addresses, e.ends - now);
        known.age = now - e.answered;
        return known;
    }
    if (now >= e.retry_at) return std::nullopt;
    if (auto earlier = stale(name, e, now)) return earlier;
    return failed(name, e.retry_at - now);
}

std::optional<NameAnswer> KnownNames::stale(const std::string& name, Instant now) const {
    const auto known = entries_.find(name);
    if (known == entries_.end()) return std::nullopt;
    return stale(name, known->second, now);
}

std::optional<NameAnswer> KnownNames::stale(const std::string& name, const Entry& e,
                                            Instant now) const {
    const Instant over = e.ends + times_.grace;
    if (e.status != AnswerStatus::Found || now < e.ends || now >= over) return std::nullopt;
    NameAnswer out = answer_of(name, e.status, e.addresses, std::min(kStaleLife, over - now));
    out.stale = true;
    return out;
}

NameAnswer KnownNames::learn(const std::string& name, const DnsReply& reply, Instant now) {
    Entry& e = entry(name);
    if (reply.kind == DnsReply::Kind::Unusable) return learn_failure(name, e, now);
    const bool found = reply.kind == DnsReply::Kind::Found;
    e.status = found ? AnswerStatus::Found : AnswerStatus::NotFound;
    e.addresses = reply.addresses;
    e.answered = now;
    e.life = clamped(reply);
    e.ends = now + e.life;
    e.retry_at = {};
    return answer_of(name, e.status, e.addresses, e.life);
}

NameAnswer KnownNames::learn_failure(const std::string& name, Entry& e, Instant now) {
    e.retry_at = now + retry_after();
    if (auto earlier = stale(name, e, now)) return *earlier;
    if (now >= e.ends) {
        e.status = AnswerStatus::Failed;
        e.addresses.clear();
        e.answered = now;
        e.life = retry_after();
        e.ends = e.retry_at;
    }
    return failed(name, retry_after());
}

std::optional<KnownName> KnownNames::find(const std::string& name, Instant now) const {
    const auto known = entries_.find(name);
    if (known == entries_.end()) return std::nullopt;
    const Entry& e = known->second;
    return KnownName{name, e.status, e.addresses, now - e.answered, e.ends - now};
}

}  // namespace sallyport::ctl
