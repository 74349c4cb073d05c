# SPDX-License-Identifier: Apache-2.0
"""A name is honoured only together with an address that the gate's own resolver has for it.

The DNS server is dnsmasq on a management link; where a server must misbehave, one that does as it is told.
"""
import contextlib
import random
import socket
import struct
import threading
import time

from lib import hello
from lib.capture import Capture
from lib.dns import DNS, SERVFAIL, Dnsmasq, ScriptedDns, resolver
from lib.gate import Gate
from lib.http_origins import HttpNginx
from lib.netns import CLIENT, GATE_OUTSIDE, PUBLIC, server
from lib.origin import Nginx, Sink
from lib.scenario import equal, no_packet_of, scenario
from lib.waiting import wait_until

HONEST, LIAR = server(10), server(66)
HOSTS = "hosts: [allowed.example, '*.wild.example'], protocols: [tls/443]"
VERIFIED = f"{{name: web, {HOSTS}}}"
STRICT = f"{{name: web, {HOSTS}, on_mismatch: deny}}"
RESOLVED = f"{{name: web, {HOSTS}, destination: resolved}}"
ALERTED = 35  # what curl says to a TLS alert


def bound(lab, rule=VERIFIED, **settings):
    return Gate(lab, rules=(rule,), extra=resolver(DNS, **settings))


def origins(lab):
    return Nginx(lab, {"allowed.example": HONEST, "liar.example": LIAR, "a.wild.example": server(12)})


def fetch(lab, name="allowed.example", address=HONEST, seconds=10):
    return lab.curl(f"https://{name}/", server=address, seconds=seconds)


def fetched(lab, name="allowed.example", address=HONEST, seconds=10):
    done = fetch(lab, name, address, seconds)
    equal("curl", (done.returncode, done.stderr, done.stdout), (0, "", f"hello from {name}\n"))


def denied(lab, gate, reason, *addresses, name="allowed.example", address=HONEST, seconds=10):
    """A denial with nothing outside, not even ARP for the addresses."""
    with Capture(lab, lab.wire.internet, "s0") as capture:
        equal("curl's exit", fetch(lab, name, address, seconds).returncode, ALERTED)
        entry = gate.wait_entry(details=reason)
        no_packet_of(capture.stop(), address, PUBLIC, CLIENT, *addresses)
    equal("flags", entry["flags"], "DF" if reason in ("dns_failed", "dns_timeout") else "NR")
    return entry


# ---- lies in SNI ----

@scenario
def liar_reaches_the_real_server_and_not_its_own(lab):
    nginx = origins(lab)
    with Dnsmasq(lab, {"allowed.example": [HONEST]}), bound(lab) as gate, \
            Capture(lab, lab.wire.internet, "s0") as capture:
        fetched(lab, address=LIAR)
        entry = gate.wait_entry(sni="allowed.example")
        no_packet_of(capture.stop(), LIAR)
        equal("redirected", gate.counter("sessions_redirected"), 1)
    equal("dialled", entry["upstream_host"], f"{HONEST}:443")
    equal("wanted", entry["downstream_local"], f"{LIAR}:443")
    equal("requests", [line.split()[1] for line in nginx.requests()], ["allowed.example"])


@scenario
def liar_is_denied_on_mismatch(lab):
    origins(lab)
    with Dnsmasq(lab, {"allowed.example": [HONEST]}), bound(lab, STRICT) as gate:
        denied(lab, gate, "dst_mismatch", HONEST, address=LIAR)
        fetched(lab)
        equal("mismatches", gate.counter("dst_mismatch"), 1)


@scenario
def client_keeps_its_address_when_it_is_one_of_the_names(lab):
    Nginx(lab, {"allowed.example": server(14)})
    with Dnsmasq(lab, {"allowed.example": [HONEST, server(14), server(15)]}), bound(lab) as gate:
        for _ in range(3):
            fetched(lab, address=server(14))
        equal("redirected", gate.counter("sessions_redirected"), 0)
        equal("hosts dialled", {e["upstream_host"] for e in gate.entries()}, {f"{server(14)}:443"})


@scenario
def resolved_rules_dial_the_answer(lab):
    origins(lab)
    with Dnsmasq(lab, {"allowed.example": [HONEST]}), bound(lab, RESOLVED) as gate:
        fetched(lab, address=LIAR)
        equal("dialled", gate.wait_entry(sni="allowed.example")["upstream_host"], f"{HONEST}:443")


# ---- what is asked ----

