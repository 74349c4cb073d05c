// SPDX-License-Identifier: Apache-2.0
// What became of one session of a capture.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "tcpstack/base/endpoint.h"
#include "tools/sallyctl/replay/fragments.h"
#include "tools/sallyctl/replay/judge.h"

namespace sallyport::replay {

enum class Transport : std::uint8_t { Tcp, Udp, Icmp, Other };

struct RequestRecord {
    std::string method, host;
    Judgement judgement;
};

struct Record {
    std::uint64_t first_packet = 0;  // number in the capture, from 1 on
    Time start{};
    FourTuple client;  // src: the client; ports are 0 where the transport has none
    Transport transport = Transport::Tcp;
    std::uint8_t ip_protocol = 6;
    std::uint32_t syn = 0;  // sequence number of the client's SYN, when the capture has one
    Spoken spoken = Spoken::Other;
    std::string name;
    Judgement judgement;  // of HTTP: of the first request that is denied, else of the last one
    std::vector<RequestRecord> requests;
    std::uint64_t requests_left_out = 0;  // beyond kRequestsMax; judged like all others
    // What makes the record less than certain.
    bool has_gap = false;     // octets of the client are not in the capture
    bool was_evicted = false;  // judged before its end, for lack of memory

    static constexpr std::size_t kRequestsMax = 1000;
};

}  // namespace sallyport::replay
