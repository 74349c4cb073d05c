# SPDX-License-Identifier: Apache-2.0
"""Routers that complain, of both families: paths that are narrower than both ends, servers that cannot be
reached, and people who only pretend to be routers. The routers are Linux, and so is who hears of it."""
import errno
import http.client
import os
import select
import socket
import struct
import time

from lib import hello, packet
from lib.bulk_origin import body_sha256, write_body
from lib.capture import Capture
from lib.dns import DNS, Dnsmasq, resolver
from lib.families import V4, V6
from lib.gate import HTTP, WEB, Gate, config
from lib.http_origins import HttpPython
from lib.narrow_path import NARROW, NarrowPath
from lib.netns import GATE_INSIDE6, NEXT_HOP, NEXT_HOP6, PUBLIC, PUBLIC6
from lib.origin import BulkOrigin, Nginx, Sink
from lib.scenario import equal, scenario
from lib.udp_peers import udp_client
from lib.waiting import wait_until

BOTH = (V4, V6)
SIZE = 3_000_000
NAME = "allowed.example"
IP_HEADERS = {V4: 40, V6: 60}  # with that of TCP
TOLD = {V4: (socket.IPPROTO_IP, 11), V6: (socket.IPPROTO_IPV6, 25)}  # IP_RECVERR, IPV6_RECVERR
HOPS = {V4: (socket.IPPROTO_IP, socket.IP_TTL), V6: (socket.IPPROTO_IPV6, socket.IPV6_UNICAST_HOPS)}
IPV6_MTU_DISCOVER, IPV6_MTU, PMTUDISC_DO = 23, 24, 2


def gate_of(lab, *rules, **settings):
    return Gate(lab, rules=rules or (WEB, HTTP.replace("web", "plain")), ipv6=True, **settings)


def longest_to(packets, address):
    return max(p.payload_length for p in packets if p.dst == address and p.is_tcp())


def upload(lab, scheme, address):
    file = lab.path("up")
    write_body(file, SIZE)
    done = lab.curl(f"{scheme}://{NAME}/up", "-T", file, "-H", "Expect:", server=address, seconds=60)
    equal("curl", (done.returncode, done.stderr, done.stdout), (0, "", body_sha256(SIZE)))


# ---- too big ----

@scenario
def a_splice_hands_the_complaint_to_the_client(lab):
    path = NarrowPath(lab)
    with gate_of(lab) as gate:
        for number, family in enumerate(BOTH, 1):
            address, passed = family.server(10), gate.counter("icmp_errors_passed")
            BulkOrigin(lab, NAME, address)
            with Capture(lab, path.far, "f0", 128) as arrived:
                upload(lab, "https", address)
                longest = longest_to(arrived.stop(), address)
            assert gate.counter("icmp_errors_passed") > passed, f"{family.name}: no router complained"
            equal("spliced", gate.counter("sessions_spliced"), number)
            learned = lab.wire.client.ip(family.option, "route", "get", address).stdout
            assert f"mtu {NARROW}" in learned, learned
            assert longest <= NARROW - IP_HEADERS[family], f"{family.name}: a segment of {longest} octets"


@scenario
def a_splice_hands_down_what_a_narrow_path_lets_through(lab):
    NarrowPath(lab)
    file = lab.path("down")
    with gate_of(lab):
        for family in BOTH:
            BulkOrigin(lab, NAME, family.server(10))
            done = lab.curl(f"https://{NAME}/bytes/{SIZE}", "-o", file, server=family.server(10), seconds=60)
            equal("curl", (done.returncode, done.stderr), (0, ""))
            equal("octets", os.path.getsize(file), SIZE)


@scenario
def a_relay_sends_smaller_segments_itself(lab):
    path = NarrowPath(lab)
    with gate_of(lab) as gate:
        for number, family in enumerate(BOTH, 1):
            address = family.server(10)
            HttpPython(lab, address)
            with Capture(lab, lab.wire.client, "c0", 128) as inside, Capture(lab, path.far, "f0", 128) as arrived:
                upload(lab, "http", address)
                told = [p for p in inside.stop() if p.src in (NEXT_HOP, NEXT_HOP6)]
                longest = longest_to(arrived.stop(), address)
            equal("legs", gate.counter("mss_lowered"), number)
            assert not told, f"{family.name}: the client was told what is not its business"
            assert longest <= NARROW - IP_HEADERS[family], f"{family.name}: a segment of {longest} octets"
        gate.wait_pools_empty()


@scenario
def a_smaller_mtu_behind_the_gate_is_found_out_over_ipv6(lab):
    """By datagrams of a layer-4 rule: there the gate is the router."""
    lab.wire.add_ipv6()
    rule = "{name: flows, networks: ['2001:db8:198::/64'], protocols: [udp/5000]}"
    text = config(lab, rules=(rule,), ipv6=True)
    text = text.replace(f"'{NEXT_HOP6}']", f"'{NEXT_HOP6}'], mtu: 1400")
    with Gate(lab, text=text) as gate, udp_client(lab.wire.client, V6.server(10), 5000) as s:
        s.setsockopt(socket.IPPROTO_IPV6, IPV6_MTU_DISCOVER, PMTUDISC_DO)
        s.send(b"x" * 1450)
        wait_until("the kernel to have learned the MTU", lambda: s.getsockopt(socket.IPPROTO_IPV6, IPV6_MTU) == 1400)
        equal("dropped", gate.counter("exceeds_mtu"), 1)


