// SPDX-License-Identifier: Apache-2.0
#include "control/access_line.h"

#include <chrono>
#include <string_view>

#include "control/access_ending.h"
#include "control/text.h"

namespace sallyport::ctl {
namespace {

using dp::AccessRecord;
using dp::HttpExchange;

std::string_view without_query(std::string_view path) {
    return path.substr(0, path.find('?'));
}

std::string_view transport(dp::RecordProtocol protocol) {
    switch (protocol) {
        case dp::RecordProtocol::Tcp: return "TCP";
        case dp::RecordProtocol::Udp: return "UDP";
        case dp::RecordProtocol::Icmp: return "ICMP";
    }
    __builtin_unreachable();
}

// METHOD, PATH and PROTOCOL: three tokens in one pair of quotes, so their blanks are escaped too. Of
// what no rule inspects, PROTOCOL is the transport.
std::string request_line(const AccessRecord& r, cfg::LogQuery query) {
    if (r.translated || r.protocol != dp::RecordProtocol::Tcp)
        return "- - " + std::string(transport(r.protocol));
    if (!r.http || r.http->method.view().empty()) return "- - -";
    const std::string_view path = r.http->path.view();
    return log_token(r.http->method.view()) + ' ' +
           log_token(query == cfg::LogQuery::Omit ? without_query(path) : path) + " HTTP/1." +
           std::to_string(r.http->minor);
}

std::string milliseconds(Duration d) {
    return std::to_string(std::chrono::duration_cast<std::chrono::milliseconds>(d).count());
}

std::string service_time(const AccessRecord& r) {
    return r.http && r.http->service_time ? milliseconds(*r.http->service_time) : "-";
}

// X-FORWARDED-FOR to AUTHORITY. The gate does not rewrite requests, so the first is the source.
std::string request_fields(const AccessRecord& r) {
    if (!r.http) return R"("-" "-" "-" "-")";
    const HttpExchange& http = *r.http;
    return '"' + address_text(r.client.src) + "\" \"" + log_text(http.user_agent.view()) + "\" \"" +
           log_text(http.request_id.view()) + "\" \"" + log_text(http.authority.view()) + '"';
}

std::string upstream_cluster(const AccessRecord& r, const RuleBook& rules) {
    if (!r.has_server) return "-";
    const auto rule = rules.find(r.rule, r.generation);
    const ClusterText cluster =
        r.upstream < rule->clusters.size() ? rule->clusters[r.upstream] : ClusterText{};
    const int port = cluster.port != 0 ? cluster.port : r.client.dst_port.number;
    const std::string_view host = cluster.host.empty() ? r.name() : cluster.host;
    if (host.empty()) return "-";
    const std::string subset = cluster.subset.empty() ? "" : log_token(cluster.subset);
    return "outbound|" + std::to_string(port) + '|' + subset + '|' + log_token(host);
}

// A session that ended before its verdict took no route, not even the default one.
std::string route_name(const AccessRecord& r, Ending ending, const RuleBook& rules) {
    const bool refused = ending == Ending::Denied || ending == Ending::Malformed;
    const bool undecided = r.rule == dp::policy::kDefaultRule && !refused;
    return undecided ? "-" : log_token(rules.find(r.rule, r.generation)->name);
}

std::string addresses(const AccessRecord& r, const RuleBook& rules) {
    const std::string host = r.has_server ? endpoint_text(r.server.dst, r.server.dst_port) : "-";
    const std::string local = r.has_server ? endpoint_text(r.server.src, r.server.src_port) : "-";
    return '"' + host + "\" " + upstream_cluster(r, rules) + ' ' + local + ' ' +
           endpoint_text(r.client.dst, r.client.dst_port) + ' ' +
           endpoint_text(r.client.src, r.client.src_port);
}

}  // namespace

LogContext log_context(const dp::Dataplane& dataplane, const RuleBook& rules) {
    using std::chrono::system_clock;
    const auto since_origin =
        std::chrono::duration_cast<system_clock::duration>(dataplane.now().time_since_epoch());
    return {rules, system_clock::now() - since_origin, cfg::LogQuery::Keep};
}

std::string format_istio(const AccessRecord& r, const LogContext& context) {
    const Ending ending = ending_of(r);
    const std::uint16_t code = r.http ? r.http->code : 0;
    const std::string_view server_name = r.http ? std::string_view() : r.name();
    std::string line;
    line.reserve(384);
    line.append("[").append(time_text(context.wall(r.start))).append("] \"");
    line.append(request_line(r, context.query)).append("\" ");
    line.append(std::to_string(code)).append(" ").append(response_flag(ending)).append(" ");
    line.append(response_details(r, ending)).append(" ");
    line.append(termination_details(r, ending)).append(" \"-\" ");
    line.append(std::to_string(r.bytes_received)).append(" ");
    line.append(std::to_string(r.bytes_sent)).append(" ").append(milliseconds(r.duration));
    line.append(" ").append(service_time(r)).append(" ").append(request_fields(r));
    line.append(" ").append(addresses(r, context.rules)).append(" ").append(log_token(server_name)).append(" ");
    line.append(route_name(r, ending, context.rules)).append("\n");
    return line;
}

}  // namespace sallyport::ctl
