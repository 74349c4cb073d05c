// SPDX-License-Identifier: Apache-2.0
// IEEE 802.1Q tags. They stand on the wire only: taken off when a frame is received, where the VLAN
// says which port of the gate it came in by, and put on when it is sent. The path never sees one.
// In software, which every device can do; a tag that a driver took off by itself counts as well.
#pragma once
#include <rte_mbuf.h>

#include <array>
#include <cstdint>
#include <optional>

#include "dataplane/frame.h"

namespace sallyport::dp {

// VLAN 0 says "no VLAN" on the wire too (a priority tag).
inline constexpr std::uint16_t kNoVlan = 0;

// Where a port of the gate is: on which of the devices, and in which VLAN of it.
struct Attachment {
    std::uint8_t device = 0;
    std::uint16_t vlan = kNoVlan;
};
using Attachments = std::array<Attachment, kPortsMax>;

// The port that a frame came in by, with its tag taken off; nullopt: none. On a device whose port has
// no VLAN a tagged frame keeps its tag, and the path refuses it (vlan_tagged); so does the second tag
// of a frame that had two.
std::optional<PortIndex> take_off_tag(rte_mbuf& mbuf, std::uint8_t device,
                                      const Attachments& attachments);

// Puts the tag of `vlan` on, unless it is kNoVlan. The headroom of every buffer has room for it.
void put_on_tag(rte_mbuf* mbuf, std::uint16_t vlan);

}  // namespace sallyport::dp