@scenario
def denied_names_are_never_asked(lab):
    origins(lab)
    names = {"*.wild.example": [server(12)], "denied.example": [LIAR]}
    with Dnsmasq(lab, names) as dns, bound(lab) as gate:
        fetched(lab, "a.wild.example", address=LIAR)
        denied(lab, gate, "sni_not_allowed", name="denied.example", address=LIAR)
        fetched(lab, "a.wild.example", address=server(12))
        equal("questions", dns.questions(), ["a.wild.example"])
        equal("look-ups", gate.counter("resolver_lookups"), 1)


@scenario
def names_that_do_not_exist_are_denied(lab):
    with Dnsmasq(lab), bound(lab) as gate:
        denied(lab, gate, "dns_failed")
        equal("not found", gate.counter("resolver_not_found"), 1)


@scenario
def new_names_of_a_source_are_limited(lab):
    origins(lab)
    with Dnsmasq(lab, {"*.wild.example": [server(12)]}), bound(lab, new_names_per_second=3) as gate:
        def burst():
            for n in range(30):
                hello_only(lab, f"n{time.monotonic_ns()}-{n}.wild.example", server(12))
            return gate.counter("dns_limited")
        wait_until("new names to be limited", burst, 30)
        entry = gate.wait_entry(details="dns_limited")
        equal("flags", entry["flags"], "RL")


@scenario
def full_name_cache_refuses_the_new_and_keeps_what_waits(lab):
    """The smallest cache has 64 names; names that sessions wait for are never put out of it."""
    def slow(name, qtype):
        return None if name.startswith("slow") else [server(12)]
    with contextlib.ExitStack() as stack:
        stack.enter_context(ScriptedDns(lab, slow))
        stack.enter_context(Sink(lab))
        gate = stack.enter_context(Gate(lab, rules=(VERIFIED,), extra=resolver(DNS, timeout="30s") +
                                        "memory: {sessions: 256}\ntcp: {setup_timeout: 60s}\n"))
        for n in range(16):
            stack.enter_context(waiting_visitor(lab, server(12), f"slow{n}.wild.example"))
        gate.wait_counter("sessions_resolving", 16)
        for n in range(48):
            equal(f"visit {n}", visit(lab, server(12), f"n{n}.wild.example"), True)
        gate.wait_counter("names_in_use", 64)
        equal("one more", visit(lab, server(12), "more.wild.example"), False)
        equal("flags", gate.wait_entry(details="name_cache_full")["flags"], "UO")
        equal("the next one", visit(lab, server(12), "next.wild.example"), True)
        gate.wait_counter("sessions_resolving", 16)


def hello_only(lab, name, address):
    """A ClientHello and no wait for what becomes of it."""
    waiting_visitor(lab, address, name).close()


# ---- DNS that is slow, down, wrong ----

@scenario
def slow_dns_is_waited_for(lab):
    origins(lab)

    def slow(name, qtype):
        time.sleep(1)
        return [HONEST]
    with ScriptedDns(lab, slow), bound(lab) as gate:
        fetched(lab)
        assert float(gate.wait_entry(sni="allowed.example")["duration"]) >= 1000, gate.entries()


@scenario
def silent_dns_is_a_timeout(lab):
    with ScriptedDns(lab, lambda name, qtype: None) as dns, bound(lab, timeout="1s") as gate:
        equal("curl's exit", fetch(lab).returncode, ALERTED)
        # The session's patience and the resolver's end at about the same time.
        entry = wait_until("the line", lambda: [e for e in gate.entries() if e["flags"] == "DF"])[0]
        assert entry["details"] in ("dns_timeout", "dns_failed"), entry
        assert 900 <= float(entry["duration"]) < 5000, entry
        assert len(dns.asked) >= 2, dns.asked


@scenario
def servfail_is_a_denial_at_once(lab):
    with ScriptedDns(lab, lambda name, qtype: SERVFAIL), bound(lab) as gate:
        denied(lab, gate, "dns_failed")


@scenario
def a_second_server_takes_over(lab):
    origins(lab)
    other = "10.53.0.54"
    with Dnsmasq(lab, {"allowed.example": [HONEST]}, address=other), \
            ScriptedDns(lab, lambda name, qtype: None), \
            Gate(lab, rules=(VERIFIED,), extra=resolver(DNS, other)) as gate:
        fetched(lab)
        equal("failed", gate.counter("resolver_failed"), 0)


