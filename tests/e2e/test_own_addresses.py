# SPDX-License-Identifier: Apache-2.0
"""The gate's own addresses on its links: what an operator sees when another station has one of them, how they are
defended, and what switches are told that filter multicast."""
import http.client
import itertools
import socket
import ssl

from lib import packet
from lib.bulk_origin import body
from lib.capture import Capture, read
from lib.families import V4, V6
from lib.gate import Gate
from lib.netns import CLIENT6, GATE_INSIDE6, GATE_OUTSIDE6, PUBLIC, PUBLIC6
from lib.origin import BulkOrigin
from lib.process import run
from lib.scenario import equal, scenario
from lib.waiting import wait_until
from test_neighbors6 import OVERRIDE, ping

REPORTS = {1: 131, 2: 143}  # the ICMPv6 types, RFC 2710 and RFC 3810
OTHER = "02:00:00:00:00:55"
OTHER_MAC = bytes.fromhex(OTHER.replace(":", ""))
NAME = "allowed.example"


def duplicates(gate, port="outside"):
    return [p["duplicates"] for p in gate.get("/v1/ports")["ports"] if p["port"] == port][0]


def shown_everywhere(gate, line, log):
    """In the ports, in the health of the gate and, once, in its log."""
    assert line in gate.sallyctl("ports").stdout, gate.sallyctl("ports").stdout
    assert f"port outside: {line}" in gate.get("/v1/status")["health_reasons"], gate.get("/v1/status")
    wait_until(f"{log!r} in the log", lambda: log in gate.log(), 10)
    equal("log lines", gate.log().count(log), 1)


@scenario
def an_ipv6_address_that_somebody_has_is_named(lab):
    lab.wire.add_ipv6()
    lab.wire.internet.ip("-6", "addr", "add", f"{PUBLIC6}/64", "dev", "s0")
    mac = lab.wire.internet.mac("s0").hex(":")
    line = f"{PUBLIC6} is also at {mac}; the gate does not answer for it"
    with Gate(lab, ipv6=True) as gate:
        wait_until(f"{line!r}, is {duplicates(gate)}", lambda: duplicates(gate) == [line], 10)
        shown_everywhere(gate, line, f"port=outside address={PUBLIC6} mac={mac}")
        equal("inside", duplicates(gate, "inside"), [])
        # Asked for by the station that has the other one, and as from that.
        assert ping(lab.wire.internet, GATE_OUTSIDE6), "the others stay"


@scenario
def an_ipv4_address_that_somebody_claims_is_named(lab):
    """By a gratuitous ARP, as a host does that was given the address; the gate goes on to answer."""
    line = f"{PUBLIC} is also at {OTHER}; the gate answers for it too"
    with Gate(lab) as gate:
        with lab.wire.internet.inside(), socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0) as s:
            s.bind(("s0", 0))
            s.send(claim_of(PUBLIC))
        wait_until(f"{line!r}, is {duplicates(gate)}", lambda: duplicates(gate) == [line], 10)
        equal("counted", gate.counter("duplicate_address"), 1)
        shown_everywhere(gate, line, f"port=outside address={PUBLIC} mac={OTHER}")


def claim_of(address):
    """What another station says that has taken the address: gratuitous ARP, or an advertisement that overrides."""
    if not packet.is_v6(address):
        claim = packet.arp(1, OTHER_MAC, address, b"\0" * 6, address)
        return packet.ethernet(b"\xff" * 6, OTHER_MAC, packet.ARP, claim).ljust(60, b"\0")
    claim = packet.neighbor_message(packet.ADVERTISEMENT, address, "ff02::1", address, OTHER_MAC, OVERRIDE)
    return packet.ethernet(b"\x33\x33\0\0\0\1", OTHER_MAC, packet.IPV6, claim)


class SecondHost:
    """Another station on the inside link: all three hang on a bridge now, and it is the bridge's own end."""

    def __init__(self, lab):
        self.ns = ns = lab.wire.splice_in("inside")
        ns.ip("link", "add", "br0", "address", OTHER, "type", "bridge", "mcast_snooping", "0")
        for device in ("b0", "b1"):
            ns.ip("link", "set", device, "master", "br0")
        ns.ip("link", "set", "br0", "up")

    def claim(self, address):
        with self.ns.inside(), socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0) as s:
            s.bind(("br0", 0))
            s.send(claim_of(address))


class OpenSession:
    """A connection of a client that stays open between its requests."""

    def __init__(self, lab, address):
        context = ssl.create_default_context(cafile=lab.authority.ca)
        with lab.wire.client.inside():
            sock = socket.create_connection((address, 443), timeout=30)
        self.http = http.client.HTTPSConnection(NAME)
        self.http.sock = context.wrap_socket(sock, server_hostname=NAME)

    def fetch(self, octets):
        self.http.request("GET", f"/bytes/{octets}")
        assert self.http.getresponse().read() == b"".join(body(octets)), "not what the server has"

    def close(self):
        self.http.close()


