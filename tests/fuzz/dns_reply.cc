// SPDX-License-Identifier: Apache-2.0
// Replies of a DNS server. The first octet of the input chooses the type that was asked for, the rest
// is the message.
#include <algorithm>
#include <cstdint>
#include <vector>

#include "control/dns_reply.h"
#include "dataplane/resolve/messages.h"
#include "tcpstack/base/check.h"

namespace {

using namespace sallyport;
using ctl::DnsReply;

void check(const DnsReply& reply) {
    const bool found = reply.kind == DnsReply::Kind::Found;
    SP_CHECK(found == !reply.addresses.empty());
    if (found) SP_CHECK(reply.ttl.has_value());
    if (reply.ttl) SP_CHECK(reply.ttl->count() >= 0 && reply.ttl->count() <= 0x7fff'ffff);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 1) return 0;
    const std::uint16_t type = data[0] % 2 == 0 ? ctl::kTypeA : ctl::kTypeAaaa;
    // A copy, so that its end is the end of its memory.
    const std::vector<std::uint8_t> message(data + 1, data + size);
    const DnsReply reply = ctl::read_reply(message, "www.example.com", type);
    check(reply);
    const DnsReply both = ctl::joined(reply, ctl::read_reply(message, "b.example", type));
    if (both.kind == DnsReply::Kind::Found) check(both);
    SP_CHECK(both.addresses.size() <= dp::kAnswerAddressesMax);
    return 0;
}
