// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/http_dialogue.h"

namespace sallyport::bench {
namespace {

using wire::kAck, wire::kPsh, wire::kSyn;

constexpr std::size_t kResponseLength = 300;

}  // namespace

std::string get(std::string_view host) {
    std::string out = "GET ";
    out.append(kPath).append(" HTTP/1.1\r\nHost: ").append(host);
    out.append("\r\nUser-Agent: bench/1.0 (load generator)\r\nAccept: */*\r\n");
    return out.append("Accept-Encoding: gzip, deflate\r\n\r\n");
}

std::string response(std::uint32_t number) {
    std::string out = "HTTP/1.1 200 OK\r\nServer: bench\r\nContent-Type: application/json\r\n";
    out.append("Content-Length: ").append(std::to_string(kBodyLength)).append("\r\n\r\n");
    out.append(kBodyLength, static_cast<char>('a' + number % 26));
    expect(out.size() == kResponseLength, "a response of the wrong length");
    return out;
}

std::span<const std::uint8_t> octets_of(std::string_view text) {
    return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

void ask(Crowd& crowd, NameOf name, Sample& sample) {
    for (std::uint32_t i = 0; i < crowd.size(); ++i)
        crowd.client_sends(i, kAck | kPsh, octets_of(get(name(crowd.serial(i)))));
    crowd.exchange(sample);
}

void accept_legs(Crowd& crowd, Sample& sample) {
    crowd.all_servers_send(kSyn | kAck);
    crowd.exchange(sample);
    for (std::uint32_t i = 0; i < crowd.size(); ++i)
        expect(crowd.server(i).received() == crowd.client(i).sent(), "a request did not come");
}

}  // namespace sallyport::bench
