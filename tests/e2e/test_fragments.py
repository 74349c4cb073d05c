# SPDX-License-Identifier: Apache-2.0
"""IP fragments of both families, as hosts send them and as attackers do.

Behind af_packet the kernel puts IPv4 datagrams together before the gate sees them (packet(7),
PACKET_FANOUT_FLAG_DEFRAG), and leaves those of IPv6 as they are: what is said of both families runs on the
other wires, and of IPv6 on all.
"""
import os
import socket
import struct

from lib import hello
from lib import packet as wire
from lib.capture import Capture
from lib.families import V4, V6
from lib.gate import Gate
from lib.netns import PUBLIC, PUBLIC6
from lib.origin import Sink
from lib.raw_host import RawHost
from lib.scenario import equal, no_packet_of, only_on, scenario
from lib.udp_peers import UdpEcho, exchange, udp_client

ECHO = 5000
NAME = "allowed.example"
FLOWS = f"{{name: flows, networks: [198.51.100.0/24, '2001:db8:198::/64'], protocols: [udp/{ECHO}]}}"
# Octets of a first fragment: of IPv6 it must hold the whole TCP header (RFC 7112).
FIRST = {V4: 8, V6: 64}
seen_as_sent = only_on("tap", "virtio_user", because="af_packet shows IPv4 datagrams that the kernel has put together")


class Fragmenter(RawHost):
    """Sends every IP packet in fragments: the first of `first` octets, the others of `step`, in an order of
    its own. `overlap`: before the last one some octets of it come with other values."""
    first = step = 8
    backwards = overlap = False
    _ident = 0

    def send_ip(self, datagram):
        self._ident += 1
        header, address, proto = (40, 8, 6) if datagram[0] >> 4 == 6 else (20, 12, 9)
        length = (header - address) // 2
        kind = socket.AF_INET6 if length == 16 else socket.AF_INET
        ends = [socket.inet_ntop(kind, datagram[at:at + length]) for at in (address, address + length)]
        pieces = list(self._cut(datagram[header:]))
        if self.overlap and len(pieces) > 1:
            pieces.insert(-1, (pieces[-1][0], b"\xee" * 8, True))
        for at, octets, more in reversed(pieces) if self.backwards else pieces:
            super().send_ip(wire.fragment(*ends, datagram[proto], self._ident, at, octets, more))

    def _cut(self, body):
        at, end = 0, self.first
        while at < len(body):
            yield at, body[at:end], end < len(body)
            at, end = end, end + self.step


def gate_of(lab, *rules, **settings):
    lab.wire.add_ipv6()
    return Gate(lab, **({"rules": rules} if rules else {}), ipv6=True, **settings)


def fragmenter(lab, family, **how):
    host = Fragmenter(lab, family.client(11))
    host.first = FIRST[family]
    for key, value in how.items():
        setattr(host, key, value)
    return host


# ---- whole datagrams ----

def datagrams_larger_than_the_wire(lab, *families):
    with gate_of(lab, FLOWS) as gate:
        for family in families:
            gathered = gate.counter("datagrams_gathered")
            with UdpEcho(lab.wire.internet, family.server(10), ECHO):
                s = udp_client(lab.wire.client, family.server(10), ECHO)
                for size in (1473, 4000, 30000):
                    data = os.urandom(size)
                    assert exchange(s, data) == data, f"{family.name}: the echo of {size} octets"
            equal("gathered", gate.counter("datagrams_gathered") - gathered, 6)
            equal("waiting", gate.counter("fragments_in_use"), 0)


@seen_as_sent
@scenario
def datagrams_of_both_families_larger_than_the_wire(lab):
    datagrams_larger_than_the_wire(lab, V4, V6)


@scenario
def datagrams_of_ipv6_larger_than_the_wire(lab):
    datagrams_larger_than_the_wire(lab, V6)


# ---- inspected TCP ----

def hello_arrives(lab, *families, **how):
    """What the server gets is what was sent in fragments."""
    octets = hello.client_hello(NAME)
    with gate_of(lab) as gate:
        for family in families:
            before = gate.counter("segments_reassembled")
            with Sink(lab, every=family.every) as sink, fragmenter(lab, family, **how) as host:
                host.connect(family.server(10)).data(0, octets)
                sink.wait_for(family.server(10), octets)
            assert gate.counter("segments_reassembled") > before, f"{family.name}: no segment came in fragments"


@seen_as_sent
@scenario
def a_hello_in_fragments_of_eight_octets(lab):
    hello_arrives(lab, V4, V6)


@seen_as_sent
@scenario
def a_hello_in_fragments_from_behind(lab):
    hello_arrives(lab, V4, V6, step=24, backwards=True)


