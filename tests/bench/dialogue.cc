// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/dialogue.h"

#include "tests/support/client_hello.h"

namespace sallyport::bench {
namespace {

using wire::kAck, wire::kFin, wire::kPsh, wire::kSyn;

constexpr std::size_t kHelloLength = 517;
constexpr std::uint8_t kApplicationData = 23;

// RFC 8446 section 4.1.3, then the encrypted rest of the server's flight.
Octets server_flight() {
    const Octets random(32, 0x33);  // not that of a HelloRetryRequest
    const Octets body = test::joined({{0x03, 0x03}, random, {0, 0x13, 0x01, 0, 0, 0}});
    const Octets hello = test::joined({{2}, test::with_length(3, body)});
    return test::joined({test::record(hello, 22, 0x0303), application_record(1200)});
}

}  // namespace

Octets hello_for(std::string_view name) {
    test::Hello hello = test::Hello::of(name);
    const std::size_t bare = test::record(hello.message()).size();
    SP_CHECK(bare + 4 <= kHelloLength);
    hello.add(test::padding(kHelloLength - bare - 4));
    return test::record(hello.message());
}

Octets application_record(std::size_t length) {
    return test::record(Octets(length, 0xa5), kApplicationData, 0x0303);
}

void open_clients(Crowd& crowd, Sample& sample) {
    crowd.all_clients_send(kSyn);
    crowd.exchange(sample);
    crowd.all_clients_send(kAck);
    crowd.exchange(sample);
}

void say_hello(Crowd& crowd, NameOf name, Sample& sample) {
    for (std::uint32_t i = 0; i < crowd.size(); ++i)
        crowd.client_sends(i, kAck | kPsh, hello_for(name(crowd.serial(i))));
    crowd.exchange(sample);
}

void join(Crowd& crowd, Sample& sample) {
    crowd.all_servers_send(kSyn | kAck);
    crowd.exchange(sample);
    crowd.all_servers_send(kAck | kPsh, server_flight());
    crowd.exchange(sample);
    crowd.all_clients_send(kAck | kPsh, application_record(69));  // Finished
    crowd.exchange(sample);
}

void ask_and_answer(Crowd& crowd, Sample& sample) {
    crowd.all_clients_send(kAck | kPsh, application_record(200));
    crowd.exchange(sample);
    crowd.all_servers_send(kAck | kPsh, application_record(1000));
    crowd.exchange(sample);
}

void close_both(Crowd& crowd, Sample& sample) {
    crowd.all_clients_send(kAck | kFin);
    crowd.exchange(sample);
    crowd.all_servers_send(kAck | kFin);
    crowd.exchange(sample);
    crowd.all_clients_send(kAck);
    crowd.exchange(sample);
}

std::string allowed_name(std::uint32_t number) {
    return std::to_string(number % 1000) + ".allowed.example";
}

std::string denied_name(std::uint32_t number) {
    return std::to_string(number) + ".denied.example";
}

}  // namespace sallyport::bench
