# SPDX-License-Identifier: Apache-2.0
"""What a user of curl sees, for each verdict."""
import re
import socket

from lib.capture import Capture, of_host
from lib.families import PLAYED, V4, bracketed
from lib.gate import Gate
from lib.netns import CLIENT, PUBLIC, server
from lib.origin import Nginx
from lib.packet import RST, SYN, address_octets
from lib.process import run
from lib.scenario import equal, no_packet_of, scenario

OUTSIDER = PLAYED.client(9)
PRIVATE, METADATA, STRANGER = (("192.168.7.7", "169.254.169.254", "192.0.2.5") if PLAYED is V4 else
                               ("fd00:7::7", "fd00:ec2::254", "2001:db8:2::5"))


def origins(lab):
    return Nginx(lab, {"allowed.example": server(10), "denied.example": server(11),
                       "a.wild.example": server(12), "wild.example": server(13)})


@scenario
def allowed_name_arrives_from_the_public_address(lab):
    nginx = origins(lab)
    with Gate(lab) as gate, Capture(lab, lab.wire.internet, "s0") as capture:
        done = lab.curl("https://allowed.example/", server=server(10))
        equal("curl", (done.returncode, done.stderr, done.stdout), (0, "", "hello from allowed.example\n"))
        entry = gate.wait_entry(sni="allowed.example")
        packets = capture.stop()
    equal("origin's log", len(nginx.requests()), 1)
    assert nginx.requests()[0].startswith(f"{PUBLIC}:"), nginx.requests()
    tcp = [p for p in packets if p.is_tcp()]
    equal("hosts outside", {p.src for p in tcp} | {p.dst for p in tcp}, {PUBLIC, server(10)})
    syns = [p for p in tcp if p.flags == SYN]
    # It may have waited for the next hop for so long that it was sent again.
    equal("SYNs outside", len({(p.sport, p.seq) for p in syns}), 1)
    check_allow_line(entry, syns[0])


