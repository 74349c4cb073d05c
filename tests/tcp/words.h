// SPDX-License-Identifier: Apache-2.0
// The words of packet scripts: numbers, times, flags and named octets.
#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "tcpstack/base/time.h"
#include "tests/support/frame_builder.h"

namespace sallyport::test {

struct ScriptError : std::runtime_error {
    using std::runtime_error::runtime_error;
};

using Names = std::map<std::string, Octets, std::less<>>;  // what `let` has named

// "1s", "200ms", "4m", "2h"; "1h30m" is not needed and not read.
Duration duration_of(std::string_view word);

// "SYN.ACK"; ACK is implied but for SYN and RST alone. NONE is no flag at all.
std::uint8_t flags_of(std::string_view word);
std::string text_of_flags(std::uint8_t flags);

// Whether the word stands in a line, and the word behind it.
bool has(const std::vector<std::string>& words, std::string_view word);
std::optional<std::string> after(const std::vector<std::string>& words, std::string_view word);

// Numbers and sizes of named octets, joined by + and -: "1+H", "0xfffffff0".
std::uint32_t number_of(std::string_view word, const Names& names);

// Pieces joined by +, each a name or one of
//   hello(NAME) hello_pq(NAME) hello_without_name server_hello hrr alert ccs
//   appdata(N) (a record of N octets) bytes(N) other(N) text(...)
// (N of bytes and other may be a name, which stands for its size)
// and, behind it, an optional [from:to].
Octets octets_named(std::string_view word, const Names& names);

}  // namespace sallyport::test
