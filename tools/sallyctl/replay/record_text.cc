// SPDX-License-Identifier: Apache-2.0
#include "tools/sallyctl/replay/record_text.h"

#include "control/explanation.h"
#include "control/text.h"

namespace sallyport::replay {
namespace {

std::string_view spoken_text(Spoken spoken) {
    switch (spoken) {
        case Spoken::Other: return "other";
        case Spoken::Tls: return "tls";
        case Spoken::Http: return "http";
    }
    __builtin_unreachable();
}

std::string transport_text(const Record& record) {
    switch (record.transport) {
        case Transport::Tcp: return "tcp";
        case Transport::Udp: return "udp";
        case Transport::Icmp: return "icmp";
        case Transport::Other: return "ip/" + std::to_string(record.ip_protocol);
    }
    __builtin_unreachable();
}

bool has_ports(const Record& record) {
    return record.transport == Transport::Tcp || record.transport == Transport::Udp;
}

std::string end_text(const Record& record, const IpAddr& address, Port port) {
    return has_ports(record) ? ctl::endpoint_text(address, port) : ctl::address_text(address);
}

std::string client_text(const Record& r) { return end_text(r, r.client.src, r.client.src_port); }
std::string server_text(const Record& r) { return end_text(r, r.client.dst, r.client.dst_port); }

std::vector<std::string> notes_of(const Record& record) {
    std::vector<std::string> notes;
    if (record.has_gap) notes.emplace_back("capture_gap");
    if (record.was_evicted) notes.emplace_back("judged_early");
    if (record.judgement.reason == Reason::NoSession) notes.emplace_back("mid_stream");
    if (record.requests_left_out > 0) notes.emplace_back("requests_left_out");
    return notes;
}

void add_verdict(Json& out, const Judgement& j, const ctl::OfflinePolicy& policy) {
    out["verdict"] = ctl::text(j.decision);
    out["reason"] = dp::text(j.reason);
    out["rule"] = policy.rule_name(j.rule);
    out["rule_at"] = policy.rule_at(j.rule);
    out["binding"] = dp::policy::text(j.binding);
    if (j.redirected_to) out["redirected_to"] = ctl::address_text(*j.redirected_to);
}

}  // namespace

Json to_json(const Record& record, const ctl::OfflinePolicy& policy) {
    Json out;
    out["time"] = ctl::time_text(std::chrono::time_point_cast<std::chrono::system_clock::duration>(record.start));
    out["packet"] = record.first_packet;
    out["client"] = client_text(record);
    out["server"] = server_text(record);
    out["transport"] = transport_text(record);
    out["protocol"] = spoken_text(record.spoken);
    out["name"] = record.name;
    add_verdict(out, record.judgement, policy);
    if (record.spoken == Spoken::Http) {
        Json& requests = out["requests"] = Json::array();
        for (const RequestRecord& r : record.requests) {
            Json request{{"method", r.method}, {"host", r.host}};
            add_verdict(request, r.judgement, policy);
            requests.push_back(std::move(request));
        }
    }
    if (record.requests_left_out > 0) out["requests_left_out"] = record.requests_left_out;
    if (const auto notes = notes_of(record); !notes.empty()) out["notes"] = notes;
    return out;
}

Json to_json(const Totals& t) {
    return {{"packets", t.packets},       {"sessions", t.sessions},
            {"not_ip", t.not_ip},         {"unreadable", t.unreadable},
            {"related", t.related},       {"fragments_lost", t.fragments_lost},
            {"judged_early", t.evicted}};
}

std::span<const ctl::Column> record_columns() {
    static constexpr ctl::Column kColumns[] = {{"CLIENT"},  {"SERVER"}, {"PROTOCOL"}, {"NAME"},
                                               {"VERDICT"}, {"REASON"}, {"RULE"},     {"BINDING"},
                                               {"NOTES"}};
    return kColumns;
}

ctl::Row to_row(const Record& record, const ctl::OfflinePolicy& policy) {
    const Judgement& j = record.judgement;
    std::string notes;
    if (record.requests.size() > 1) notes = std::to_string(record.requests.size()) + " requests";
    for (const std::string& note : notes_of(record)) notes += (notes.empty() ? "" : ", ") + note;
    const std::string protocol = record.spoken == Spoken::Other && record.transport != Transport::Tcp
                                     ? transport_text(record)
                                     : std::string(spoken_text(record.spoken));
    return {client_text(record),
            server_text(record),
            protocol,
            record.name.empty() ? "-" : record.name,
            std::string(ctl::text(j.decision)),
            std::string(dp::text(j.reason)),
            policy.rule_name(j.rule),
            std::string(dp::policy::text(j.binding)),
            notes};
}

}  // namespace sallyport::replay