@scenario
def a_hello_in_fragments_of_ipv6(lab):
    hello_arrives(lab, V6)


@scenario
def a_hello_in_fragments_of_ipv6_from_behind(lab):
    hello_arrives(lab, V6, step=24, backwards=True)


def denied_hello(lab, *families):
    """Nobody decides before all is there; then nothing leaves."""
    octets = hello.client_hello("denied.example")
    with gate_of(lab) as gate, Capture(lab, lab.wire.internet, "s0") as outside:
        for family in families:
            with fragmenter(lab, family) as host:
                connection = host.connect(family.server(10))
                connection.data(0, octets)
                connection.wait_received(hello.UNRECOGNIZED_NAME)
        equal("denied", gate.counter("sni_not_allowed"), len(families))
        no_packet_of(outside.stop(), PUBLIC, PUBLIC6, *(f.server(10) for f in families))


@seen_as_sent
@scenario
def a_denied_hello_in_fragments(lab):
    denied_hello(lab, V4, V6)


@scenario
def a_denied_hello_in_fragments_of_ipv6(lab):
    denied_hello(lab, V6)


def dropped_then_whole(lab, gate, family, reason, how):
    """`how` it is sent in fragments at first is not taken; nobody has judged it, and sent again it arrives."""
    octets = hello.client_hello(NAME)
    before = gate.counters()
    with Sink(lab, every=family.every) as sink, fragmenter(lab, family) as host:
        connection = host.connect(family.server(10))
        for key, value in how.items():
            setattr(host, key, value)
        connection.data(0, octets)
        host.barrier()
        after = gate.counters()
        assert after[reason] > before[reason], f"{family.name}: nothing was dropped"
        equal("sessions", after["sessions_active"], before["sessions_active"])
        host.first, host.overlap = FIRST[family], False
        connection.data(0, octets)
        sink.wait_for(family.server(10), octets)


def overlap_drops_all(lab, *families):
    with gate_of(lab) as gate:
        for family in families:
            dropped_then_whole(lab, gate, family, "fragment_overlap", {"overlap": True})


@seen_as_sent
@scenario
def overlapping_fragments_drop_the_segment(lab):
    overlap_drops_all(lab, V4, V6)


@scenario
def overlapping_fragments_of_ipv6_drop_the_segment(lab):
    overlap_drops_all(lab, V6)


@scenario
def a_first_fragment_of_ipv6_without_the_whole_header(lab):
    """RFC 7112 section 5."""
    with gate_of(lab) as gate:
        dropped_then_whole(lab, gate, V6, "fragment_tiny", {"first": 8})


@scenario
def a_single_fragment_of_ipv6_is_a_packet_like_any_other(lab):
    """RFC 6946."""
    octets = hello.client_hello(NAME)
    with gate_of(lab) as gate, Sink(lab, every=V6.every) as sink, fragmenter(lab, V6, first=2048) as host:
        host.connect(V6.server(10)).data(0, octets)
        sink.wait_for(V6.server(10), octets)
        equal("reassembled", gate.counter("segments_reassembled"), 0)


@scenario
def a_fragment_behind_a_routing_header_is_refused(lab):
    with gate_of(lab) as gate, RawHost(lab, V6.client(11)) as host:
        segment = wire.tcp(host.address, V6.server(10), 40000, 443, seq=1, flags=wire.SYN)
        routing = struct.pack("!BBBBI", wire.FRAGMENT_HEADER, 0, 4, 0, 0)  # without segments
        fragment = wire.fragment(host.address, V6.server(10), 6, 7, 0, segment, False)[40:]
        host.send_ip(wire.ipv6(host.address, V6.server(10), 43, routing + fragment))
        gate.wait_counter("ipv6_extension_header", 1)
        equal("answered", gate.counter("syn_acks_sent"), 0)


# ---- none at all ----

def refused(lab, *families):
    with gate_of(lab, FLOWS, extra="fragments: drop\n") as gate:
        for number, family in enumerate(families, 1):
            with UdpEcho(lab.wire.internet, family.server(10), ECHO):
                s = udp_client(lab.wire.client, family.server(10), ECHO)
                s.send(os.urandom(4000))
                gate.wait_counter("fragment_refused", 3 * number)
                data = os.urandom(1000)
                assert exchange(s, data) == data, f"{family.name}: what is whole"
        equal("gathered", gate.counter("datagrams_gathered"), 0)


@seen_as_sent
@scenario
def fragments_may_be_refused(lab):
    refused(lab, V4, V6)


@scenario
def fragments_of_ipv6_may_be_refused(lab):
    refused(lab, V6)
