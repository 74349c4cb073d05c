# SPDX-License-Identifier: Apache-2.0
"""IPv6 through the gate, and from one family to the other. Names are bound by dnsmasq's A and AAAA."""
import socket

from lib.capture import Capture
from lib.dns import DNS, Dnsmasq, resolver
from lib.gate import HTTP, WEB, Gate, config
from lib.http_origins import HttpNginx
from lib.netns import CLIENT, CLIENT6, PUBLIC, PUBLIC6, server, server6
from lib.origin import BulkOrigin, Nginx
from lib.packet import SYN
from lib.scenario import equal, no_packet_of, scenario
from lib.transfers import both_ways
from lib.udp_peers import UdpEcho, exchange, udp_client
from test_neighbors6 import ping

NAME = "allowed.example"
SIZE = 20_000_000
VERIFIED = "{name: web, hosts: [allowed.example, '*.wild.example'], protocols: [tls/443, http/80]}"
STAYS = f"{VERIFIED[:-1]}, cross_family: deny}}"


def gate6(lab, *rules, egress=None, **settings):
    """A gate of both families; `egress`: the only public address."""
    lab.wire.add_ipv6()
    text = config(lab, rules=rules or (WEB, HTTP.replace("web", "plain")), ipv6=True, **settings)
    both = f"addresses: [{PUBLIC}, '{PUBLIC6}']"
    assert both in text, text
    return Gate(lab, text.replace(both, f"addresses: ['{egress}']") if egress else text)


def bound6(lab, rule=VERIFIED, **settings):
    return gate6(lab, rule, extra=resolver(DNS), **settings)


def tcp_hosts(packets):
    tcp = [p for p in packets if p.is_tcp()]
    return {p.src for p in tcp} | {p.dst for p in tcp}


def fetched(lab, url, *args, address):
    done = lab.curl(url, *args, server=address)
    equal("curl", (done.returncode, done.stderr, done.stdout), (0, "", f"hello from {url.split('/')[2]}\n"))


# ---- one family ----

@scenario
def allowed_name_arrives_from_the_public_address(lab):
    with gate6(lab) as gate, Capture(lab, lab.wire.internet, "s0") as capture:
        nginx = Nginx(lab, {NAME: server6(10)})
        fetched(lab, f"https://{NAME}/", address=server6(10))
        entry = gate.wait_entry(sni=NAME)
        packets = capture.stop()
        equal("spliced", gate.counter("sessions_spliced"), 1)
        gate.wait_pools_empty()
    assert nginx.requests()[0].startswith(f"{PUBLIC6}:"), nginx.requests()
    equal("hosts outside", tcp_hosts(packets), {PUBLIC6, server6(10)})
    # It may have waited for the next hop for so long that it was sent again.
    syn = [p for p in packets if p.is_tcp() and p.flags == SYN][0]
    equal("wanted", entry["downstream_local"], f"[{server6(10)}]:443")
    equal("dialled", entry["upstream_host"], f"[{server6(10)}]:443")
    equal("left as", entry["upstream_local"], f"[{PUBLIC6}]:{syn.sport}")
    assert entry["downstream_remote"].startswith(f"[{CLIENT6}]:"), entry


@scenario
def denied_name_gets_an_alert_and_nothing_leaves(lab):
    with gate6(lab) as gate, Capture(lab, lab.wire.internet, "s0") as capture:
        Nginx(lab, {"denied.example": server6(11)})
        done = lab.curl("https://denied.example/", server=server6(11), seconds=4)
        equal("curl's exit", done.returncode, 35)
        assert "unrecognized name" in done.stderr, done.stderr
        entry = gate.wait_entry(details="sni_not_allowed")
        no_packet_of(capture.stop(), server6(11), PUBLIC6, CLIENT6)
    equal("line", (entry["flags"], entry["sni"], entry["upstream_local"]), ("NR", "denied.example", "-"))


@scenario
def plain_http_is_judged_by_request(lab):
    with gate6(lab) as gate:
        nginx = HttpNginx(lab, {NAME: server6(10)})
        fetched(lab, f"http://{NAME}/", address=server6(10))
        done = lab.curl("http://denied.example/", "-w", "%{http_code}", "-o", "/dev/null", server=server6(10))
        equal("denied", done.stdout, "403")
        equal("requests", len(nginx.requests()), 1)
        gate.wait_entry(details="host_not_allowed")
        gate.wait_pools_empty()


