# SPDX-License-Identifier: Apache-2.0
"""What a client gets that is refused, what the server sees of it, and what the log says, field by field."""
import re

from lib.capture import Capture
from lib.families import bracketed
from lib.gate import HTTP, QUICK, Gate, check_entry
from lib.http_origins import HttpNginx, ScriptedOrigin, answer, head
from lib.http_wire import HttpConnection, exchange, request
from lib.netns import CLIENT, PUBLIC, server
from lib.origin import Nginx
from lib.packet import SYN
from lib.scenario import equal, no_packet_of, scenario
from lib.streams import streams
from lib.waiting import wait_until

NAME, DENIED, ADDRESS = "allowed.example", "denied.example", server(10)
DENIED_ROUTE = "default-deny"


def connect(lab, address=ADDRESS, **options):
    return HttpConnection(lab.wire.client, address, **options)


# What a line says of a request that never had a server.
NO_SERVER = {"upstream_host": "-", "upstream_cluster": "-", "upstream_local": "-", "service_time": "-"}


@scenario
def allowed_request_field_by_field(lab):
    nginx = HttpNginx(lab, {NAME: ADDRESS})
    with Gate(lab, rules=(HTTP,)) as gate, connect(lab) as connection:
        connection.send(request("Allowed.Example:80", "/a?b=c", "User-Agent: Agent/1 (x; \"y\")", "X-Request-Id: id-1",
                                "X-Forwarded-For: 192.0.2.99"))
        equal("answer", connection.response().status, 200)
        entry = gate.wait_entry(code="200")
        nginx.wait_requests(1)
        leg, port = nginx.requests()[0].split()[0].rsplit(":", 1)
        check_entry(entry, request="GET /a?b=c HTTP/1.1", flags="-", details="via_upstream", termination="-",
                    bytes_received="0", bytes_sent=str(len("hello from allowed.example\n")), forwarded_for=CLIENT,
                    user_agent='Agent/1 (x; \\x22y\\x22)', request_id="id-1", authority="Allowed.Example:80",
                    upstream_host=f"{bracketed(ADDRESS)}:80", upstream_cluster="outbound|80||allowed.example",
                    upstream_local=f"{bracketed(PUBLIC)}:{port}", downstream_local=f"{bracketed(ADDRESS)}:80",
                    downstream_remote=f"{bracketed(CLIENT)}:{connection.port}", sni="-", route="web")
        equal("left as", leg, PUBLIC)
        assert 0 <= int(entry["service_time"]) <= int(entry["duration"]) < 5000, entry
        equal("requests under way", gate.counter("requests_in_use"), 0)
        connection.close()
        gate.wait_pools_empty()
        equal("lines", len(gate.entries()), 1)


@scenario
def query_is_left_out_of_the_log_on_demand(lab):
    HttpNginx(lab, {NAME: ADDRESS})
    with Gate(lab, rules=(HTTP,)) as gate:
        with open(gate.file) as f:
            text = f.read()
        gate.stop()
        changed = text.replace("access.log}}", "access.log, query: omit}}")
        assert changed != text, text
        with open(gate.file, "w") as f:
            f.write(changed)
        gate.start()
        for name in (NAME, DENIED):
            exchange(lab.wire.client, ADDRESS, request(name, "/a?token=secret"))
        wait_until("two lines", lambda: len(gate.entries()) == 2)
        equal("requests", {e["request"] for e in gate.entries()}, {"GET /a HTTP/1.1"})
        with open(gate.access_log) as f:
            assert "secret" not in f.read(), "the query is in the log"


@scenario
def denied_request_gets_a_page_with_its_id(lab):
    nginx = HttpNginx(lab, {DENIED: ADDRESS})
    with Gate(lab, rules=(HTTP,)) as gate, Capture(lab, lab.wire.internet, "s0") as capture, \
            connect(lab) as connection:
        connection.send(request(DENIED, "/secret", "User-Agent: agent"))
        page = connection.response()
        equal("rest", (connection.rest(), connection.ended), (b"", "fin"))
        entry = gate.wait_entry(code="403")
        no_packet_of(capture.stop(), ADDRESS, PUBLIC, CLIENT)
    equal("status", page.status, 403)
    assert page.field("Content-Type").startswith("text/plain"), page.head
    equal("connection", page.field("Connection"), "close")
    text = page.body.decode("ascii")
    assert DENIED in text and "host_not_allowed" in text, text
    equal("id", page.field("X-Request-Id"), entry["request_id"])
    assert re.fullmatch(r"[\w.:-]{8,}", entry["request_id"]) and entry["request_id"] in text, entry
    check_entry(entry, request="GET /secret HTTP/1.1", flags="NR", details="host_not_allowed", termination="-",
                bytes_received="0", bytes_sent=str(len(page.body)), forwarded_for=CLIENT, user_agent="agent",
                authority=DENIED, downstream_local=f"{bracketed(ADDRESS)}:80",
                downstream_remote=f"{bracketed(CLIENT)}:{connection.port}", sni="-", route=DENIED_ROUTE, **NO_SERVER)
    equal("requests at the server", nginx.requests(), [])


