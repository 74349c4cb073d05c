# SPDX-License-Identifier: Apache-2.0
"""Neighbours and links: ARP, echo, links that go and come, and peers that change their MAC."""
import socket
import struct

from lib import packet
from lib.capture import Capture, read
from lib.gate import Gate
from lib.netns import CLIENT, GATE_INSIDE, GATE_OUTSIDE, NEXT_HOP, PUBLIC, server
from lib.origin import Nginx
from lib.raw_host import RawHost
from lib.scenario import equal, only_on, scenario
from lib.waiting import wait_until


def ping(ns, address, seconds=3, size=56):
    """One echo request by the kernel of the namespace; True when the same octets come back."""
    with ns.inside():
        s = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP)
    body = struct.pack("!HH", 0x5A11, 1) + bytes(i & 0xFF for i in range(size))
    request = b"\x08\x00" + struct.pack("!H", packet.checksum(b"\x08\0\0\0" + body)) + body
    with s:
        s.settimeout(seconds)
        s.sendto(request, (address, 0))
        try:
            while True:
                reply, peer = s.recvfrom(65536)
                if peer[0] == address and reply[20] == 0 and reply[24:] == body:
                    return True
        except TimeoutError:
            return False


def works(lab):
    return lab.curl("https://allowed.example/", server=server(10), seconds=3).returncode == 0


@scenario
def ping_to_own_addresses(lab):
    with Gate(lab):
        assert ping(lab.wire.client, GATE_INSIDE), "inside address"
        assert ping(lab.wire.client, GATE_INSIDE, size=1400), "inside address, large"
        assert ping(lab.wire.internet, GATE_OUTSIDE), "outside address"
        assert ping(lab.wire.internet, PUBLIC), "public address"
        assert not ping(lab.wire.client, server(10), seconds=1), "an echo crossed the gate"


@scenario
def gratuitous_arp_at_the_start(lab):
    with Capture(lab, lab.wire.internet, "s0") as capture, Gate(lab):
        wait_until("a gratuitous ARP for the public address", lambda: announced(capture), 3)


def announced(capture):
    for p in read(capture.path):
        if p.ethertype == packet.ARP and p.raw[28:32] == p.raw[38:42] == socket.inet_aton(PUBLIC):
            return p.raw[:6] == b"\xff" * 6
    return False


@scenario
def answers_arp_only_for_its_own(lab):
    with Gate(lab), RawHost(lab, "10.10.0.11") as host:
        host.resolve(GATE_INSIDE)
        body = packet.arp(1, host.mac, host.address, b"\0" * 6, "10.10.0.77")
        host.send_frame(packet.ethernet(b"\xff" * 6, host.mac, packet.ARP, body))
        host.barrier()
        assert not [1 for ip, _ in host.neighbors.replies if ip == "10.10.0.77"], "proxy ARP"


@scenario
def link_down_and_up_recovers(lab):
    Nginx(lab, {"allowed.example": server(10)})
    with Gate(lab):
        assert works(lab), "before"
        for ns, device in ((lab.wire.internet, "s0"), (lab.wire.client, "c0")):
            ns.ip("link", "set", device, "down")
            ns.ip("link", "set", device, "up")
            if device == "c0":
                ns.ip("route", "replace", "default", "via", GATE_INSIDE)
            wait_until(f"curl after {device} came back", lambda: works(lab), 10)


@scenario
@only_on("af_packet", because="a cable that is pulled out does not end at the gate")
def a_link_that_goes_and_comes_is_in_the_log(lab):
    with Gate(lab) as gate:
        def told(level, event):
            return gate.log().count(f'level={level} event="the link of a port {event}" port=outside device="net_af_packet1,iface=go"')

        for times in (1, 2):
            lab.wire.internet.ip("link", "set", "s0", "down")
            wait_until("the link that is down in the log", lambda: told("warning", "is down") == times, 20)
            lab.wire.internet.ip("link", "set", "s0", "up")
            wait_until("the link that is up in the log", lambda: told("info", "is up") == times, 20)
        equal("losses", [p["link_losses"] for p in gate.get("/v1/ports")["ports"]], [0, 2])
        equal("of the other port", gate.log().count("port=inside"), 0)


@scenario
def next_hop_with_a_new_mac(lab):
    """The old neighbour entry must not be believed for ever, nor a session be lost for good."""
    Nginx(lab, {"allowed.example": server(10)})
    internet, device = lab.wire.internet, "s0"
    with Gate(lab):
        assert works(lab), "before"
        internet.ip("link", "set", device, "address", "02:00:00:00:00:55")
        # What a router does that takes over: it announces itself.
        mac = b"\x02\0\0\0\0\x55"
        body = packet.arp(1, mac, NEXT_HOP, b"\0" * 6, NEXT_HOP)
        with internet.inside(), socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0) as s:
            s.bind((device, 0))
            s.send(packet.ethernet(b"\xff" * 6, mac, packet.ARP, body).ljust(60, b"\0"))
        wait_until("curl by way of the new MAC", lambda: works(lab), 15)


@scenario
def next_hop_that_was_away_at_the_start(lab):
    """The first client waits for ARP; once the next hop is there, clients get through."""
    Nginx(lab, {"allowed.example": server(10)})
    lab.wire.internet.ip("link", "set", "s0", "arp", "off")
    with Gate(lab, extra="tcp: {connect_timeout: 1s}\n"):
        assert not works(lab), "it cannot work without a next hop"
        lab.wire.internet.ip("link", "set", "s0", "arp", "on")
        wait_until("curl", lambda: works(lab), 10)


@scenario
def several_inside_networks(lab):
    """A network behind another router inside, and one that is on link besides the first."""
    Nginx(lab, {"allowed.example": server(10)})
    client = lab.wire.client
    for address in ("10.20.0.5/32", "10.30.0.5/24"):
        client.ip("addr", "add", address, "dev", "c0")
    extra = f", networks: [10.30.0.0/24], routes: [{{to: 10.20.0.0/16, via: {CLIENT}}}]"
    with Gate(lab, inside_extra=extra):
        for source in ("10.20.0.5", "10.30.0.5"):
            done = lab.curl("https://allowed.example/", "--interface", source, server=server(10), seconds=5)
            equal(f"curl from {source}", (done.returncode, done.stderr), (0, ""))
