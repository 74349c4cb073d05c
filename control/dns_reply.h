// SPDX-License-Identifier: Apache-2.0
// What a DNS server said about one type of one name (RFC 1035 section 4.1), and what the replies for
// both types say together.
#pragma once
#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "tcpstack/base/ip_addr.h"

namespace sallyport::ctl {

inline constexpr std::uint16_t kTypeA = 1;
inline constexpr std::uint16_t kTypeAaaa = 28;  // RFC 3596
inline constexpr int kAliasesMax = 8;           // CNAMEs from the name to its addresses

struct DnsReply {
    enum class Kind : std::uint8_t {
        Found,     // addresses, in the server's order
        NoData,    // the name has none of this type
        NoName,    // NXDOMAIN
        Unusable,  // no reply, an error of the server, malformed, or an endless chain
    };
    Kind kind = Kind::Unusable;
    std::vector<IpAddr> addresses;
    // Found: the smallest of the chain. Negative: as RFC 2308 section 5 has it; nullopt: not said.
    std::optional<std::chrono::seconds> ttl;
};

// `type` is kTypeA or kTypeAaaa; the message answers a question for it and `name`. Records that do
// not belong to the chain that begins at `name` are not looked at, wherever they stand.
DnsReply read_reply(std::span<const std::uint8_t> message, std::string_view name,
                    std::uint16_t type);

// Both replies as one: found if one is, with at most dp::kAnswerAddressesMax addresses of which each
// type gets its half; negative only when no reply leaves room for doubt.
DnsReply joined(const DnsReply& a, const DnsReply& aaaa);

}  // namespace sallyport::ctl
