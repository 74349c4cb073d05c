// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/benchmark.h"

#include "tests/bench/addresses.h"

namespace sallyport::bench {

const std::vector<Description>& benchmarks() {
    static const std::vector<Description> list{
        {"splice-64", "packet", "16 spliced sessions, both ways, frames of 64 octets", 256, 60,
         make_splice_small},
        {"splice-options", "packet", "the same with timestamps and a SACK block, 82 octets", 256,
         78, make_splice_options},
        {"splice-1400", "packet", "the same, frames of 1,400 octets", 256, 1396, make_splice_large},
        {"denied", "connection", "handshake, hello of a denied name, alert, close", 48, 60,
         make_denied},
        {"allowed", "connection", "both handshakes, hello, one request and response, both close",
         48, 60, make_allowed},
        {"http-request", "request", "kept-alive HTTP: a GET, a response of 300 octets, ACKs", 48,
         60, make_http_request, cfg::Protocol::Http},
        {"http-denied", "connection", "handshake, GET of a denied host, 403 page, closes", 48, 60,
         make_http_denied, cfg::Protocol::Http},
        {"relay-large", "packet", "16 long HTTP responses, frames of 1,400 octets, ACKs", 256, 1396,
         make_relay_large, cfg::Protocol::Http},
        {"syn-flood", "SYN", "SYNs of spoofed clients, each answered with a cookie", 256, 74,
         make_syn_flood},
        {"verdict", "verdict", "hello parsed and its name matched against 1,000, half are allowed",
         96, 0, make_verdict},
        {"idle-turn", "turn", "a turn of the worker with nothing to do", 2048, 0, make_idle},
    };
    return list;
}

Sample swap_macs(Rig& rig, std::size_t frame_length, std::uint32_t turns) {
    const Octets frame(frame_length, 0x5a);
    Octets back;
    Sample sample;
    for (std::uint32_t t = 0; t < turns; ++t) {
        for (dp::PortIndex port = 0; port < dp::kPortsMax; ++port)
            for (std::size_t i = 0; i < dp::kBurstMax; ++i) rig.arrive(port, frame);
        const auto cycles = cycles_of([&] { rig.swap_macs(); });
        sample.add(cycles ? Sample{*cycles, dp::kBurstMax * dp::kPortsMax, 0} : Sample{0, 0, 1});
        for (dp::PortIndex port = 0; port < dp::kPortsMax; ++port)
            while (rig.departed(port, back)) expect(back == frame, "a swapped frame was changed");
    }
    return sample;
}

}  // namespace sallyport::bench
