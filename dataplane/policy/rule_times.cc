// SPDX-License-Identifier: Apache-2.0
#include "dataplane/policy/rule_times.h"

#include <algorithm>

namespace sallyport::dp::policy {
namespace {

using std::chrono::days;
using std::chrono::minutes;
using std::chrono::sys_days;
using std::chrono::sys_seconds;

bool begins_on(const cfg::TimeWindow& window, sys_days day) {
    const unsigned monday_is_zero = std::chrono::weekday(day).iso_encoding() - 1;
    return (window.days >> monday_is_zero & 1U) != 0;
}

// The window that begins on `day`, as a span of time.
struct Span {
    sys_seconds from, to;
};
Span span_on(const cfg::TimeWindow& window, sys_days day) {
    const days later(window.to <= window.from ? 1 : 0);
    return {day + minutes(window.from), day + later + minutes(window.to)};
}

bool lies_in(const cfg::TimeWindow& window, sys_seconds at) {
    const sys_days today = std::chrono::floor<days>(at);
    return std::ranges::any_of(std::array{today - days(1), today}, [&](sys_days day) {
        const Span span = span_on(window, day);
        return begins_on(window, day) && span.from <= at && at < span.to;
    });
}

void keep_earlier(std::optional<sys_seconds>& earliest, sys_seconds candidate) {
    if (!earliest || candidate < *earliest) earliest = candidate;
}

// A schedule repeats every week, so a change that is not seen within eight days never comes.
std::optional<sys_seconds> next_change(const cfg::Rule& rule, sys_seconds at) {
    std::optional<sys_seconds> earliest;
    const auto consider = [&](sys_seconds moment) {
        if (moment > at && holds(rule, moment) != holds(rule, at)) keep_earlier(earliest, moment);
    };
    if (rule.expires) consider(*rule.expires);
    const sys_days today = std::chrono::floor<days>(at);
    for (const cfg::TimeWindow& window : rule.schedule) {
        for (int ahead = -1; ahead <= 8; ++ahead) {
            const Span span = span_on(window, today + days(ahead));
            consider(span.from);
            consider(span.to);
        }
    }
    return earliest;
}

}  // namespace

bool has_expired(const cfg::Rule& rule, sys_seconds at) {
    return rule.expires && at >= *rule.expires;
}

bool is_scheduled(const cfg::Rule& rule, sys_seconds at) {
    return rule.schedule.empty() ||
           std::ranges::any_of(rule.schedule, [&](const auto& w) { return lies_in(w, at); });
}

bool holds(const cfg::Rule& rule, sys_seconds at) {
    return !has_expired(rule, at) && is_scheduled(rule, at);
}

std::optional<sys_seconds> next_change(const cfg::Model& model, sys_seconds at) {
    std::optional<sys_seconds> earliest;
    for (const cfg::Rule& rule : model.policy.rules)
        if (const auto change = next_change(rule, at)) keep_earlier(earliest, *change);
    return earliest;
}

}  // namespace sallyport::dp::policy
