# SPDX-License-Identifier: Apache-2.0
"""Routers that complain, about inspected sessions: paths that are narrower than both ends, and servers that
cannot be reached."""
import time

from lib.bulk_origin import body_sha256, write_body
from lib.capture import Capture
from lib.gate import Gate, http_gate
from lib.http_origins import HttpPython
from lib.netns import NEXT_HOP, server
from lib.origin import BulkOrigin
from lib.process import run
from lib.scenario import equal, scenario

SIZE = 3_000_000
NARROW = 1280


class NarrowPath:
    """The servers move behind two routers whose link takes less than either end:

      gate -- 1500 -- internet -- 1280 -- middle -- 1500 -- far (the servers)
    """

    def __init__(self, lab):
        wire = lab.wire
        self.router, self.middle, self.far = wire.internet, wire.add_namespace("middle"), wire.add_namespace("far")
        self._link(self.router, "r1", "192.0.2.1", self.middle, "m0", "192.0.2.2", NARROW)
        self._link(self.middle, "m1", "192.0.2.5", self.far, "f0", "192.0.2.6", 1500)
        for ns in (self.router, self.middle):
            ns.sysctl("net.ipv4.ip_forward", 1)
        self.router.ip("route", "del", "local", "198.51.100.0/24", "dev", "lo", "table", "local")
        self.router.ip("route", "add", "198.51.100.0/24", "via", "192.0.2.2")
        self.middle.ip("route", "add", "198.51.100.0/24", "via", "192.0.2.6")
        self.middle.ip("route", "add", "203.0.113.0/24", "via", "192.0.2.1")
        self.far.ip("route", "add", "local", "198.51.100.0/24", "dev", "lo")
        self.far.ip("route", "add", "203.0.113.0/24", "via", "192.0.2.5")
        wire.internet = self.far  # where servers are started from now on

    @staticmethod
    def _link(ns, device, address, other, other_device, other_address, mtu):
        run(["ip", "link", "add", device, "netns", ns.name, "type", "veth",
             "peer", "name", other_device, "netns", other.name])
        for where, name, own in ((ns, device, address), (other, other_device, other_address)):
            where.ip("addr", "add", f"{own}/30", "dev", name)
            where.ip("link", "set", name, "mtu", str(mtu), "up")
            run(["ethtool", "-K", name, "tx", "off", "tso", "off", "gso", "off", "gro", "off"], ns=where)


def upload(lab, url):
    file = lab.path("up")
    write_body(file, SIZE)
    done = lab.curl(url, "-T", file, server=server(10), seconds=60)
    equal("curl", (done.returncode, done.stderr, done.stdout), (0, "", body_sha256(SIZE)))


@scenario
def a_splice_hands_the_complaint_to_the_client(lab):
    path = NarrowPath(lab)
    BulkOrigin(lab, "allowed.example", server(10))
    with Gate(lab) as gate, Capture(lab, path.far, "f0") as arrived:
        upload(lab, "https://allowed.example/up")
        assert gate.counter("icmp_errors_passed") > 0, "no router complained"
        equal("spliced", gate.counter("sessions_spliced"), 1)
        learned = lab.wire.client.ip("route", "get", server(10)).stdout
        assert f"mtu {NARROW}" in learned, learned
        longest = max(p.payload_length for p in arrived.stop() if p.dst == server(10) and p.is_tcp())
        assert longest <= NARROW - 40, f"a segment of {longest} octets"


@scenario
def a_splice_hands_down_what_a_narrow_path_lets_through(lab):
    NarrowPath(lab)
    BulkOrigin(lab, "allowed.example", server(10))
    file = lab.path("down")
    with Gate(lab):
        done = lab.curl(f"https://allowed.example/bytes/{SIZE}", "-o", file, server=server(10), seconds=60)
        equal("curl", (done.returncode, done.stderr), (0, ""))
        with open(file, "rb") as f:
            equal("octets", len(f.read()), SIZE)


@scenario
def a_relay_sends_smaller_segments_itself(lab):
    path = NarrowPath(lab)
    HttpPython(lab, server(10))
    with http_gate(lab) as gate, Capture(lab, lab.wire.client, "c0") as inside, \
            Capture(lab, path.far, "f0") as arrived:
        upload(lab, "http://allowed.example/up")
        equal("legs", gate.counter("mss_lowered"), 1)
        assert not [p for p in inside.stop() if p.src == NEXT_HOP], "the client was told what is not its business"
        longest = max(p.payload_length for p in arrived.stop() if p.dst == server(10) and p.is_tcp())
        assert longest <= NARROW - 40, f"a segment of {longest} octets"


@scenario
def a_server_that_may_not_be_reached_is_given_up_at_once(lab):
    path = NarrowPath(lab)
    path.router.ip("route", "add", "prohibit", f"{server(20)}/32")
    with Gate(lab) as gate:
        begun = time.monotonic()
        done = lab.curl("https://allowed.example/", server=server(20))
        assert done.returncode != 0, "a server that nobody can reach has answered"
        entry = gate.wait_entry(details="upstream_unreachable")
        # connect_timeout is five seconds.
        assert time.monotonic() - begun < 4, "the client had to wait"
        equal("flags", entry["flags"], "UF")
