// SPDX-License-Identifier: Apache-2.0
#include "config/kubernetes/status.h"

#include <set>
#include <string_view>

#include "config/shown.h"

namespace sallyport::cfg::kubernetes {
namespace {

constexpr std::string_view kNotOurs = "NotOurs";

std::string not_ours_text(const Object& object) {
    return object.not_ours.empty() ? std::string()
                                   : "carried out elsewhere: " + joined(object.not_ours);
}

Condition accepted(const Object& object) {
    Condition condition{.type = "Accepted", .status = true, .reason = "Accepted", .message = {}};
    if (!object.accepted && !object.not_accepted.empty()) {
        condition.status = false;
        condition.reason = object.not_accepted.front().reason;
        condition.message = object.not_accepted.front().message;
        return condition;
    }
    if (!object.accepted && !object.not_ours.empty()) condition.reason = kNotOurs;
    condition.message = not_ours_text(object);
    return condition;
}

Condition resolved(const Object& object) {
    if (object.not_resolved.empty())
        return {.type = "ResolvedRefs", .status = true, .reason = "ResolvedRefs", .message = {}};
    const Outcome& first = object.not_resolved.front();
    return {
        .type = "ResolvedRefs", .status = false, .reason = first.reason, .message = first.message};
}

Condition programmed(const Object& object) {
    const bool gateway = object.kind == Kind::Gateway || object.kind == Kind::ApiGateway ||
                         object.kind == Kind::DestinationRule;
    if (!object.rules.empty() || (gateway && object.accepted))
        return {.type = "Programmed", .status = true, .reason = "Programmed", .message = {}};
    const bool elsewhere =
        !object.accepted && object.not_accepted.empty() && !object.not_ours.empty();
    return {.type = "Programmed",
            .status = false,
            .reason = std::string(elsewhere ? kNotOurs : "Pending"),
            .message = elsewhere ? "" : "it opens nothing"};
}

// Each once, in the order in which they came.
std::vector<std::string> rules_of(const Object& object) {
    std::set<std::string_view> seen;
    std::vector<std::string> rules;
    for (const std::string& name : object.rules)
        if (seen.insert(name).second) rules.push_back(name);
    return rules;
}

}  // namespace

ObjectStatus status_of(const Object& object) {
    return {.kind = std::string(info_of(object.kind).name),
            .api_version = object.api_version,
            .name_space = object.name_space,
            .name = object.name,
            .conditions = {accepted(object), resolved(object), programmed(object)},
            .rules = rules_of(object),
            .mark = object.where.mark};
}

}  // namespace sallyport::cfg::kubernetes
