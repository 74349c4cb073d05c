// SPDX-License-Identifier: Apache-2.0
#include "control/live_suggestions.h"

#include "control/candidate_text.h"

namespace sallyport::ctl {
namespace {

using dp::policy::Decision;

cfg::Protocol protocol_of(const dp::AccessRecord& r) {
    if (r.protocol == dp::RecordProtocol::Udp) return cfg::Protocol::Udp;
    if (r.protocol == dp::RecordProtocol::Icmp) return cfg::Protocol::Icmp;
    if (r.http) return cfg::Protocol::Http;
    return r.translated || r.name().empty() ? cfg::Protocol::Tcp : cfg::Protocol::Tls;
}

}  // namespace

std::optional<Wanted> wanted_of(const dp::AccessRecord& r,
                                std::chrono::system_clock::time_point at) {
    if (r.decision == Decision::Allow) return std::nullopt;
    const cfg::Protocol protocol = protocol_of(r);
    const bool icmp = protocol == cfg::Protocol::Icmp;
    return Wanted{.source = r.client.src,
                  .destination = r.client.dst,
                  .name = std::string(r.name()),
                  .service = {protocol, icmp ? std::uint16_t{0} : r.client.dst_port.number},
                  .reason = r.decision == Decision::WouldDeny ? r.would_deny : r.reason,
                  .at = std::chrono::floor<std::chrono::seconds>(at)};
}

void LiveSuggestions::add(const dp::AccessRecord& record,
                          std::chrono::system_clock::time_point at) {
    const auto wanted = wanted_of(record, at);
    if (!wanted) return;
    const std::lock_guard lock(mutex_);
    suggestions_.add(*wanted);
}

nlohmann::ordered_json LiveSuggestions::reply(std::size_t wildcard_above) const {
    const std::lock_guard lock(mutex_);
    const auto candidates = suggestions_.candidates(wildcard_above);
    nlohmann::ordered_json no_rule_helps = nlohmann::ordered_json::object();
    for (const auto& [reason, count] : suggestions_.hopeless())
        no_rule_helps[std::string(dp::text(reason))] = count;
    return {{"suggestions", to_json(candidates)},
            {"yaml", to_yaml(candidates)},
            {"istio", to_istio(candidates)},
            {"no_rule_helps", no_rule_helps},
            {"left_out", suggestions_.left_out()}};
}

}  // namespace sallyport::ctl
