# SPDX-License-Identifier: Apache-2.0
"""A gate with public addresses of one family only, and clients of both: with `cross_family: always`
a relay to the other family serves them; else they are refused at once, so that nobody waits."""
import errno
import select
import socket
import time

from lib.capture import Capture
from lib.dns import DNS, Dnsmasq, resolver
from lib.families import V4, V6
from lib.gate import Gate, config
from lib.http_origins import HttpNginx
from lib.netns import GATE_INSIDE, GATE_INSIDE6, PUBLIC, PUBLIC6
from lib.origin import Nginx
from lib.scenario import equal, no_packet_of, scenario
from lib.udp_peers import udp_client
from test_icmp import TOLD

NAME = "allowed.example"
RULE = f"{{name: web, hosts: [{NAME}, '*.wild.example'], protocols: [tls/443, http/80]}}"
CROSSES = f"{RULE[:-1]}, cross_family: always}}"
FLOWS = "{name: flows, networks: [198.51.100.0/24, '2001:db8:198::/64'], protocols: [udp/5000, tcp/2222, icmp]}"
OF = {V4: PUBLIC, V6: PUBLIC6}
GATE = {V4: GATE_INSIDE, V6: GATE_INSIDE6}


def gate_with(lab, family, *rules, **settings):
    """Its only public address is of the family."""
    lab.wire.add_ipv6()
    text = config(lab, rules=rules, ipv6=True, **settings)
    both = f"addresses: [{PUBLIC}, '{PUBLIC6}']"
    assert both in text, text
    return Gate(lab, text.replace(both, f"addresses: ['{OF[family]}']"))


def relayed(lab, family, other):
    """A client of `other`, whose name has addresses of both, is served by that of `family`."""
    names = {NAME: [family.server(10), other.server(10)], "only.wild.example": [other.server(10)]}
    with Dnsmasq(lab, names), gate_with(lab, family, CROSSES, extra=resolver(DNS)) as gate, \
            Capture(lab, lab.wire.internet, "s0") as outside:
        Nginx(lab, {NAME: family.server(10)})
        HttpNginx(lab, {NAME: family.server(10)})
        for scheme in ("https", "http"):
            done = lab.curl(f"{scheme}://{NAME}/", server=other.server(10))
            equal("curl", (done.returncode, done.stderr, done.stdout), (0, "", f"hello from {NAME}\n"))
        # Of a name with the other family alone the client hears once it has said it, and does not wait.
        begun = time.monotonic()
        done = lab.curl("https://only.wild.example/", server=other.server(10))
        assert done.returncode in (35, 56), done
        assert time.monotonic() - begun < 4, "the client had to wait"
        gate.wait_entry(details="no_route", sni="only.wild.example")
        # That of HTTP is a relay anyway.
        equal("relays", (gate.counter("relays_cross_family"), gate.counter("sessions_relayed")), (1, 2))
        gate.wait_pools_empty()
        no_packet_of(outside.stop(), OF[other], other.server(10))


@scenario
def ipv6_clients_are_served_from_ipv4(lab):
    relayed(lab, V4, V6)


@scenario
def ipv4_clients_are_served_from_ipv6(lab):
    relayed(lab, V6, V4)


@scenario
def without_crossing_clients_go_on_at_once(lab):
    """curl tries IPv6 first and the other family after 5 s, or at once when the first is refused."""
    with Dnsmasq(lab, {NAME: [V4.server(10), V6.server(10)]}), \
            gate_with(lab, V4, RULE, extra=resolver(DNS)) as gate:
        Nginx(lab, {NAME: V4.server(10)})
        done = lab.curl(f"https://{NAME}/", "--happy-eyeballs-timeout-ms", 5000, "-o", "/dev/null",
                        "-w", "%{remote_ip} %{time_connect}", server=f"{V6.server(10)},{V4.server(10)}")
        equal("curl", (done.returncode, done.stderr), (0, ""))
        address, seconds = done.stdout.split()
        equal("went to", address, V4.server(10))
        assert float(seconds) < 2.5, f"connected after {seconds} s"
        gate.wait_entry(details="no_route")


def told_of_datagram(lab, other):
    with udp_client(lab.wire.client, other.server(10), 5000) as s:
        s.setsockopt(*TOLD[other], 1)
        s.send(b"anybody there?")
        assert select.select([s], [], [], 5)[0], "the sender was not told"
        equal("error", s.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR), errno.ENETUNREACH)


def told_of_echo(lab, other):
    proto, request = ((socket.IPPROTO_ICMP, b"\x08\0\xf7\xff\0\0\0\0"), (socket.IPPROTO_ICMPV6, b"\x80\0\0\0\0\0\0\0"))[other is V6]
    unreachable, skip = ((3, 20), (1, 0))[other is V6]
    with lab.wire.client.inside():
        s = socket.socket(other.kind, socket.SOCK_RAW, proto)
    with s:
        s.settimeout(5)
        s.sendto(request, (other.server(10), 0))
        while True:
            reply, peer = s.recvfrom(4096)
            if reply[skip] == unreachable:
                return equal("who said it, and what", (peer[0], reply[skip + 1]), (GATE[other], 0))


def refused_connection(lab, other):
    with lab.wire.client.inside():
        s = socket.socket(other.kind, socket.SOCK_STREAM)
    with s:
        s.settimeout(5)
        equal("connect", s.connect_ex((other.server(10), 2222)), errno.ECONNREFUSED)


def flows_are_refused(lab, family, other):
    with gate_with(lab, family, FLOWS) as gate, Capture(lab, lab.wire.internet, "s0") as outside:
        for told in (told_of_datagram, told_of_echo, refused_connection):
            told(lab, other)
        equal("ICMP errors", gate.counter("icmp_errors_sent"), 2)
        equal("refused", gate.counter("no_route"), 3)
        no_packet_of(outside.stop(), other.server(10))


@scenario
def flows_of_ipv6_are_told_that_there_is_no_route(lab):
    flows_are_refused(lab, V4, V6)


@scenario
def flows_of_ipv4_are_told_that_there_is_no_route(lab):
    flows_are_refused(lab, V6, V4)
