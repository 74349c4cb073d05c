// SPDX-License-Identifier: Apache-2.0
// The packet that an ICMP error quotes, made again what the receiver of the error had sent (RFC 5508
// section 4): its addresses, its ports or identifier, the numbers of TCP, and both of its checksums as
// far as they are quoted. Options and window of a splice stay as they went out.
#pragma once
#include <cstdint>
#include <span>

#include "dataplane/session/flow_record.h"

namespace sallyport::dp {

// `lines` are of the direction in which the error travels, so the quoted packet went against it.
// `quoted` is what read_quote() (icmp_quote.h) has read, of the family in the name.
void translate_quote4(const FlowLines& lines, std::span<std::uint8_t> quoted);
void translate_quote6(const FlowLines& lines, std::span<std::uint8_t> quoted);

}  // namespace sallyport::dp
