// SPDX-License-Identifier: Apache-2.0
// The responses that the gate gives itself: a short text page that says why, for people and
// programs.
#pragma once
#include <cstdint>
#include <span>
#include <string_view>

#include "dataplane/reason.h"

namespace sallyport::dp {

// The status code with which a request ends for a reason of the gate's own.
std::uint16_t status_of(Reason reason);

struct HttpPage {
    Reason reason = Reason::None;
    std::string_view host{};        // normalised, or empty
    std::string_view request_id{};  // ours, as the log has it
    bool is_head = false;           // the answer to HEAD has no body
};
inline constexpr std::size_t kPageMax = 1024;

// Head and body; the connection closes after it. Views `out`, of kPageMax octets at least.
std::string_view write_page(const HttpPage& page, std::span<char> out);

}  // namespace sallyport::dp
