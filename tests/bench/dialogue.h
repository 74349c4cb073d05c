// SPDX-License-Identifier: Apache-2.0
// The steps of a TLS connection through the gate, for a whole crowd. What is said is the outside of
// TLS: records of the right types and lengths, nothing in them.
#pragma once
#include "tests/bench/crowd.h"

namespace sallyport::bench {

// A ClientHello of the size that OpenSSL sends, 517 octets with its record header.
Octets hello_for(std::string_view name);
Octets application_record(std::size_t length);

void open_clients(Crowd& crowd, Sample& sample);  // SYN, SYN-ACK, ACK
using NameOf = std::string (*)(std::uint32_t number);
void say_hello(Crowd& crowd, NameOf name, Sample& sample);  // to the verdict
void join(Crowd& crowd, Sample& sample);                    // until both are spliced
void ask_and_answer(Crowd& crowd, Sample& sample);          // a request, a response
void close_both(Crowd& crowd, Sample& sample);              // the client first

std::string allowed_name(std::uint32_t number);  // one of the first 1,000
std::string denied_name(std::uint32_t number);

}  // namespace sallyport::bench