@scenario
def transfers_are_spliced_byte_for_byte(lab):
    with gate6(lab) as gate:
        BulkOrigin(lab, NAME, server6(10))
        both_ways(lab, "https", NAME, server6(10), SIZE)
        equal("kinds", (gate.counter("sessions_spliced"), gate.counter("sessions_relayed")), (2, 0))
        gate.wait_pools_empty()


@scenario
def liar_reaches_the_names_own_server(lab):
    with Dnsmasq(lab, {NAME: [server6(10)]}), bound6(lab) as gate, \
            Capture(lab, lab.wire.internet, "s0") as capture:
        Nginx(lab, {NAME: server6(10)})
        fetched(lab, f"https://{NAME}/", address=server6(66))
        entry = gate.wait_entry(sni=NAME)
        no_packet_of(capture.stop(), server6(66))
    equal("dialled", entry["upstream_host"], f"[{server6(10)}]:443")


@scenario
def datagrams_and_ping_of_a_layer_4_rule(lab):
    rule = "{name: flows, networks: ['2001:db8:198::/64'], protocols: [udp/5000, icmp]}"
    with gate6(lab, rule) as gate, UdpEcho(lab.wire.internet, server6(10), 5000) as echo:
        with udp_client(lab.wire.client, server6(10), 5000) as s:
            equal("echo", exchange(s, b"over IPv6"), b"over IPv6")
        equal("peer", {peer[0] for peer in echo.peers}, {PUBLIC6})
        assert ping(lab.wire.client, server6(10)), "no echo through the gate"
        equal("flows", gate.counter("flows_opened"), 2)


# ---- from one family to the other ----

def crossed(lab, name_has, asked, public, family_args):
    """A client of one family, a name with addresses of the other only."""
    with Dnsmasq(lab, {NAME: [name_has]}), bound6(lab) as gate, \
            Capture(lab, lab.wire.internet, "s0", snaplen=128) as capture:
        BulkOrigin(lab, NAME, name_has)
        both_ways(lab, "https", NAME, asked, SIZE)
        HttpNginx(lab, {NAME: name_has})
        fetched(lab, f"http://{NAME}/", *family_args, address=asked)
        equal("relays", gate.counter("relays_cross_family"), 2)
        gate.wait_pools_empty()
        equal("hosts outside", tcp_hosts(capture.stop()), {public, name_has})
        for entry in gate.entries():
            assert name_has in entry["upstream_host"] and asked in entry["downstream_local"], entry


@scenario
def ipv6_client_to_a_name_with_ipv4_only(lab):
    crossed(lab, server(10), server6(10), PUBLIC, ("-6",))


@scenario
def ipv4_client_to_a_name_with_ipv6_only(lab):
    crossed(lab, server6(10), server(10), PUBLIC6, ("-4",))


@scenario
def rule_that_denies_to_cross(lab):
    with Dnsmasq(lab, {NAME: [server(10)]}), bound6(lab, STAYS) as gate, \
            Capture(lab, lab.wire.internet, "s0") as capture:
        equal("curl's exit", lab.curl(f"https://{NAME}/", server=server6(10)).returncode, 35)
        gate.wait_entry(details="no_family")
        no_packet_of(capture.stop(), server(10), server6(10), PUBLIC, PUBLIC6)


# ---- a family without a way out ----

def falls_back(lab, public, first, then):
    """curl tries IPv6 first and the other family after 5 s, or at once when the first is refused."""
    with gate6(lab, egress=public) as gate:
        Nginx(lab, {NAME: then})
        done = lab.curl(f"https://{NAME}/", "--happy-eyeballs-timeout-ms", 5000, "-o", "/dev/null",
                        "-w", "%{remote_ip} %{time_connect}", server=f"{first},{then}")
        equal("curl", (done.returncode, done.stderr), (0, ""))
        address, seconds = done.stdout.split()
        equal("went to", address, then)
        assert float(seconds) < 2.5, f"connected after {seconds} s"
        gate.wait_entry(details="no_route")


@scenario
def client_goes_on_to_ipv4_at_once(lab):
    falls_back(lab, PUBLIC, server6(10), server(10))


@scenario
def gate_without_ipv4_refuses_ipv4_at_once(lab):
    with gate6(lab, egress=PUBLIC6) as gate:
        done = lab.curl(f"https://{NAME}/", server=server(10), seconds=4)
        equal("curl's exit", done.returncode, 7)
        gate.wait_entry(details="no_route")
        with lab.wire.client.inside():
            s = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        s.settimeout(4)
        try:
            s.connect((server(10), 443))
            raise AssertionError(f"{CLIENT} connected without a way out")
        except ConnectionRefusedError:
            pass
        finally:
            s.close()