@scenario
def denied_head_request_gets_no_body(lab):
    with Gate(lab, rules=(HTTP,)), connect(lab) as connection:
        connection.send(request(DENIED, method="HEAD"))
        page = connection.response(to_head=True)
        equal("status", page.status, 403)
        equal("rest", connection.rest(), b"")


@scenario
def deny_rule_is_named(lab):
    rules = ("{name: all, hosts: ['*.example'], protocols: [http/80]}",
             "{name: not-this, hosts: [denied.example], protocols: [http/80], action: deny}")
    with Gate(lab, rules=rules) as gate:
        equal("status", exchange(lab.wire.client, ADDRESS, request(DENIED)).status, 403)
        check_entry(gate.wait_entry(code="403"), route="not-this", details="host_not_allowed", flags="NR")


@scenario
def denied_names_in_quick_succession(lab):
    """500 in a row: a page and a line each, no packet outside, and each id its own."""
    with Gate(lab, rules=(HTTP,)) as gate, Capture(lab, lab.wire.internet, "s0") as capture:
        pages = [exchange(lab.wire.client, ADDRESS, request(DENIED)) for _ in range(500)]
        equal("codes", {p.status for p in pages}, {403})
        wait_until("500 lines", lambda: len(gate.entries()) == 500)
        ids = {e["request_id"] for e in gate.entries()}
        equal("ids", ids, {p.field("X-Request-Id") for p in pages})
        equal("different ids", len(ids), 500)
        gate.wait_pools_empty()
        outside = [p for p in capture.stop() if p.ethertype == 0x0800]
    assert not outside, f"{len(outside)} IP packets outside"


@scenario
def second_request_on_a_kept_connection_is_denied(lab):
    """curl goes on with its connection; the page comes on it, and not one octet of the request leaves."""
    nginx = HttpNginx(lab, {NAME: ADDRESS})
    with Gate(lab, rules=(HTTP,)) as gate, Capture(lab, lab.wire.internet, "s0") as capture:
        url, write = "http://allowed.example/", "%{http_code} %{num_connects}\n"
        lines = lab.curl(url, "-w", write, url, "--next", "-sS", "--noproxy", "*", "--max-time", 5, "-w", write,
                         "-H", f"Host: {DENIED}", server=ADDRESS).stdout.splitlines()
        equal("first", lines[:2], ["hello from allowed.example", "200 1"])
        equal("second, on the connection of the first", lines[-1], "403 0")
        check_entry(gate.wait_entry(code="403"), authority=DENIED, flags="NR", details="host_not_allowed", **NO_SERVER)
        packets = capture.stop()
    nginx.wait_requests(1)
    assert not [p for p in packets if DENIED.encode() in p.raw], "octets of the denied request are outside"


@scenario
def denial_waits_for_the_responses_before_it(lab):
    """Three requests in one segment, the last one denied: two answers in order, then the page."""
    def script(c):
        head(c)
        head(c, 2)
        gate.wait_counter("verdicts_deny", 1)
        c.sock.sendall(answer(b"one") + answer(b"two"))
    with Gate(lab, rules=(HTTP,)) as gate, ScriptedOrigin(lab, script) as origin, connect(lab) as connection:
        allowed = request(NAME, "/1") + request(NAME, "/2")
        connection.send(allowed + request(DENIED, "/3") + request(NAME, "/4"))
        equal("answers", [connection.response().body for _ in range(2)], [b"one", b"two"])
        equal("page", connection.response().status, 403)
        equal("rest", connection.rest(), b"")
        origin.wait_for(ADDRESS, allowed)
        wait_until("three lines", lambda: len(gate.entries()) == 3)
        equal("lines", sorted(e["request"] for e in gate.entries()), [f"GET /{n} HTTP/1.1" for n in (1, 2, 3)])