@scenario
def forged_replies_are_not_believed(lab):
    """Another id, another question, another port: what somebody beside the path could send."""
    origins(lab)

    def forge(query, reply):
        evil = reply[:-4] + socket.inet_aton(LIAR)
        yield struct.pack("!H", (struct.unpack_from("!H", query)[0] + 1) & 0xffff) + evil[2:]
        yield evil[:13] + bytes([evil[13] ^ 1]) + evil[14:]
    with ScriptedDns(lab, lambda name, qtype: [HONEST], forge=forge), bound(lab) as gate, \
            Capture(lab, lab.wire.internet, "s0") as capture:
        fetched(lab, address=LIAR)
        no_packet_of(capture.stop(), LIAR)
        gate.wait_entry(upstream_host=f"{HONEST}:443")


@scenario
def earlier_answers_are_served_within_grace_while_dns_is_down(lab):
    origins(lab)
    with Dnsmasq(lab, {"allowed.example": [HONEST]}, ttl=1) as dns, \
            bound(lab, grace="6s", timeout="1s") as gate:
        fetched(lab)
        dns.stop()
        wait_until("a session by an answer past its time",
                   lambda: (fetched(lab), gate.counter("answers_stale"))[1], 5)

        def gone():
            return fetch(lab).returncode == ALERTED
        wait_until("the end of the grace", gone, 20)
        dns.start()
        wait_until("DNS to be back", lambda: fetch(lab).returncode == 0, 15)


@scenario
def a_name_that_is_taken_back_is_gone_at_once(lab):
    origins(lab)
    with Dnsmasq(lab, {"allowed.example": [HONEST]}, ttl=1) as dns, bound(lab) as gate:
        fetched(lab)
        dns.set("allowed.example")
        wait_until("the denial", lambda: fetch(lab).returncode == ALERTED, 10)
        gate.wait_entry(details="dns_failed")
        equal("stale", gate.counter("resolver_stale"), 0)


# ---- addresses that must never be dialled ----

def rebinding(lab, reason, address, **settings):
    Nginx(lab, {"liar.example": LIAR})
    with Dnsmasq(lab, {"allowed.example": [address]}), bound(lab, **settings) as gate:
        denied(lab, gate, reason, address)
        equal("counter", gate.counter(reason), 1)


@scenario
def rebinding_to_metadata(lab):
    rebinding(lab, "dst_reserved", "169.254.169.254")


@scenario
def rebinding_to_loopback(lab):
    rebinding(lab, "dst_reserved", "127.0.0.1")


@scenario
def rebinding_to_private(lab):
    rebinding(lab, "dst_not_public", "192.168.7.7")


@scenario
def rebinding_to_the_inside(lab):
    rebinding(lab, "dst_inside", "10.10.0.9")


@scenario
def rebinding_to_the_gate_itself(lab):
    rebinding(lab, "dst_own", GATE_OUTSIDE)


@scenario
def bad_addresses_among_good_ones_are_skipped(lab):
    origins(lab)
    with Dnsmasq(lab, {"allowed.example": ["127.0.0.1", "169.254.169.254", HONEST]}), \
            bound(lab, RESOLVED) as gate:
        for _ in range(4):
            fetched(lab)
        equal("hosts dialled", {e["upstream_host"] for e in gate.entries()}, {f"{HONEST}:443"})


# ---- answers that change ----

@scenario
def rotating_answers_deny_nobody(lab):
    """The answer changes all the time; the client always uses the one before."""
    rounds = 8
    addresses = [server(20 + n) for n in range(rounds + 1)]
    Nginx(lab, {f"s{n}.example": a for n, a in enumerate(addresses)})
    with Dnsmasq(lab, {"allowed.example": addresses[:1]}, ttl=1) as dns, bound(lab, STRICT) as gate:
        equal("curl", lab.curl("https://allowed.example/", "-k", server=addresses[0]).returncode, 0)
        for before, after in zip(addresses, addresses[1:]):
            known = gate.counter("resolver_found")
            dns.set("allowed.example", after)

            def used():
                done = lab.curl("https://allowed.example/", "-k", server=before)
                equal("curl", (done.returncode, done.stderr), (0, ""))
                return gate.counter("resolver_found") > known
            wait_until(f"an answer with {after}", used, 20)
        equal("denied", gate.counter("verdicts_deny"), 0)
        hosts = {e["upstream_host"] for e in gate.entries()}
        equal("hosts dialled", hosts, {f"{a}:443" for a in addresses[:rounds]})