# ---- not to be reached ----

@scenario
def a_server_that_may_not_be_reached_is_given_up_at_once(lab):
    path = NarrowPath(lab)
    with gate_of(lab) as gate:
        for family in BOTH:
            path.refuse(family, 20, "prohibit")
            begun = time.monotonic()
            done = lab.curl(f"https://{NAME}/", server=family.server(20))
            assert done.returncode != 0, "a server that nobody can reach has answered"
            destination = family.server(20) if family is V4 else f"[{family.server(20)}]"
            entry = gate.wait_entry(details="upstream_unreachable", downstream_local=f"{destination}:443")
            # connect_timeout is five seconds.
            assert time.monotonic() - begun < 4, f"{family.name}: the client had to wait"
            equal("flags", entry["flags"], "UF")


@scenario
def the_next_address_is_tried_at_once(lab):
    """Of a name with two the first cannot be reached, for ever (prohibit) or for now (unreachable)."""
    path = NarrowPath(lab)
    rule = f"{{name: web, hosts: [{NAME}, '*.wild.example'], protocols: [tls/443]}}"
    names = {NAME: (20, "prohibit"), "a.wild.example": (21, "unreachable")}
    records = {name: [f.server(n) for f in BOTH for n in (bad, 10)] for name, (bad, _) in names.items()}
    with Dnsmasq(lab, records), gate_of(lab, rule, extra=resolver(DNS)) as gate:
        for family in BOTH:
            Nginx(lab, dict.fromkeys(names, family.server(10)))
            for name, (bad, how) in names.items():
                path.refuse(family, bad, how)
                begun = time.monotonic()
                done = lab.curl(f"https://{name}/", server=family.server(bad))
                equal("curl", (done.returncode, done.stdout), (0, f"hello from {name}\n"))
                assert time.monotonic() - begun < 4, f"{family.name}, {how}: the client had to wait"
        equal("given up", gate.counter("addresses_failed"), 4)


def open_splice(lab, gate, family, number):
    """A connection of the client's kernel that has become a splice."""
    spliced = gate.counter("sessions_spliced")
    with lab.wire.client.inside():
        s = socket.socket(family.kind, socket.SOCK_STREAM)
    s.settimeout(5)
    s.connect((family.server(number), 443))
    s.sendall(hello.client_hello(NAME))
    equal("answer", s.recv(4096), hello.SERVER_HELLO)
    gate.wait_counter("sessions_spliced", spliced + 1)
    return s


@scenario
def of_a_splice_every_error_reaches_the_clients_own_socket(lab):
    """Its kernel takes an error only if the checksum is right and it quotes what it has sent itself and is not
    acknowledged yet."""
    path = NarrowPath(lab)
    kinds = {30: ("prohibit", {V4: errno.EHOSTUNREACH, V6: errno.EACCES}),
             31: ("unreachable", {V4: errno.EHOSTUNREACH, V6: errno.ENETUNREACH}),
             32: ("hops", dict.fromkeys(BOTH, errno.EHOSTUNREACH))}
    with gate_of(lab) as gate:
        for family in BOTH:
            with Sink(lab, every=family.every):
                for number, (how, errors) in kinds.items():
                    with open_splice(lab, gate, family, number) as s:
                        passed = gate.counter("icmp_errors_passed")
                        s.setsockopt(*TOLD[family], 1)
                        if how == "hops":
                            s.setsockopt(*HOPS[family], 2)  # the gate is the first, the router the second
                        else:
                            path.refuse(family, number, how)
                        s.sendall(b"is anybody there?")
                        assert select.select([s], [], [], 5)[0], f"{family.name}, {how}: the client was not told"
                        told = s.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
                        equal(f"{family.name}, {how}: error", told, errors[family])
                        assert gate.counter("icmp_errors_passed") > passed
                        s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))  # not to go on


@scenario
def a_closed_port_is_reported_over_ipv6(lab):
    lab.wire.add_ipv6()
    rule = "{name: flows, networks: ['2001:db8:198::/64'], protocols: [udp/5000]}"
    with gate_of(lab, rule) as gate, udp_client(lab.wire.client, V6.server(10), 5000) as s:
        s.send(b"anybody there?")
        try:
            raise AssertionError(f"an answer: {s.recv(100)}")
        except ConnectionRefusedError:
            pass
        equal("passed", gate.counter("icmp_errors_passed"), 1)


