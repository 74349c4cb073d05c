// SPDX-License-Identifier: Apache-2.0
// Frames of a capture through decoding, reassembly and judgement. The first octet chooses the link;
// then frames, each behind its length of two octets.
#include <algorithm>
#include <cstdint>
#include <span>
#include <vector>

#include "config/load.h"
#include "tcpstack/base/check.h"
#include "tools/sallyctl/replay/sessions.h"

namespace {

using namespace sallyport;

const ctl::OfflinePolicy& policy() {
    static const ctl::OfflinePolicy kPolicy(cfg::load_text(R"(apiVersion: sallyport/v1
ports:
  inside:  {device: net_null0, addresses: [10.10.0.1/24]}
  outside: {device: net_null1, addresses: [203.0.113.2/24], next_hop: [203.0.113.1]}
egress: [{name: public, addresses: [203.0.113.7]}]
policy:
  rules: [{name: web, hosts: [allowed.example, "*.wild.example"], protocols: [tls/443, http/80]}]
)", "fuzz.yaml").model.value());
    return kPolicy;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const replay::Judge judge(policy(), nullptr);
    std::uint64_t records = 0, last = 0;
    replay::Sessions sessions(
        judge,
        [&](const replay::Record& r) {
            ++records;
            SP_ASSERT(r.first_packet > last);
            last = r.first_packet;
        },
        {.open = 8, .octets = 4096, .over = 4});
    const auto link = static_cast<replay::LinkType>(data[0] % 5);
    std::size_t at = 1;
    for (std::int64_t n = 0; at + 2 <= size; ++n) {
        const std::size_t wanted = (data[at] * std::size_t{256} + data[at + 1]) % 2048;
        const std::size_t length = std::min(wanted, size - at - 2);
        // A copy, so that its end is the end of its memory.
        const std::vector<std::uint8_t> frame(data + at + 2, data + at + 2 + length);
        sessions.add(link, frame, replay::Time(std::chrono::milliseconds(n)));
        at += 2 + length;
    }
    sessions.end();
    SP_ASSERT(records == sessions.totals().sessions);
    return 0;
}
