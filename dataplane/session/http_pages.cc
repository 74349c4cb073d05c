// SPDX-License-Identifier: Apache-2.0
#include "dataplane/session/http_pages.h"

#include <array>

#include "tcpstack/base/check.h"
#include "tcpstack/base/text_writer.h"

namespace sallyport::dp {
namespace {

struct Status {
    std::uint16_t code;
    std::string_view phrase;
};
constexpr std::array kStatuses{
    Status{400, "Bad Request"},
    Status{403, "Forbidden"},
    Status{408, "Request Timeout"},
    Status{429, "Too Many Requests"},
    Status{431, "Request Header Fields Too Large"},
    Status{501, "Not Implemented"},
    Status{502, "Bad Gateway"},
    Status{503, "Service Unavailable"},
    Status{504, "Gateway Timeout"},
    Status{505, "HTTP Version Not Supported"},
};

std::string_view phrase_of(std::uint16_t code) {
    for (const Status& status : kStatuses)
        if (status.code == code) return status.phrase;
    return "Error";
}

void write_body(const HttpPage& page, TextWriter& out) {
    out.put("Sallyport, the egress gateway of this network, did not let this request pass.\n\n");
    out.put("reason:  ").put(text(page.reason)).put('\n');
    out.put("         ").put(kReasons[static_cast<std::size_t>(page.reason)].help).put('\n');
    if (!page.host.empty()) out.put("host:    ").put(page.host).put('\n');
    out.put("id:      ").put(page.request_id).put('\n');
    out.put("\nThe gateway's access log has a line with this id.\n");
}

}  // namespace

std::uint16_t status_of(Reason reason) {
    // A list of exceptions: what is not in it was forbidden.
    struct Row {
        Reason reason;
        std::uint16_t code;
    };
    static constexpr std::array kRows{
        Row{Reason::NoHost, 400},
        Row{Reason::HostInvalid, 400},
        Row{Reason::HttpAmbiguous, 400},
        Row{Reason::RequestHeadTimeout, 408},
        Row{Reason::RequestHeadTooLarge, 431},
        Row{Reason::DnsLimited, 429},
        Row{Reason::RateLimit, 429},
        Row{Reason::BudgetExceeded, 429},
        Row{Reason::MethodUnknown, 501},
        Row{Reason::DnsFailed, 502},
        Row{Reason::NoFamily, 502},
        Row{Reason::ConnectionLimit, 503},
        Row{Reason::LimitTableFull, 503},
        Row{Reason::NameCacheFull, 503},
        Row{Reason::DnsTimeout, 504},
        Row{Reason::UpstreamRefused, 502},
        Row{Reason::UpstreamUnreachable, 502},
        Row{Reason::UpstreamReset, 502},
        Row{Reason::UpstreamClosed, 502},
        Row{Reason::UpstreamProtocol, 502},
        Row{Reason::NoRoute, 502},
        Row{Reason::PortsExhausted, 503},
        Row{Reason::RequestTableFull, 503},
        Row{Reason::SetupTableFull, 503},
        Row{Reason::SourceShareFull, 503},
        Row{Reason::NameTableFull, 503},
        Row{Reason::NeighborTableFull, 503},
        Row{Reason::FlowTableFull, 503},
        Row{Reason::UpstreamTimeout, 504},
        Row{Reason::UpstreamSetupTimeout, 504},
        Row{Reason::HttpVersion, 505},
    };
    for (const Row& row : kRows)
        if (row.reason == reason) return row.code;
    return 403;
}

std::string_view write_page(const HttpPage& page, std::span<char> out) {
    SP_ASSERT(out.size() >= kPageMax);
    std::array<char, kPageMax / 2 + kPageMax / 4> body_octets;
    TextWriter body(body_octets);
    write_body(page, body);
    const std::uint16_t code = status_of(page.reason);
    TextWriter writer(out);
    writer.put("HTTP/1.1 ").decimal(code).put(' ').put(phrase_of(code)).put("\r\n");
    writer.put("Content-Type: text/plain; charset=utf-8\r\n");
    writer.put("Content-Length: ").decimal(body.text().size()).put("\r\n");
    writer.put("Cache-Control: no-store\r\nConnection: close\r\n");
    writer.put("X-Request-Id: ").put(page.request_id).put("\r\n\r\n");
    if (!page.is_head) writer.put(body.text());
    return writer.text();
}

}  // namespace sallyport::dp
