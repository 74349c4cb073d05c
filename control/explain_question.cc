// SPDX-License-Identifier: Apache-2.0
#include "control/explain_question.h"

#include <utility>

#include "config/host_name.h"

namespace sallyport::ctl {
namespace {

using dp::policy::AppProtocol;
using dp::policy::FlowProtocol;
using dp::policy::Question;
using Wrong = std::unexpected<std::string>;

Result<IpAddr, std::string> address_of(const std::string& what, const std::string& text) {
    if (const auto address = IpAddr::parse(text)) return *address;
    return Wrong(what + " '" + text + "' is no IP address");
}

Result<std::string, std::string> name_of(const std::string& what, const std::string& text) {
    const auto host = cfg::parse_host(text);
    if (!host) return Wrong(what + " '" + text + "' " + cfg::describe(host.error()).message);
    if (host->wildcard) return Wrong("a client asks for one name, not for a wildcard");
    return host->name;
}

Result<FlowProtocol, std::string> flow_of(const std::string& text) {
    if (text == "tcp") return FlowProtocol::Tcp;
    if (text == "udp") return FlowProtocol::Udp;
    if (text == "icmp") return FlowProtocol::Icmp;
    return Wrong("the protocol is tcp, udp or icmp");
}

Result<Port, std::string> port_of(const QuestionText& given, FlowProtocol flow) {
    if (flow == FlowProtocol::Icmp) return Port{};
    if (given.port && *given.port >= 1 && *given.port <= 65535)
        return Port{static_cast<std::uint16_t>(*given.port)};
    if (given.port) return Wrong("a port is a number from 1 to 65535");
    if (given.sni) return Port{443};
    if (given.host) return Port{80};
    return Wrong("the port is missing");
}

std::optional<std::string> missing(const QuestionText& given) {
    if (!given.source) return "the source is missing";
    if (given.sni && given.host) return "give the SNI or the Host, not both";
    if (!given.sni && !given.host && !given.address) return "give an SNI, a Host or an address";
    return std::nullopt;
}

}  // namespace

Result<Question, std::string> question_of(const QuestionText& given) {
    if (auto what = missing(given)) return Wrong(std::move(*what));
    Question q;
    const auto source = address_of("the source", *given.source);
    if (!source) return Wrong(source.error());
    q.source = *source;
    const auto flow = flow_of(given.protocol.value_or("tcp"));
    if (!flow) return Wrong(flow.error());
    q.flow = *flow;
    if (given.address) {
        const auto address = address_of("the address", *given.address);
        if (!address) return Wrong(address.error());
        q.destination = *address;
    }
    if (given.sni || given.host) {
        if (q.flow != FlowProtocol::Tcp) return Wrong("only a TCP client says a name");
        q.protocol = given.sni ? AppProtocol::Tls : AppProtocol::Http;
        auto name = given.sni ? name_of("the SNI", *given.sni) : name_of("the Host", *given.host);
        if (!name) return Wrong(name.error());
        q.name = std::move(*name);
    }
    const auto port = port_of(given, q.flow);
    if (!port) return Wrong(port.error());
    q.port = *port;
    return q;
}

}  // namespace sallyport::ctl