def check_allow_line(entry, syn):
    equal("flags", entry["flags"], "-")
    equal("route", entry["route"], "web")
    equal("reason", (entry["details"], entry["termination"]), ("-", "-"))
    equal("upstream host", entry["upstream_host"], f"{bracketed(server(10))}:443")
    equal("upstream cluster", entry["upstream_cluster"], "outbound|443||allowed.example")
    equal("upstream local", entry["upstream_local"], f"{bracketed(PUBLIC)}:{syn.sport}")
    equal("downstream local", entry["downstream_local"], f"{bracketed(server(10))}:443")
    assert entry["downstream_remote"].startswith(f"{bracketed(CLIENT)}:"), entry
    assert int(entry["bytes_received"]) > 500 and int(entry["bytes_sent"]) > 500, entry
    assert re.match(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$", entry["start"]), entry


@scenario
def wildcard_matches_below_and_not_the_name_itself(lab):
    origins(lab)
    with Gate(lab) as gate:
        equal("below", lab.curl("https://a.wild.example/", server=server(12)).returncode, 0)
        equal("itself", lab.curl("https://wild.example/", server=server(13)).returncode, 35)
        equal("route", gate.wait_entry(sni="wild.example")["route"], "default-deny")


def denied(lab, url, exit_code, message, reason, address, args=(), **settings):
    """Runs curl into a denial; nothing to the server may be outside, and the log says why."""
    origins(lab)
    with Gate(lab, **settings) as gate, Capture(lab, lab.wire.internet, "s0") as capture:
        done = lab.curl(url, *args, server=address, seconds=4)
        equal("curl's exit", (done.returncode, done.stderr), (exit_code, done.stderr))
        assert message in done.stderr, done.stderr
        entry = gate.wait_entry(details=reason)
        counted = gate.counter(reason)
        no_packet_of(capture.stop(), address, PUBLIC, CLIENT)
    equal("flags", entry["flags"], "NR")
    equal("counter", counted, 1)
    return entry


@scenario
def denied_name_gets_an_alert(lab):
    entry = denied(lab, "https://denied.example/", 35, "unrecognized name", "sni_not_allowed", server(11))
    equal("name", entry["sni"], "denied.example")
    equal("route", entry["route"], "default-deny")
    equal("upstream", (entry["upstream_host"], entry["upstream_local"]), ("-", "-"))


@scenario
def deny_rule_is_named_in_the_log(lab):
    entry = denied(lab, "https://denied.example/", 35, "unrecognized name", "sni_not_allowed", server(11),
                   rules=("{name: all, hosts: ['*.example'], protocols: [tls/443]}",
                          "{name: not-this, hosts: [denied.example], protocols: [tls/443], action: deny}"))
    equal("route", entry["route"], "not-this")


@scenario
def answer_reset(lab):
    denied(lab, "https://denied.example/", 35, "reset by peer", "sni_not_allowed", server(11),
           policy="action: deny, answer: reset")


@scenario
def answer_drop(lab):
    denied(lab, "https://denied.example/", 28, "timed out", "sni_not_allowed", server(11),
           policy="action: deny, answer: drop")


@scenario
def no_sni(lab):
    denied(lab, f"https://{bracketed(server(10))}/", 35, "", "no_sni", server(10), args=("-k",))


@scenario
def octets_that_are_not_tls(lab):
    denied(lab, "http://allowed.example:443/", 56, "reset by peer", "protocol_mismatch", server(10))


@scenario
def server_name_that_is_an_address(lab):
    """openssl sends a literal as a name when told to; curl never does."""
    origins(lab)
    with Gate(lab) as gate, Capture(lab, lab.wire.internet, "s0") as capture:
        done = run(["openssl", "s_client", "-connect", f"{bracketed(server(10))}:443", "-servername", server(10)],
                   ns=lab.wire.client, check=False)
        assert done.returncode != 0, done.stdout
        gate.wait_entry(details="ip_literal")
        no_packet_of(capture.stop(), server(10), PUBLIC)


def refused_at_once(lab, url, address, reason, args=(), **settings):
    """A SYN that no rule can ever allow is answered with RST; no handshake, nothing outside."""
    origins(lab)
    with Gate(lab, **settings) as gate, Capture(lab, lab.wire.internet, "s0") as outside, \
            Capture(lab, lab.wire.client, "c0") as inside:
        done = lab.curl(url, *args, server=address, seconds=4)
        equal("curl's exit", done.returncode, 7)
        no_packet_of(outside.stop(), address, PUBLIC, CLIENT, OUTSIDER)
        answers = [p for p in of_host(inside.stop(), address) if p.src == address]
        assert answers and all(p.flags & RST for p in answers), [str(p) for p in answers]
        assert gate.counter(reason) >= 1, gate.counters()


@scenario
def port_that_no_rule_covers(lab):
    refused_at_once(lab, "https://allowed.example:8443/", server(10), "port_not_allowed")


@scenario
def source_that_no_rule_covers(lab):
    lab.wire.add_client_address(OUTSIDER)
    refused_at_once(
        lab, "https://allowed.example/", server(10), "source_not_allowed",
        args=("--interface", OUTSIDER),
        rules=(f"{{name: one, sources: ['{CLIENT}/{8 * len(address_octets(CLIENT))}'], hosts: [allowed.example], protocols: [tls/443]}}",))


@scenario
def spoofed_source_is_not_answered(lab):
    """A source outside the inside networks: no SYN-ACK, no RST."""
    lab.wire.add_client_address(STRANGER)
    origins(lab)
    with Gate(lab) as gate, Capture(lab, lab.wire.client, "c0") as inside:
        done = lab.curl("https://allowed.example/", "--interface", STRANGER, server=server(10), seconds=2)
        equal("curl's exit", done.returncode, 28)
        assert not [p for p in inside.stop() if p.src == server(10)], "an answer to a spoofed source"
        assert gate.counter("spoofed_source") >= 1, gate.counters()


@scenario
def private_destination_is_refused(lab):
    refused_at_once(lab, "https://allowed.example/", PRIVATE, "dst_not_public")


@scenario
def metadata_destination_is_refused_even_with_private(lab):
    rule = "{name: web, hosts: [allowed.example], protocols: [tls/443], private: true}"
    refused_at_once(lab, "https://allowed.example/", METADATA, "dst_reserved", rules=(rule,))


@scenario
def own_address_as_destination_is_refused(lab):
    origins(lab)
    with Gate(lab) as gate:
        equal("curl's exit", lab.curl("https://allowed.example/", server=PUBLIC, seconds=4).returncode, 7)
        assert gate.counter("dst_own") >= 1, gate.counters()


@scenario
def private_destination_where_a_rule_says_so(lab):
    rule = "{name: web, hosts: [allowed.example], protocols: [tls/443], private: true}"
    lab.wire.internet.ip(PLAYED.option, "route", "add", "local", PRIVATE, "dev", "lo")
    Nginx(lab, {"allowed.example": PRIVATE})
    with Gate(lab, rules=(rule,)):
        done = lab.curl("https://allowed.example/", server=PRIVATE)
        equal("curl", (done.returncode, done.stderr), (0, ""))


@scenario
def udp_443_is_told_prohibited(lab):
    """So that a browser falls back to TCP at once."""
    with Gate(lab), Capture(lab, lab.wire.internet, "s0") as outside, \
            Capture(lab, lab.wire.client, "c0") as inside:
        with lab.wire.client.inside():
            s = socket.socket(PLAYED.kind, socket.SOCK_DGRAM)
        s.settimeout(3)
        s.connect((server(10), 443))
        s.send(b"x" * 1200)
        try:
            s.recv(10)
            raise AssertionError("an answer to UDP/443")
        except (ConnectionRefusedError, PermissionError, OSError) as error:
            assert not isinstance(error, TimeoutError), "no ICMP came"
        finally:
            s.close()
        no_packet_of(outside.stop(), server(10), PUBLIC)
        at, kind, prohibited = (34, 1, b"\x03\x0d") if PLAYED is V4 else (54, 58, b"\x01\x01")
        errors = [p.raw[at:at + 2] for p in inside.stop() if p.proto == kind and p.dst == CLIENT and p.raw[at] < 128]
        equal("ICMP type and code", errors[:1], [prohibited])
