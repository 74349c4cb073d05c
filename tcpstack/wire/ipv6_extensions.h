// SPDX-License-Identifier: Apache-2.0
// The extension headers that an IPv6 packet may have here (RFC 8200 section 4): a short allow list,
// since what stands in them passes no judgement.
//
//   hop-by-hop options   padding and router alert (RFC 2711)
//   destination options  padding
//   fragment
//
// In this order, each once, of kExtensionOctetsMax octets together, and padding as senders write it
// (RFC 8200 section 4.2: zeros; at most seven in a row, as Linux wants). Behind a fragment header
// stands the transport header at once, in every fragment (RFC 7112).
#pragma once
#include <cstddef>
#include <cstdint>
#include <span>

namespace sallyport::wire {

inline constexpr std::size_t kExtensionOctetsMax = 64;

struct ExtensionHeaders {
    bool allowed = false;       // the rest has a meaning only then
    std::uint8_t protocol = 0;  // of the transport header; it may be one that nobody knows
    std::size_t length = 0;     // of all of them, in octets
    bool has_fragment = false;  // the fragment header is the last one
    bool router_alert = false;  // among the hop-by-hop options
};

// `octets`: what follows the IPv6 header, up to the end of the packet. Never reads outside.
ExtensionHeaders read_extensions(std::uint8_t next_header, std::span<const std::uint8_t> octets);

}  // namespace sallyport::wire
