// SPDX-License-Identifier: Apache-2.0
// The steps of an HTTP connection through the gate, for a whole crowd. Besides open_clients() and
// close_both(), which are the same for all protocols.
#pragma once
#include <string>
#include <string_view>

#include "tests/bench/dialogue.h"

namespace sallyport::bench {

inline constexpr std::string_view kPath = "/v1/status";
inline constexpr std::size_t kBodyLength = 213;  // of response()

// A small request as programs send it, about 130 octets.
std::string get(std::string_view host);
// Of 300 octets, head and body; no two numbers in a row have the same body.
std::string response(std::uint32_t number);
std::span<const std::uint8_t> octets_of(std::string_view text);

// Each client sends a request for a name of its own.
void ask(Crowd& crowd, NameOf name, Sample& sample);
// The gate has dialled the servers: they answer its SYN and get the request.
void accept_legs(Crowd& crowd, Sample& sample);

}  // namespace sallyport::bench
