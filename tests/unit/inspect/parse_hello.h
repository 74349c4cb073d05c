// SPDX-License-Identifier: Apache-2.0
// Parses with scratch space of exactly the size that is promised to suffice, and with a stream
// whose end is the end of its memory, so that a sanitizer sees every octet read outside.
#pragma once
#include <span>
#include <string_view>
#include <vector>

#include "dataplane/inspect/client_hello.h"

namespace sallyport::dp::inspect {

struct Parsed {
    HelloResult result;
    ClientHello hello;
    std::string_view name() const { return hello.name.view(); }
};

inline Parsed parse(std::span<const std::uint8_t> stream) {
    const std::vector<std::uint8_t> exact(stream.begin(), stream.end());
    std::vector<std::uint8_t> scratch(stream.size());
    Parsed parsed;
    parsed.result = parse_client_hello(exact, scratch, parsed.hello);
    return parsed;
}

}  // namespace sallyport::dp::inspect