class Cdn:
    """A name whose answer moves on all the time; as with real ones, an answer has the address before
    as well, and says that it lasts for minutes."""

    SECONDS = 3

    def __init__(self, addresses):
        self.addresses, self.begun = addresses, time.monotonic()

    def answer(self, *_):
        turn = int((time.monotonic() - self.begun) / self.SECONDS)
        return [self.addresses[(turn + n) % len(self.addresses)] for n in (1, 0)]


def visit(lab, address, name="allowed.example"):
    """True: a server answered the ClientHello. False: the gate refused it."""
    with waiting_visitor(lab, address, name) as s:
        return s.recv(1) == hello.SERVER_HELLO[:1]


def waiting_visitor(lab, address, name):
    """A connection whose ClientHello has been sent."""
    with lab.wire.client.inside():
        s = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    s.settimeout(30)
    s.connect((address, 443))
    s.sendall(hello.client_hello(name))
    return s


def visitor(lab, cdn, until, visits):
    """Asks DNS, uses the answer at once and three times more within the next seconds, and so on."""
    while time.monotonic() < until:
        address = cdn.answer()[0]
        for _ in range(4):
            visits.append(visit(lab, address))
            time.sleep(random.uniform(0, 0.8 * Cdn.SECONDS))


def rotate_under_load(lab, rule):
    cdn = Cdn([server(20 + n) for n in range(40)])
    visits = []
    with ScriptedDns(lab, cdn.answer, ttl=300) as names, Sink(lab) as sink, bound(lab, rule) as gate:
        until = time.monotonic() + 8 * Cdn.SECONDS
        clients = [threading.Thread(target=visitor, args=(lab, cdn, until, visits)) for _ in range(24)]
        for c in clients:
            c.start()
        for c in clients:
            c.join()
        assert len(visits) > 200, len(visits)
        equal("refused", [n for n, ok in enumerate(visits) if not ok], [])
        equal("denied", gate.counter("verdicts_deny"), 0)
        # Doubt costs a question a second at most, whatever the number of clients.
        seconds = time.monotonic() - cdn.begun
        assert len(names.questions()) <= seconds + 2, (names.questions(), seconds)
        return gate.counter("sessions_redirected"), {c.local for c in sink.connections}, gate.entries()


@scenario
def rotating_answers_under_load_deny_nobody(lab):
    redirected, dialled, entries = rotate_under_load(lab, STRICT)
    equal("redirected", redirected, 0)
    assert len(dialled) >= 6, dialled
    for e in entries:
        equal("dialled", e["upstream_host"], e["downstream_local"])


@scenario
def rotating_answers_under_load_redirect(lab):
    redirected, dialled, _ = rotate_under_load(lab, VERIFIED)
    assert redirected > 0 and dialled, (redirected, dialled)


@scenario
def other_dns_servers_are_asked_at_once(lab):
    """The former server lied; the answer would have lasted for an hour."""
    origins(lab)
    other = "10.53.0.54"
    with Dnsmasq(lab, {"allowed.example": [LIAR]}, ttl=3600), \
            Dnsmasq(lab, {"allowed.example": [HONEST]}, address=other), bound(lab, STRICT) as gate:
        equal("curl", lab.curl("https://allowed.example/", "-k", server=LIAR).returncode, 0)
        with open(gate.file) as f:
            text = f.read()
        with open(gate.file, "w") as f:
            f.write(text.replace(f"[{DNS}]", f"[{other}]"))
        equal("apply", gate.sallyctl("config", "apply", gate.file).returncode, 0)
        denied(lab, gate, "dst_mismatch", HONEST, address=LIAR)
        fetched(lab)


# ---- HTTP: by request ----

@scenario
def two_names_over_one_connection_each_reach_their_own(lab):
    HttpNginx(lab, {"one.example": server(31), "two.example": server(32)})
    rule = "{name: web, hosts: [one.example, two.example], protocols: [http/80]}"
    with Dnsmasq(lab, {"one.example": [server(31)], "two.example": [server(32)]}), \
            Gate(lab, rules=(rule,), extra=resolver(DNS)) as gate:
        with lab.wire.client.inside():
            s = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        with s:
            s.settimeout(10)
            s.connect((LIAR, 80))
            for name in ("one.example", "two.example", "one.example"):
                s.sendall(f"GET / HTTP/1.1\r\nHost: {name}\r\n\r\n".encode())
                received = b""
                while not received.endswith(f"hello from {name}\n".encode()):
                    data = s.recv(4096)
                    assert data, f"closed after {received!r}"
                    received += data
        for name, n in (("one.example", 31), ("two.example", 32)):
            gate.wait_entry(authority=name, upstream_host=f"{server(n)}:80")