def second_name(lab, rules, send):
    """Two allowed names on one client connection; returns what the server got, by connection."""
    def script(c):
        while head(c, c.served + 1).count(b"\r\n\r\n") > c.served:
            c.served += 1
            c.sock.sendall(answer(b"answer %d of %d" % (c.served, c.peer[1])))
    with Gate(lab, rules=rules) as gate, Capture(lab, lab.wire.internet, "s0") as capture, \
            ScriptedOrigin(lab, lambda c: setattr(c, "served", 0) or script(c)) as origin, connect(lab) as connection:
        answers = send(connection)
        packets = capture.stop()
        equal("connections at the server", len(origin.of(ADDRESS)), 2)
        first, second = origin.of(ADDRESS)
        equal("answers", answers, [b"answer 1 of %d" % first.peer[1], b"answer 1 of %d" % second.peer[1]])
        entries = [gate.wait_entry(request=f"GET /{n} HTTP/1.1") for n in (1, 2)]
        equal("legs in the log", [e["upstream_local"] for e in entries],
              [f"{bracketed(PUBLIC)}:{c.peer[1]}" for c in (first, second)])
        equal("names in the log", [e["upstream_cluster"] for e in entries],
              ["outbound|80||allowed.example", "outbound|80||other.example"])
        connection.close()
        gate.wait_pools_empty()
    return list(streams(packets, PUBLIC, ADDRESS).values()), packets


BOTH = "{name: web, hosts: [allowed.example, other.example], protocols: [http/80]}"
APART = ("{name: one, hosts: [allowed.example], protocols: [http/80]}",
         "{name: two, hosts: [other.example], protocols: [http/80]}")
TWO = (request(NAME, "/1"), request("other.example", "/2"))


def in_turn(connection):
    return [connection.send(octets) or connection.response().body for octets in TWO]


def at_once(connection):
    connection.send(b"".join(TWO))
    return [connection.response().body for _ in TWO]


@scenario
def another_allowed_name_gets_a_leg_of_its_own(lab):
    for rules in ((BOTH,), APART):
        for send in (in_turn, at_once):
            sent, packets = second_name(lab, rules, send)
            equal("octets of each leg", sent, list(TWO))
            if send is at_once:
                first_answer = next(p.time for p in packets if b"answer 1" in p.payload)
                second_syn = [p.time for p in packets if p.is_tcp() and p.flags == SYN][1]
                assert second_syn > first_answer, "the second leg was opened ahead of the first answer"


# ---- requests that are none ----

def refused(lab, rows):
    """Each of (octets, status, fields of the line) on a connection of its own; nothing is seen outside."""
    with Gate(lab, rules=(HTTP,)) as gate, Capture(lab, lab.wire.internet, "s0") as capture:
        for octets, status, fields in rows:
            with connect(lab) as connection:
                connection.send(octets)
                page = connection.response()
                equal(f"status of {fields}", page.status, status)
                equal("rest", connection.rest(), b"")
                entry = gate.wait_entry(downstream_remote=f"{bracketed(CLIENT)}:{connection.port}")
                check_entry(entry, code=str(status), route=DENIED_ROUTE, **NO_SERVER, **fields)
        gate.wait_pools_empty()
        no_packet_of(capture.stop(), ADDRESS, PUBLIC, CLIENT)


@scenario
def malformed_requests_are_told_why(lab):
    def row(octets, status, reason, **fields):
        return octets, status, {"details": reason, "flags": "DPE", **fields}
    both = ("Content-Length: 3", "Transfer-Encoding: chunked")
    refused(lab, (
        row(b"GET / HTTP/1.1\r\n\r\n", 400, "no_host", request="GET / HTTP/1.1", authority="-"),
        row(request(NAME, "/", "Host: x"), 400, "host_invalid", request="GET / HTTP/1.1"),
        row(request(NAME, "/", *both, method="POST"), 400, "http_ambiguous", request="POST / HTTP/1.1"),
        row(request(NAME, method="FETCH"), 501, "method_unknown"),
        row(b"GET / HTTP/1.2\r\nHost: allowed.example\r\n\r\n", 505, "http_version"),
        row(b"GET / HTTP/1.1\r\nX: " + b"x" * 20_000, 431, "request_head_too_large")))


@scenario
def connect_and_other_upgrades_are_denied(lab):
    fields = {"details": "upgrade_denied", "flags": "NR"}
    refused(lab, ((request(NAME, "allowed.example:80", method="CONNECT"), 403, fields),
                  (request(NAME, "/", "Connection: Upgrade", "Upgrade: h2c"), 403, fields)))


