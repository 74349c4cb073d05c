// SPDX-License-Identifier: Apache-2.0
#include "control/explanation.h"

#include <sstream>

#include "control/text.h"
#include "dataplane/policy/known_binding.h"
#include "dataplane/policy/vetting.h"

namespace sallyport::ctl {
namespace {

using dp::policy::Decision;
using dp::policy::Explanation;
using dp::policy::FlowProtocol;
using dp::policy::MatchedBy;
using dp::policy::Miss;
using dp::policy::Question;
using dp::policy::Way;
using Json = nlohmann::ordered_json;

std::string_view text(MatchedBy by) {
    switch (by) {
        case MatchedBy::Nothing: return "-";
        case MatchedBy::Exact: return "exact name";
        case MatchedBy::Wildcard: return "wildcard";
        case MatchedBy::Network: return "network";
    }
    __builtin_unreachable();
}

std::string_view text(Miss miss) {
    switch (miss) {
        case Miss::Beaten: return "beaten_by_deny";
        case Miss::Source: return "source";
        case Miss::Port: return "port";
        case Miss::Protocol: return "protocol";
        case Miss::Expired: return "expired";
        case Miss::Schedule: return "schedule";
        case Miss::Apex: return "wildcard_is_not_the_name_itself";
        case Miss::OneEdit: return "name_differs_in_one_character";
        case Miss::SameDomain: return "same_domain";
        case Miss::Destination: return "destination";
    }
    __builtin_unreachable();
}

std::string_view text(dp::policy::Answer answer) {
    switch (answer) {
        case dp::policy::Answer::Drop: return "drop";
        case dp::policy::Answer::Reset: return "reset";
        case dp::policy::Answer::Alert: return "alert";
    }
    __builtin_unreachable();
}

std::string_view text(dp::policy::Destination destination) {
    switch (destination) {
        case dp::policy::Destination::Verified: return "verified";
        case dp::policy::Destination::Resolved: return "resolved";
        case dp::policy::Destination::Static: return "static";
        case dp::policy::Destination::Original: return "original";
    }
    __builtin_unreachable();
}

std::string protocol_text(const Question& q) {
    switch (q.flow) {
        case FlowProtocol::Udp: return "udp";
        case FlowProtocol::Icmp: return "icmp";
        case FlowProtocol::Tcp: break;
    }
    if (q.name.empty()) return "tcp";
    return q.protocol == dp::policy::AppProtocol::Tls ? "tls" : "http";
}

Json question_json(const Question& q) {
    return {{"source", address_text(q.source)},
            {"name", q.name},
            {"address", q.destination ? address_text(*q.destination) : ""},
            {"port", q.port.number},
            {"protocol", protocol_text(q)}};
}

Json matched_json(const cfg::Model& model, const dp::policy::Matched& matched) {
    return {{"by", text(matched.by)},
            {"pattern", matched.pattern},
            {"at", place_text(model, matched.mark)}};
}

Json nearest_json(const cfg::Model& model, const dp::policy::NearMiss& near) {
    const cfg::Rule& rule = model.policy.rules[near.rule];
    Json misses = Json::array();
    for (const Miss miss : near.misses) misses.push_back(text(miss));
    return {{"rule", rule.name},
            {"rule_at", place_text(model, rule.mark)},
            {"pattern", near.pattern},
            {"misses", std::move(misses)},
            {"sentence", dp::policy::sentence(model, near)}};
}

Json addresses_json(const ExplainRequest& r, const dp::policy::Verdict& verdict) {
    const dp::Settings& settings = r.generation.settings;
    Json out = Json::array();
    for (const IpAddr& address : r.addresses) {
        const dp::Reason vetted = dp::policy::vet_destination(
            address, {settings.own, settings.inside},
            verdict.allow_private ? dp::policy::PrivateAddresses::Allow
                                  : dp::policy::PrivateAddresses::Refuse);
        out.push_back({{"address", address_text(address)},
                       {"may_be_dialled", vetted == dp::Reason::None},
                       {"reason", dp::text(vetted)}});
    }
    return out;
}

// The name whose addresses are dialled, and the address in the end.
void add_destination(Json& out, const ExplainRequest& r, const Explanation& e) {
    const dp::policy::Terms& terms = r.generation.policy.terms(e.verdict);
    Json upstreams = Json::array();
    for (const dp::policy::Upstream& u : terms.upstreams)
        upstreams.push_back({{"destination", text(u.destination)},
                             {"resolve", u.resolve.empty() ? r.question.name : u.resolve},
                             {"port", u.port == 0 ? r.question.port.number : u.port},
                             {"weight", u.weight}});
    out["upstreams"] = std::move(upstreams);
    const auto bound =
        dp::policy::bind_known(r.generation, e.verdict, r.question.destination, r.addresses);
    out["binding"] = dp::policy::text(bound.binding);
    if (bound.redirected_to) out["redirected_to"] = address_text(*bound.redirected_to);
    out["addresses"] = addresses_json(r, e.verdict);
    if (bound.refused == dp::Reason::None) return;
    out["verdict"] = ctl::text(Decision::Deny);
    out["reason"] = dp::text(bound.refused);
    out["help"] = dp::kReasons[static_cast<std::size_t>(bound.refused)].help;
}

constexpr std::string_view kChosen =
    "one address for each client, by a secret of the running gate; another one of the set only "
    "when no port is left there";

// Which of several addresses a client gets depends on the gate's secret, so that only the daemon
// can tell; it stays the same for a client as long as the set does.
Json egress_json(const ExplainRequest& r, const dp::policy::Verdict& verdict) {
    const auto& sets = r.generation.settings.egress;
    if (verdict.egress >= sets.size()) return nullptr;
    const dp::EgressSet& set = sets[verdict.egress];
    Json addresses = Json::array();
    for (const IpAddr& a : set.addresses) addresses.push_back(address_text(a));
    Json out{{"set", set.name}, {"addresses", std::move(addresses)}};
    std::optional<IpAddr> own;
    if (r.public_address) own = r.public_address(set);
    if (!own && set.addresses.size() == 1) own = set.addresses.front();
    out["address"] = own ? address_text(*own) : "";
    out["chosen"] = set.addresses.size() == 1 ? "the only address of the set" : kChosen;
    return out;
}

Json quota_json(const dp::policy::Quota& quota) {
    Json out = Json::object();
    const auto add = [&](const char* key, std::uint64_t value) {
        if (value != 0) out[key] = value;
    };
    add("max_connections", quota.max_connections);
    add("new_per_second", quota.new_per_second);
    add("bytes_per_second", quota.bytes_per_second);
    add("bytes", quota.bytes);
    return out;
}

std::string string_at(const Json& object, const char* key) {
    const auto at = object.find(key);
    return at != object.end() && at->is_string() ? at->get<std::string>() : "";
}

void add_line(std::ostream& out, std::string_view key, const std::string& value) {
    if (!value.empty()) out << "  " << key << std::string(11 - key.size(), ' ') << value << '\n';
}

std::string address_line(const Json& e) {
    std::string out;
    for (const Json& a : e.value("addresses", Json::array())) {
        out += (out.empty() ? "" : ", ") + string_at(a, "address");
        if (!a.value("may_be_dialled", true)) out += " (never dialled: " + string_at(a, "reason") + ")";
    }
    return out;
}

std::string egress_line(const Json& e) {
    const Json set = e.value("egress", Json());
    if (!set.is_object()) return {};
    const std::string own = string_at(set, "address");
    if (!own.empty()) return own + " (of " + string_at(set, "set") + ")";
    std::string out = "one of";
    for (const Json& a : set.value("addresses", Json::array())) out += " " + a.get<std::string>();
    return out + " (of " + string_at(set, "set") + "; the running gate knows which)";
}

std::string limits_line(const Json& e) {
    const Json limits = e.value("limits", Json::object());
    std::string out;
    for (const auto& [holder, quota] : limits.items())
        for (const auto& [key, value] : quota.items())
            out += (out.empty() ? "" : ", ") + std::string(key) + " " + value.dump() + " per " + holder;
    return out;
}

}  // namespace

std::string_view text(Decision decision) {
    switch (decision) {
        case Decision::Allow: return "allow";
        case Decision::Deny: return "deny";
        case Decision::WouldDeny: return "would_deny";
    }
    __builtin_unreachable();
}

std::string place_text(const cfg::Model& model, const cfg::Mark& mark) {
    if (mark.line == 0) return {};
    const std::string file = mark.file < model.files.size() ? model.files[mark.file] + ":" : "";
    return file + std::to_string(mark.line);
}

Json explanation_json(const ExplainRequest& r) {
    const Explanation e = dp::policy::explain(r.model, r.generation, r.question, r.options);
    const dp::Reason reason =
        e.verdict.decision == Decision::Allow ? dp::Reason::None : e.verdict.reason;
    Json out{{"question", question_json(r.question)},
             {"verdict", ctl::text(e.verdict.decision)},
             {"reason", dp::text(reason)},
             {"help", dp::kReasons[static_cast<std::size_t>(reason)].help},
             {"rule", e.rule ? r.model.policy.rules[*e.rule].name : "default-deny"},
             {"rule_at", e.rule ? place_text(r.model, r.model.policy.rules[*e.rule].mark) : ""},
             {"sentence", dp::policy::sentence(r.model, e)},
             {"matched", matched_json(r.model, e.matched)}};
    if (e.nearest) out["nearest"] = nearest_json(r.model, *e.nearest);
    if (e.verdict.decision == Decision::Deny) {
        out["answer"] = text(e.verdict.answer);
        out["binding"] = dp::policy::text(dp::policy::Binding::None);
        return out;
    }
    if (e.way == Way::Inspect)
        add_destination(out, r, e);
    else
        out["binding"] = dp::policy::text(dp::policy::Binding::None);
    out["egress"] = egress_json(r, e.verdict);
    const dp::policy::Terms& terms = r.generation.policy.terms(e.verdict);
    out["limits"] = {{"rule", quota_json(terms.rule)}, {"source", quota_json(terms.source)}};
    return out;
}

std::string explanation_text(const Json& e) {
    std::ostringstream out;
    std::string verdict = string_at(e, "verdict");
    for (char& c : verdict) c = c == '_' ? ' ' : static_cast<char>(c >= 'a' && c <= 'z' ? c - 32 : c);
    const std::string at = string_at(e, "rule_at");
    out << verdict << "  " << string_at(e, "rule") << (at.empty() ? "" : " (" + at + ")") << '\n';
    add_line(out, "why", string_at(e, "sentence"));
    if (string_at(e, "reason") != "-")
        add_line(out, "reason", string_at(e, "reason") + ": " + string_at(e, "help"));
    const Json nearest = e.value("nearest", Json::object());
    const std::string near_at = string_at(nearest, "rule_at");
    add_line(out, "near", string_at(nearest, "sentence") + (near_at.empty() ? "" : " (" + near_at + ")"));
    add_line(out, "answer", string_at(e, "answer"));
    if (string_at(e, "binding") != "-") add_line(out, "binding", string_at(e, "binding"));
    add_line(out, "dialled", string_at(e, "redirected_to"));
    add_line(out, "addresses", address_line(e));
    add_line(out, "egress", egress_line(e));
    add_line(out, "limits", limits_line(e));
    return out.str();
}

}  // namespace sallyport::ctl