def said_of(capture, address, gate_mac):
    """(time, whether by the gate) of whatever told all stations of a link where an address is."""
    found = []
    for p in read(capture.path):
        arp = p.ethertype == packet.ARP and p.raw[28:32] == p.raw[38:42] == packet.address_octets(address)[:4]
        advertisement = p.dst == "ff02::1" and p.proto == packet.ICMPV6 and p.raw[54] == packet.ADVERTISEMENT \
            and p.raw[62:78] == packet.address_octets(address)
        if arp or advertisement:
            found.append((p.time, p.raw[6:12] == gate_mac))
    return found


def defended(lab, family):
    """The client believes who spoke last. The gate speaks at once, ten seconds later when it hears the other again
    meanwhile, and never more often."""
    address, client = family.gate_inside, lab.wire.client
    other = SecondHost(lab)
    BulkOrigin(lab, NAME, family.server(10))
    with Capture(lab, client, "c0") as capture, Gate(lab, ipv6=family is V6) as gate:
        mac = gate.mac("inside")

        def answers():
            """When the gate spoke after the other had."""
            return [time for time, own in itertools.dropwhile(lambda it: it[1], said_of(capture, address, mac)) if own]

        def known():
            return run(["ip", "neigh", "show", address, "dev", "c0"], ns=client).stdout

        wait_until("the gate to hold its address", lambda: said_of(capture, address, mac), 20)
        session = OpenSession(lab, family.server(10))
        session.fetch(1000)
        other.claim(address)
        wait_until("the defence", answers, 20)
        wait_until(f"the gate's MAC in the client's cache, is {known()}", lambda: mac.hex(":") in known(), 5)
        session.fetch(20_000_000)
        other.claim(address)
        wait_until("another defence", lambda: len(answers()) == 2, 30)
        wait_until(f"the gate's MAC in the client's cache, is {known()}", lambda: mac.hex(":") in known(), 5)
        session.fetch(1000)
        session.close()
        between = answers()[1] - answers()[0]
        assert between > 9, f"two defences within {between} s"
        equal("sessions", gate.counter("sessions_spliced"), 1)
        equal("claims heard", gate.counter("duplicate_address"), 2)
        equal("shown", duplicates(gate, "inside"), [f"{address} is also at {OTHER}; the gate answers for it too"])


@scenario
def an_ipv4_address_is_defended(lab):
    defended(lab, V4)


@scenario
def an_ipv6_address_is_defended(lab):
    lab.wire.add_ipv6()
    defended(lab, V6)


def solicited_node(address):
    last = socket.inet_pton(socket.AF_INET6, address)[-3:]
    return socket.inet_ntop(socket.AF_INET6, socket.inet_pton(socket.AF_INET6, "ff02::1:ff00:0")[:13] + last)


class Switch:
    """A bridge of the kernel between the client and its link, which asks who listens to what and delivers
    multicast accordingly."""

    def __init__(self, lab, version):
        self.ns = client = lab.wire.client
        client.ip("link", "add", "br0", "type", "bridge", "mcast_snooping", "1", "mcast_querier", "1",
                  "mcast_mld_version", str(version), "mcast_query_response_interval", "100",
                  "mcast_startup_query_interval", "300")
        client.sysctl("net.ipv6.conf.br0.disable_ipv6", 0)
        client.ip("-6", "addr", "flush", "dev", "c0")
        client.ip("link", "set", "c0", "master", "br0")
        client.ip("link", "set", "br0", "up")
        client.ip("-6", "addr", "add", f"{CLIENT6}/64", "dev", "br0")
        client.ip("-6", "route", "replace", "default", "via", GATE_INSIDE6)

    def listeners(self):
        """A line for each port and group, as it has learned them."""
        return run(["bridge", "mdb", "show", "dev", "br0"], ns=self.ns).stdout


def reports(capture, mac):
    """The ICMPv6 types of what a station has said behind hop-by-hop options."""
    return {p.raw[62] for p in read(capture.path) if p.ethertype == packet.IPV6 and p.proto == 0 and p.raw[6:12] == mac}


def learned_by_a_switch(lab, version):
    """It was not there when the gate reported of itself, and the next report would come a minute later."""
    lab.wire.add_ipv6()
    client, group = lab.wire.client, solicited_node(GATE_INSIDE6)
    with Capture(lab, client, "c0") as before, Gate(lab, ipv6=True) as gate:
        mac = gate.mac("inside")
        wait_until("the first report", lambda: reports(before, mac) == {REPORTS[2]}, 10)
        with Capture(lab, client, "c0") as capture:
            switch = Switch(lab, version)
            wait_until(f"{group} among the listeners, are {switch.listeners()}",
                       lambda: any("port c0" in line and f"grp {group} " in line for line in switch.listeners().splitlines()), 30)
            wait_until("its answer in the capture", lambda: reports(capture, mac) == {REPORTS[version]}, 5)
        assert ping(client, GATE_INSIDE6), "the gate is not found any more"
        equal("malformed", gate.counter("neighbor_discovery_malformed"), 0)


@scenario
def a_switch_that_asks_learns_of_the_gate(lab):
    learned_by_a_switch(lab, 2)


@scenario
def a_switch_of_the_first_version_learns_of_the_gate(lab):
    learned_by_a_switch(lab, 1)
