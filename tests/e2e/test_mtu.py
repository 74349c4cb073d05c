# SPDX-License-Identifier: Apache-2.0
"""Frames larger than Ethernet's: on both sides, and on one of them."""
from lib.bulk_origin import body_sha256, sha256_of, write_body
from lib.capture import Capture
from lib.gate import Gate, config
from lib.http_origins import HttpPython
from lib.netns import GATE_INSIDE, NEXT_HOP, server
from lib.origin import BulkOrigin
from lib.scenario import equal, only_on, scenario
from test_link import ping

NAME, SIZE, SNAPLEN = "allowed.example", 20_000_000, 110
RULE = "{name: web, hosts: [allowed.example], protocols: [tls/443, http/80]}"


def gate_with(lab, inside, outside):
    """Hosts and links with these MTUs, and a gate that is told of them."""
    lab.wire.set_mtu("inside", inside)
    lab.wire.set_mtu("outside", outside)
    text = config(lab, rules=(RULE,), inside_extra=f", mtu: {inside}", extra="tcp: {client_mss: 8960}\n")
    return Gate(lab, text=text.replace(f"next_hop: [{NEXT_HOP}]", f"next_hop: [{NEXT_HOP}], mtu: {outside}"))


def transfers(lab, scheme):
    """Down, then up; returns the longest payload seen inside and outside."""
    file, body = lab.path("down"), lab.path("up")
    write_body(body, SIZE)
    with Capture(lab, lab.wire.client, "c0", SNAPLEN) as near, Capture(lab, lab.wire.internet, "s0", SNAPLEN) as far:
        done = lab.curl(f"{scheme}://{NAME}/bytes/{SIZE}", "-o", file, server=server(10), seconds=60)
        equal("curl down", (done.returncode, done.stderr), (0, ""))
        equal("sha256 down", sha256_of(file), body_sha256(SIZE))
        done = lab.curl(f"{scheme}://{NAME}/up", "-T", body, "-H", "Expect:", server=server(10), seconds=60)
        equal("curl up", (done.returncode, done.stderr, done.stdout), (0, "", body_sha256(SIZE)))
        return [max(p.payload_length for p in capture.stop() if p.is_tcp()) for capture in (near, far)]


@scenario
@only_on("af_packet", "virtio_user", "one_arm", because="the taps of DPDK 22.11 send no jumbo frames")
def jumbo_frames_on_both_sides(lab):
    BulkOrigin(lab, NAME, server(10))
    HttpPython(lab, server(10))
    with gate_with(lab, 9000, 9000) as gate:
        assert ping(lab.wire.client, GATE_INSIDE, size=8972), "an echo of 9000 octets"
        for scheme in ("https", "http"):
            longest = transfers(lab, scheme)
            assert min(longest) > 8000, f"{scheme}: longest segments {longest}"
            assert max(longest) <= 8960, f"{scheme}: longest segments {longest}"
        equal("dropped", (gate.counter("multi_segment"), gate.counter("exceeds_mtu")), (0, 0))


@scenario
@only_on("af_packet", "virtio_user", "one_arm", because="the taps of DPDK 22.11 send no jumbo frames")
def jumbo_frames_inside_only(lab):
    """Each side is told what the other takes; nothing has to be cut or thrown away."""
    BulkOrigin(lab, NAME, server(10))
    HttpPython(lab, server(10))
    with gate_with(lab, 9000, 1500) as gate:
        assert ping(lab.wire.client, GATE_INSIDE, size=8972), "an echo of 9000 octets"
        for scheme in ("https", "http"):
            longest = transfers(lab, scheme)
            assert longest[1] <= 1460, f"{scheme}: longest segments {longest}"
        equal("dropped", (gate.counter("multi_segment"), gate.counter("exceeds_mtu")), (0, 0))