@scenario
def head_that_never_ends(lab):
    with Gate(lab, rules=(HTTP,), extra=QUICK) as gate, connect(lab) as connection:
        connection.send(b"GET /half HTTP/1.1\r\nHost: allow")
        equal("status", connection.response().status, 408)
        check_entry(gate.wait_entry(details="request_head_timeout"), downstream_remote=f"{bracketed(CLIENT)}:{connection.port}",
                    sni="-", **NO_SERVER)
        equal("lines", len(gate.entries()), 1)
        connection.close()
        gate.wait_pools_empty()


@scenario
def client_that_leaves_within_its_first_head(lab):
    """A session line without a request, as one of TLS would be."""
    with Gate(lab, rules=(HTTP,)) as gate:
        with connect(lab) as connection:
            connection.send(b"GET /half HTTP/1.1\r\nHost: allow")
            gate.wait_counter("sessions_active", 1)
        check_entry(gate.wait_entry(flags="DC"), request="- - -", code="0", details="client_closed", forwarded_for="-",
                    authority="-", sni="-", route="-", **NO_SERVER)
        gate.wait_pools_empty()


@scenario
def client_that_leaves_before_the_answer(lab):
    def script(c):
        head(c)
        asked.append(True)
    asked = []
    with Gate(lab, rules=(HTTP,)) as gate, ScriptedOrigin(lab, script):
        with connect(lab) as connection:
            connection.send(request(NAME, "/left"))
            wait_until("the request at the server", lambda: asked)
            connection.reset()
        entry = gate.wait_entry(request="GET /left HTTP/1.1")
        check_entry(entry, code="0", flags="DC", details="client_reset", upstream_host=f"{bracketed(ADDRESS)}:80",
                    service_time="-")
        gate.wait_pools_empty()


# ---- the first octet decides ----

@scenario
def answers_without_a_page(lab):
    for answer_kind, ends in (("reset", "reset"), ("drop", None)):
        with Gate(lab, rules=(HTTP,), policy=f"action: deny, answer: {answer_kind}") as gate, \
                connect(lab, seconds=1) as connection:
            connection.send(request(DENIED))
            gate.wait_entry(details="host_not_allowed")
            try:
                equal("octets", connection.rest(), b"")
            except TimeoutError:
                pass  # Silence: that is what drop means.
            equal(f"the end with answer {answer_kind}", connection.ended, ends)


@scenario
def two_protocols_on_one_port(lab):
    address = server(11)
    Nginx(lab, {NAME: ADDRESS})
    HttpNginx(lab, {NAME: address}, port=443)
    rule = "{name: both, hosts: [allowed.example], protocols: [tls/443, http/443]}"
    with Gate(lab, rules=(rule,)) as gate:
        equal("TLS", lab.curl("https://allowed.example/", server=ADDRESS).stdout, "hello from allowed.example\n")
        equal("HTTP", lab.curl("http://allowed.example:443/", server=address).stdout, "hello from allowed.example\n")
        equal("spliced and relayed", (gate.counter("sessions_spliced"), gate.counter("sessions_relayed")), (1, 1))
        gate.wait_entry(sni="allowed.example", request="- - -")
        gate.wait_entry(authority="allowed.example:443", code="200")


@scenario
def tls_on_a_port_of_http_is_a_mismatch(lab):
    HttpNginx(lab, {NAME: ADDRESS})
    with Gate(lab, rules=(HTTP,)) as gate, Capture(lab, lab.wire.internet, "s0") as capture:
        equal("curl's exit", lab.curl("https://allowed.example:80/", server=ADDRESS).returncode, 35)
        check_entry(gate.wait_entry(details="protocol_mismatch"), flags="NR", request="- - -")
        no_packet_of(capture.stop(), ADDRESS, PUBLIC, CLIENT)


@scenario
def hostile_octets_stay_within_their_field(lab):
    """A request may be refused or served; its line has as many fields as any other."""
    HttpNginx(lab, {NAME: ADDRESS})
    hostile = b'" 200 - via_upstream - "-"\\ \xff\xfe'
    with Gate(lab, rules=(HTTP,)) as gate:
        octets = b"GET /\" HTTP/1.1\r\nHost: allowed.example\r\nUser-Agent: " + hostile + b"\r\n\r\n"
        exchange(lab.wire.client, ADDRESS, octets)
        wait_until("a line", lambda: len(gate.entries()) == 1)
        with open(gate.access_log, "rb") as f:
            line = f.read()
        assert all(0x20 <= octet < 0x7f or octet == 10 for octet in line), line
        assert b"\xff" not in line and line.count(b"\n") == 1, line
