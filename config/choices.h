// SPDX-License-Identifier: Apache-2.0
// The words of each key that takes one of a fixed set.
#pragma once
#include <array>
#include <cstdint>
#include <span>
#include <string_view>

#include "config/model.h"

namespace sallyport::cfg {

struct Choice {
    std::string_view word;
    std::uint8_t value = 0;
    std::string_view later = {};  // empty: supported now; else what it comes with
};

template <class E>
constexpr Choice choice(E value, std::string_view word, std::string_view later = {}) {
    return {word, static_cast<std::uint8_t>(value), later};
}

template <class E>
inline constexpr std::span<const Choice> kChoices = {};

#define SP_CHOICES(E, ...)                                                      \
    inline constexpr auto k##E##Choices = std::to_array<Choice>({__VA_ARGS__}); \
    template <>                                                                 \
    inline constexpr std::span<const Choice> kChoices<E> = k##E##Choices

SP_CHOICES(Idle, choice(Idle::Sleep, "sleep"), choice(Idle::Poll, "poll"));
SP_CHOICES(Hugepages, choice(Hugepages::Auto, "auto"), choice(Hugepages::On, "on"),
           choice(Hugepages::Off, "off"));
SP_CHOICES(Timestamps, choice(Timestamps::Mirror, "mirror"), choice(Timestamps::Off, "off"));
SP_CHOICES(HelloRetry, choice(HelloRetry::Check, "check"), choice(HelloRetry::Pass, "pass"));
SP_CHOICES(Fragments, choice(Fragments::Reassemble, "reassemble"), choice(Fragments::Drop, "drop"));
SP_CHOICES(Action, choice(Action::Allow, "allow"), choice(Action::Deny, "deny"));
SP_CHOICES(Answer, choice(Answer::Drop, "drop"), choice(Answer::Reset, "reset"),
           choice(Answer::Alert, "alert"));
SP_CHOICES(Mode, choice(Mode::Enforce, "enforce"), choice(Mode::Audit, "audit"));
SP_CHOICES(Destination, choice(Destination::Verified, "verified"),
           choice(Destination::Resolved, "resolved"), choice(Destination::Static, "static"),
           choice(Destination::Original, "original"));
SP_CHOICES(OnMismatch, choice(OnMismatch::Redirect, "redirect"), choice(OnMismatch::Deny, "deny"));
SP_CHOICES(CrossFamily, choice(CrossFamily::Relay, "relay"), choice(CrossFamily::Always, "always"),
           choice(CrossFamily::Deny, "deny"));
SP_CHOICES(Balance, choice(Balance::RoundRobin, "round_robin"),
           choice(Balance::LeastLoaded, "least_loaded"));
SP_CHOICES(OnReload, choice(OnReload::Keep, "keep"), choice(OnReload::Recheck, "recheck"));
SP_CHOICES(LogFormat, choice(LogFormat::Istio, "istio"),
           choice(LogFormat::Json, "json", "structured logs"));
SP_CHOICES(LogQuery, choice(LogQuery::Keep, "keep"), choice(LogQuery::Omit, "omit"));
SP_CHOICES(Protocol, choice(Protocol::Tls, "tls"), choice(Protocol::Http, "http"),
           choice(Protocol::Tcp, "tcp"), choice(Protocol::Udp, "udp"),
           choice(Protocol::Icmp, "icmp"));
#undef SP_CHOICES

// Words of log.level, which the model keeps as text.
inline constexpr auto kLogLevels =
    std::to_array<Choice>({{"trace"}, {"debug"}, {"info"}, {"warn"}, {"error"}});

}  // namespace sallyport::cfg
