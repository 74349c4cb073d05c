// SPDX-License-Identifier: Apache-2.0
#include "dataplane/dpdk/vlan.h"

#include <rte_ether.h>

#include "tcpstack/base/check.h"

namespace sallyport::dp {
namespace {

constexpr std::uint16_t kVlanMask = 0xfff;  // the rest of the tag is priority, which is not kept
constexpr std::uint16_t kTaggedHeader = sizeof(rte_ether_hdr) + sizeof(rte_vlan_hdr);

// The VLAN that the tag names; kNoVlan when there is no tag.
std::uint16_t strip(rte_mbuf& mbuf) {
    if ((mbuf.ol_flags & RTE_MBUF_F_RX_VLAN_STRIPPED) == 0 &&
        (mbuf.data_len < kTaggedHeader || rte_vlan_strip(&mbuf) != 0))
        return kNoVlan;
    return mbuf.vlan_tci & kVlanMask;
}

}  // namespace

std::optional<PortIndex> take_off_tag(rte_mbuf& mbuf, std::uint8_t device,
                                      const Attachments& attachments) {
    std::optional<std::uint16_t> vlan;
    for (PortIndex port = 0; port < kPortsMax; ++port) {
        const Attachment& at = attachments[port];
        if (at.device != device) continue;
        // A device that is not shared and has no VLAN: what came in by it is the port's.
        if (at.vlan == kNoVlan && (mbuf.ol_flags & RTE_MBUF_F_RX_VLAN_STRIPPED) == 0) return port;
        if (!vlan) vlan = strip(mbuf);
        if (at.vlan != kNoVlan && at.vlan == *vlan) return port;
    }
    return std::nullopt;
}

void put_on_tag(rte_mbuf* mbuf, std::uint16_t vlan) {
    if (vlan == kNoVlan) return;
    mbuf->vlan_tci = vlan;
    const int rc = rte_vlan_insert(&mbuf);
    SP_CHECK(rc == 0);  // a frame without its tag would go to another network
}

}  // namespace sallyport::dp
