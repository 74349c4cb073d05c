# SPDX-License-Identifier: Apache-2.0
"""Neighbor discovery between the gate and Linux: ping, the hosts' caches, claims on addresses."""
import re
import socket
import struct

from lib.capture import Capture, read
from lib.gate import Gate
from lib.netns import GATE_INSIDE6, GATE_OUTSIDE6, PUBLIC6, server6
from lib.packet import ADVERTISEMENT, ICMPV6, IPV6, SOLICITATION, checksum, ethernet, ipv6, pseudo_header
from lib.process import run
from lib.scenario import equal, scenario
from lib.waiting import wait_until

OVERRIDE = 0x20000000


def ping(ns, address, size=56, seconds=3):
    """One echo request by the kernel of the namespace; True when the same octets come back."""
    body = struct.pack("!HH", 0x5A11, 1) + bytes(i & 0xFF for i in range(size))
    with ns.inside():
        s = socket.socket(socket.AF_INET6, socket.SOCK_RAW, socket.IPPROTO_ICMPV6)
    with s:
        s.settimeout(seconds)
        s.sendto(b"\x80\0\0\0" + body, (address, 0))  # the kernel sets the checksum
        try:
            while True:
                reply, peer = s.recvfrom(4096)
                if peer[0] == address and reply[0] == 129 and reply[4:] == body:
                    return True
        except TimeoutError:
            return False


def neighbor(ns, device, address):
    """What the kernel knows of a neighbour: (MAC, router, state)."""
    line = run(["ip", "-6", "neigh", "show", address, "dev", device], ns=ns).stdout.strip()
    mac = re.search(r"lladdr (\S+)", line)
    return mac and mac.group(1), "router" in line, line.split()[-1] if line else None


def messages(capture, kind):
    """(source MAC, target, flags) of each neighbor discovery message of a kind."""
    found = []
    for p in read(capture.path):
        if p.ethertype == IPV6 and p.proto == socket.IPPROTO_ICMPV6 and p.raw[54] == kind:
            flags, = struct.unpack("!I", p.raw[58:62])
            found.append((p.raw[6:12], socket.inet_ntop(socket.AF_INET6, p.raw[62:78]), flags))
    return found


def gate_with_ipv6(lab):
    lab.wire.add_ipv6()
    return Gate(lab, ipv6=True)


@scenario
def ping_to_own_addresses(lab):
    with gate_with_ipv6(lab) as gate:
        for ns, address in ((lab.wire.client, GATE_INSIDE6), (lab.wire.internet, GATE_OUTSIDE6),
                            (lab.wire.internet, PUBLIC6)):
            assert ping(ns, address), address
            assert ping(ns, address, size=1400), f"{address}, large"
        assert not ping(lab.wire.client, server6(10), seconds=1), "an echo crossed the gate"
        assert not ping(lab.wire.client, GATE_OUTSIDE6, seconds=1), "an address of the other side"
        equal("malformed", gate.counter("neighbor_discovery_malformed"), 0)


@scenario
def hosts_know_where_the_gate_is(lab):
    with gate_with_ipv6(lab) as gate:
        for ns, device, port, address, is_router in (
                (lab.wire.client, "c0", "inside", GATE_INSIDE6, True),
                (lab.wire.internet, "s0", "outside", PUBLIC6, False)):
            assert ping(ns, address)
            mac = ":".join(f"{octet:02x}" for octet in gate.mac(port))
            wait_until(f"{address} to be reachable, is {neighbor(ns, device, address)}",
                       lambda: neighbor(ns, device, address) == (mac, is_router, "REACHABLE"), 5)


@scenario
def announced_at_the_start(lab):
    lab.wire.add_ipv6()
    with Capture(lab, lab.wire.internet, "s0") as capture, Gate(lab, ipv6=True) as gate:
        def told():
            return {target for mac, target, flags in messages(capture, ADVERTISEMENT)
                    if mac == gate.mac("outside") and flags & OVERRIDE}
        wait_until(f"advertisements of both addresses, seen {told()}",
                   lambda: {GATE_OUTSIDE6, PUBLIC6} <= told(), 5)
        asked = {target for mac, target, _ in messages(capture, SOLICITATION) if mac == gate.mac("outside")}
        assert {GATE_OUTSIDE6, PUBLIC6} <= asked, f"claimed were {asked}"
        equal("duplicates", gate.counter("addresses_duplicate"), 0)


@scenario
def two_workers_speak_as_one(lab):
    lab.wire.add_ipv6()
    with Capture(lab, lab.wire.internet, "s0") as capture, Gate(lab, ipv6=True, workers=2) as gate:
        mac = gate.mac("outside")
        wait_until("the advertisement of the public address",
                   lambda: PUBLIC6 in [target for m, target, _ in messages(capture, ADVERTISEMENT) if m == mac], 5)
        asked = [target for m, target, _ in messages(capture, SOLICITATION) if m == mac]
        equal("claims of the public address", asked.count(PUBLIC6), 1)
        assert ping(lab.wire.internet, PUBLIC6) and ping(lab.wire.client, GATE_INSIDE6)


@scenario
def an_address_that_somebody_has(lab):
    lab.wire.add_ipv6()
    lab.wire.internet.ip("-6", "addr", "add", f"{PUBLIC6}/64", "dev", "s0")
    with Gate(lab, ipv6=True) as gate:
        gate.wait_counter("addresses_duplicate", 1)
        assert gate.counter("duplicate_address") > 0
        assert ping(lab.wire.internet, GATE_OUTSIDE6), "the others stay"


@scenario
def routers_and_redirects_are_ignored(lab):
    with gate_with_ipv6(lab) as gate:
        before = gate.counter("neighbor_discovery_ignored")
        with lab.wire.client.inside(), socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0) as s:
            s.bind(("c0", 0))
            s.send(router_advertisement(s.getsockname()[4], gate.mac("inside")))
        wait_until("the advertisement to be counted",
                   lambda: gate.counter("neighbor_discovery_ignored") > before, 5)
        assert ping(lab.wire.client, GATE_INSIDE6)


def router_advertisement(mac, to):
    src, dst = "fe80::99", "ff02::1"
    body = struct.pack("!BBHBBHII", 134, 0, 0, 64, 0, 1800, 0, 0)
    value = checksum(pseudo_header(src, dst, ICMPV6, len(body)) + body)
    return ethernet(to, mac, IPV6, ipv6(src, dst, ICMPV6, body[:2] + struct.pack("!H", value) + body[4:], ttl=255))
