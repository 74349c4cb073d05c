// SPDX-License-Identifier: Apache-2.0
// What binding a name to addresses comes to when the addresses are given: for explain and replay,
// which ask no resolver. The workers do the same with what they have resolved, address by address
// (session/binding.h).
#pragma once
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "dataplane/policy/generation.h"

namespace sallyport::dp::policy {

enum class Binding : std::uint8_t {
    None,        // it did not come to that
    NotChecked,  // the addresses of the name are not known, or the client's is not
    Verified,    // the client's address is one of the name's
    Mismatch,    // it is none of them
    Resolved,    // the rule dials the gate's own answer, whatever the client chose
    Static,      // the rule dials its endpoints
    Original,    // the client's address, inside the networks of the rule
};
std::string_view text(Binding binding);

struct KnownBinding {
    Binding binding = Binding::NotChecked;
    Reason refused = Reason::None;        // DstMismatch, DnsFailed, NoFamily
    std::optional<IpAddr> redirected_to = {};  // dialled instead of the client's address
};

// Of a verdict that lets something pass. `destination` is the client's choice; nullopt: none is
// known. `known` are the addresses of the name (or of the rule's own), empty when nobody knows.
KnownBinding bind_known(const Generation& generation, const Verdict& verdict,
                        const std::optional<IpAddr>& destination, std::span<const IpAddr> known);

}  // namespace sallyport::dp::policy
