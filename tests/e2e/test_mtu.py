# SPDX-License-Identifier: Apache-2.0
"""Frames larger than Ethernet's: on both sides, and on one of them."""
from lib.capture import Capture
from lib.gate import Gate, config
from lib.http_origins import HttpPython
from lib.netns import GATE_INSIDE, NEXT_HOP6, server, server6
from lib.origin import BulkOrigin
from lib.scenario import equal, only_on, scenario
from lib.transfers import both_ways
from test_link import ping

NAME, SIZE = "allowed.example", 20_000_000
SNAPLEN = 114  # Ethernet, IPv6 and the longest TCP header
RULE = "{name: web, hosts: [allowed.example], protocols: [tls/443, http/80]}"
takes_jumbo_frames = only_on("af_packet", "virtio_user", "one_arm", because="the taps of DPDK 22.11 send no jumbo frames")


def gate_with(lab, inside, outside):
    """Hosts and links with these MTUs, and a gate that is told of them."""
    lab.wire.add_ipv6()
    lab.wire.set_mtu("inside", inside)
    lab.wire.set_mtu("outside", outside)
    text = config(lab, rules=(RULE,), inside_extra=f", mtu: {inside}", extra="tcp: {client_mss: 8960}\n", ipv6=True)
    hops = f"'{NEXT_HOP6}']"
    assert hops in text, text
    return Gate(lab, text=text.replace(hops, f"{hops}, mtu: {outside}"))


def longest_segments(lab, scheme, address):
    """The longest payload seen inside and outside while octets go down, then up."""
    with Capture(lab, lab.wire.client, "c0", SNAPLEN) as near, Capture(lab, lab.wire.internet, "s0", SNAPLEN) as far:
        both_ways(lab, scheme, NAME, address, SIZE)
        return [max(p.payload_length for p in capture.stop() if p.is_tcp()) for capture in (near, far)]


def jumbo_frames(lab, outside, check):
    """9000 octets inside. `check(longest, header)`: of IP and TCP without options."""
    with gate_with(lab, 9000, outside) as gate:
        assert ping(lab.wire.client, GATE_INSIDE, size=8972), "an echo of 9000 octets"
        for address, header in ((server(10), 40), (server6(10), 60)):
            BulkOrigin(lab, NAME, address)
            HttpPython(lab, address)
            for scheme in ("https", "http"):
                longest = longest_segments(lab, scheme, address)
                assert check(longest, header), f"{scheme}, {address}: longest segments {longest}"
        equal("dropped", (gate.counter("multi_segment"), gate.counter("exceeds_mtu")), (0, 0))


@scenario
@takes_jumbo_frames
def jumbo_frames_on_both_sides(lab):
    jumbo_frames(lab, 9000, lambda longest, header: min(longest) > 8000 and max(longest) <= 9000 - header)


@scenario
@takes_jumbo_frames
def jumbo_frames_inside_only(lab):
    """Each side is told what the other takes; nothing has to be cut or thrown away."""
    jumbo_frames(lab, 1500, lambda longest, header: longest[1] <= 1500 - header)
