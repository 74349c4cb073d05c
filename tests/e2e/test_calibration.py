# SPDX-License-Identifier: Apache-2.0
"""The tests tested: with a plain router in the gate's place everything arrives, and leaks are seen."""
import hashlib

from lib import hello, ip_recipes, recipes, tcp_recipes  # noqa: F401  two of them fill RECIPES
from lib.bulk_origin import body_sha256
from lib.capture import Capture
from lib.families import V4, V6
from lib.netns import CLIENT, GATE_INSIDE, server
from lib.origin import BulkOrigin, Nginx, Sink
from lib.packet import ACK, SYN
from lib.plain_router import PlainRouter
from lib.process import run
from lib.raw_host import RawHost
from lib.scenario import equal, no_packet_of, scenario
from test_link import ping
from test_peers import gnutls, s_client
from test_pressure import run_clients
from test_transfer import SNAPLEN, check_wires


@scenario
def curl_reaches_nginx_through_a_router(lab):
    nginx = Nginx(lab, {"allowed.example": server(10)})
    with PlainRouter(lab), Capture(lab, lab.wire.internet, "s0") as capture:
        done = lab.curl("https://allowed.example/", server=server(10))
        equal("curl's exit", (done.returncode, done.stderr), (0, ""))
        equal("body", done.stdout, "hello from allowed.example\n")
        packets = capture.stop()
    assert nginx.requests()[0].startswith(CLIENT), nginx.requests()
    assert any(p.src == CLIENT for p in packets), "the capture saw no packet"


@scenario
def leak_check_fails_on_a_leak(lab):
    Nginx(lab, {"denied.example": server(11)})
    with PlainRouter(lab), Capture(lab, lab.wire.internet, "s0") as capture:
        lab.curl("https://denied.example/", server=server(11))
        packets = capture.stop()
    try:
        no_packet_of(packets, server(11))
    except AssertionError:
        return
    raise AssertionError("a router without a filter leaked, and nobody noticed")


@scenario
def nothing_crosses_an_empty_gate(lab):
    """The wire itself has no second way round the gate."""
    Nginx(lab, {"allowed.example": server(10)})
    with Capture(lab, lab.wire.internet, "s0") as capture:
        done = lab.curl("https://allowed.example/", server=server(10), seconds=2)
        packets = capture.stop()
    assert done.returncode != 0, "curl got through a gate that is not there"
    no_packet_of(packets, server(10), CLIENT)


@scenario
def raw_client_speaks_tls_with_nginx(lab):
    Nginx(lab, {"allowed.example": server(10)})
    with PlainRouter(lab), RawHost(lab, "10.10.0.11") as host:
        c = host.connect(server(10))
        c.data(0, hello.client_hello("allowed.example"))
        c.wait_received(b"\x16\x03\x03")
        c.reset()


@scenario
def the_wire_checks_accept_a_router(lab):
    """A router changes neither sequence numbers nor timestamps: the offset is 0, and nothing is added."""
    BulkOrigin(lab, "allowed.example", server(10))
    with PlainRouter(lab), Capture(lab, lab.wire.client, "c0", SNAPLEN) as inside, \
            Capture(lab, lab.wire.internet, "s0", SNAPLEN) as outside:
        lab.curl("https://allowed.example/bytes/10000000", "-o", lab.path("down"), server=server(10))
        with open(lab.path("down"), "rb") as f:
            equal("sha256", hashlib.sha256(f.read()).hexdigest(), body_sha256(10_000_000))
        near, far = inside.stop(), outside.stop()
    check_wires(near, far, public=CLIENT)
    shifted = [p for p in near if p.src == server(10) and p.payload_length][20]
    shifted.seq += 7
    try:
        check_wires(near, far, public=CLIENT)
    except AssertionError:
        return
    raise AssertionError("a shifted segment was not noticed")


@scenario
def real_peers_and_parallel_clients_work_without_a_gate(lab):
    BulkOrigin(lab, "allowed.example", server(10))
    Nginx(lab, {"allowed.example": server(11)})
    with PlainRouter(lab):
        run_clients(lab, 200, 200_000)
        assert "hello from allowed.example" in s_client(lab, "allowed.example", server(11)).stdout
        assert "hello from allowed.example" in gnutls(lab, "allowed.example", server(11)).stdout
        assert ping(lab.wire.client, GATE_INSIDE)
    assert not ping(lab.wire.client, GATE_INSIDE, seconds=0.3), "an answer from nobody"


def flood_the_kernel(lab, family, first, network):
    flood, its = lab.helper("syn_flood.c"), lab.wire
    its.internet.ip(family.option, "route", "add", network, "via", family.gate_outside)
    its.gate.ip(family.option, "route", "add", network, "via", family.client(2))
    with Sink(lab, every=family.every), Capture(lab, its.client, "c0") as capture:
        run([flood, "c0", its.gate.mac("gi").hex(":"), 100, 1000, first, 100, family.server(10), 443], ns=its.client)
        packets = capture.stop()
    equal("SYN-ACKs", len({(p.dst, p.dport) for p in packets if p.is_tcp() and p.flags == SYN | ACK}), 100)


@scenario
def the_flood_is_made_of_proper_syns(lab):
    """The kernel answers them: checksums and options are right."""
    lab.wire.add_ipv6()
    with PlainRouter(lab, ipv6=True):
        flood_the_kernel(lab, V4, "10.32.0.1", "10.32.0.0/11")
        flood_the_kernel(lab, V6, "fd00:32::1", "fd00:32::/64")


def play_against_linux(lab, family):
    for flight in (recipes.TLS, recipes.HTTP):
        chosen = [recipe for recipe in recipes.RECIPES if family in recipe.families]
        with PlainRouter(lab, ipv6=True), recipes.sink_for(lab, flight, family) as sink, \
                RawHost(lab, family.client(11)) as host:
            for index, recipe in enumerate(chosen):
                recipes.check_linux(recipe, flight, host, sink, family.server(20 + index))


@scenario
def linux_treats_the_tcp_recipes_as_listed(lab):
    """Every recipe against the kernel's own TCP: what the table says Linux delivers, it delivers."""
    lab.wire.add_ipv6()
    for family in (V4, V6):
        play_against_linux(lab, family)