def trace6(lab, address, hops):
    """Who answers an echo request with this hop limit, as the kernel of the client hears it: (type, source)."""
    with lab.wire.client.inside():
        s = socket.socket(socket.AF_INET6, socket.SOCK_RAW, socket.IPPROTO_ICMPV6)
    body = struct.pack("!HH", 0x7ACE, hops) + b"trace"
    with s:
        s.settimeout(5)
        s.setsockopt(*HOPS[V6], hops)
        s.sendto(b"\x80\0\0\0" + body, (address, 0))  # the kernel sets the checksum
        while True:
            reply, peer = s.recvfrom(4096)
            kind = reply[0]
            # An error quotes the IPv6 header and the request; a reply is one.
            if kind != 128 and (reply[48 if kind < 128 else 0:])[4:8] == body[:4]:
                return kind, peer[0]


@scenario
def traceroute_over_ipv6_sees_every_hop(lab):
    path = NarrowPath(lab)
    rule = "{name: flows, networks: ['2001:db8:198::/64'], protocols: [icmp]}"
    with gate_of(lab, rule):
        equal("the gate", trace6(lab, V6.server(10), 1), (3, GATE_INSIDE6))
        equal("the router", trace6(lab, V6.server(10), 2), (3, NEXT_HOP6))
        equal("the one behind it", trace6(lab, V6.server(10), 3)[0], 3)
        equal("the server", trace6(lab, V6.server(10), 4), (129, V6.server(10)))
        path.refuse(V6, 20, "prohibit")
        equal("a prohibited server", trace6(lab, V6.server(20), 64), (1, NEXT_HOP6))


# ---- who only pretends ----

class Impostor:
    """Sends errors about what the gate sent to a server, as who has guessed its ports."""
    # (type, code, MTU): prohibited, port, too big, time exceeded.
    KINDS = {V4: ((3, 13, 0), (3, 3, 0), (3, 4, 1280), (11, 0, 0)), V6: ((1, 1, 0), (1, 4, 0), (2, 0, 1280), (3, 0, 0))}

    def __init__(self, ns, family, port, server):
        self.family, self.port, self.server = family, port, server
        self.public = PUBLIC if family is V4 else PUBLIC6
        with ns.inside():
            self._socket = socket.socket(family.kind, socket.SOCK_RAW,
                                         socket.IPPROTO_ICMP if family is V4 else socket.IPPROTO_ICMPV6)

    def send(self, kind, seq):
        number, code, mtu = kind
        segment = packet.tcp(self.public, self.server[0], self.port, self.server[1], seq=seq, payload=bytes(1300))
        body = struct.pack("!I", mtu) + packet.ip(self.public, self.server[0], 6, segment)[:500]
        head = struct.pack("!BBH", number, code, 0)
        if self.family is V4:  # of IPv6 the kernel does it
            head = struct.pack("!BBH", number, code, packet.checksum(head + body))
        self._socket.sendto(head + body, (self.public, 0))


def lies_change_nothing(gate, family, server, ns, octets):
    """`octets()` sends some by the idle connection and returns once they have come back or arrived."""
    row = [r for r in gate.sessions() if server[0] in r["server"]][0]
    impostor = Impostor(ns, family, int(row["egress"].rsplit(":", 1)[1]), server)
    before = gate.counters()
    for seq in (0, 1 << 30, 2 << 30, 3 << 30):
        for kind in impostor.KINDS[family]:
            impostor.send(kind, seq)
    octets()
    return {name: value - before.get(name, 0) for name, value in gate.counters().items() if name.startswith("icmp_")}


@scenario
def nobody_ends_a_splice_by_guessing(lab):
    """RFC 5927 section 4.1: nothing is in flight, so whatever sequence number is quoted is wrong."""
    lab.wire.add_ipv6()
    with gate_of(lab) as gate:
        for family in BOTH:
            with Sink(lab, every=family.every) as sink, open_splice(lab, gate, family, 10) as s:
                s.setsockopt(*TOLD[family], 1)

                def more(s=s, sink=sink, family=family):
                    gate.wait_counter("icmp_not_in_flight", counted + 16)
                    s.sendall(b"still here")
                    wait_until("the rest", lambda: sink.of(family.server(10))[0].received.endswith(b"still here"))
                counted = gate.counter("icmp_not_in_flight")
                changed = lies_change_nothing(gate, family, (family.server(10), 443), lab.wire.internet, more)
                equal("passed on", changed["icmp_errors_passed"], 0)
                equal("error", s.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR), 0)


@scenario
def nobody_ends_or_slows_a_relay_by_guessing(lab):
    lab.wire.add_ipv6()
    with gate_of(lab) as gate:
        for family in BOTH:
            HttpPython(lab, family.server(10))
            with lab.wire.client.inside():
                s = socket.socket(family.kind, socket.SOCK_STREAM)
            s.settimeout(5)
            with s:
                s.connect((family.server(10), 80))
                connection = http.client.HTTPConnection(NAME)
                connection.sock = s

                def again(connection=connection):
                    connection.request("GET", "/")
                    response = connection.getresponse()
                    equal("answer", (response.status, len(response.read()) > 0), (200, True))
                again()
                changed = lies_change_nothing(gate, family, (family.server(10), 80), lab.wire.internet, again)
                # What is no matter of size is soft; of the others no segment is in flight.
                equal("soft", changed["icmp_errors_soft"], 12)
                equal("not in flight", changed["icmp_not_in_flight"], 4)
                equal("made smaller", gate.counter("mss_lowered"), 0)
