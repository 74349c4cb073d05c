# SPDX-License-Identifier: Apache-2.0
"""HTTP servers with manners of their own: interim and early answers, upgrades, bad ends, and none at all."""
import socket

from lib.families import bracketed
from lib.gate import QUICK, check_entry, http_gate
from lib.http_origins import ScriptedOrigin, answer, head, until
from lib.http_wire import HttpConnection, exchange, request
from lib.netns import server
from lib.origin import reset
from lib.scenario import equal, scenario
from lib.waiting import wait_until

NAME, ADDRESS = "allowed.example", server(10)


# ---- dialogues ----

@scenario
def expect_100_continue_waits_for_the_server(lab):
    """The interim response passes, and the body is not sent for it."""
    def script(c):
        head(c)
        equal("octets of the body before the interim response", c.received.partition(b"\r\n\r\n")[2], b"")
        c.sock.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
        until(c, b"0123456789")
        c.sock.sendall(answer(b"taken"))
    stream = request(NAME, "/up", "Content-Length: 10", "Expect: 100-continue", method="PUT")
    with http_gate(lab) as gate, ScriptedOrigin(lab, script) as origin, \
            HttpConnection(lab.wire.client, ADDRESS) as connection:
        connection.send(stream)
        equal("interim", connection.response().status, 100)
        connection.send(b"0123456789")
        equal("final", connection.response().body, b"taken")
        origin.wait_for(ADDRESS, stream + b"0123456789")
        equal("code", gate.wait_entry(request="PUT /up HTTP/1.1")["code"], "200")


@scenario
def early_final_response_to_expect(lab):
    """The server refuses without the body; the client gets its answer."""
    def script(c):
        head(c)
        c.sock.sendall(answer(b"too large", "Connection: close", status="413 Content Too Large"))
        c.sock.close()
    with http_gate(lab) as gate, ScriptedOrigin(lab, script), HttpConnection(lab.wire.client, ADDRESS) as connection:
        connection.send(request(NAME, "/up", "Content-Length: 1000000", "Expect: 100-continue", method="PUT"))
        response = connection.response()
        equal("answer", (response.status, response.body), (413, b"too large"))
        equal("rest", connection.rest(), b"")
        equal("flags", gate.wait_entry(code="413")["flags"], "-")


@scenario
def early_final_response_in_the_middle_of_a_body(lab):
    """The server answers and closes while the client still sends; curl gets the answer and stops."""
    def script(c):
        until(c, b"x" * 100_000)
        c.sock.sendall(answer(b"enough", "Connection: close", status="413 Content Too Large"))
        c.sock.shutdown(socket.SHUT_WR)
    with http_gate(lab), ScriptedOrigin(lab, script):
        file = lab.path("up")
        with open(file, "wb") as f:
            f.write(b"x" * 20_000_000)
        done = lab.curl("http://allowed.example/up", "-H", "Expect:", "-T", file, "-w", " %{http_code}", server=ADDRESS)
        assert done.stdout.startswith("enough 413"), (done.stdout, done.stderr)


@scenario
def after_101_the_connection_is_opaque(lab):
    """Octets that are no HTTP, and those of a request for another name: nobody reads them any more."""
    def script(c):
        head(c)
        c.sock.sendall(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                       b"Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\nfrom the server")
        until(c, opaque)
        c.sock.sendall(b"\0\r\n\r\n")
    opaque = request("denied.example") + b"\xff\0"
    with http_gate(lab), ScriptedOrigin(lab, script), HttpConnection(lab.wire.client, ADDRESS) as connection:
        connection.send(request(NAME, "/", "Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13",
                                "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="))
        equal("answer", connection.response().status, 101)
        connection.send(opaque)
        wait_until("octets of the server", lambda: connection.buffer.endswith(b"\0\r\n\r\n") or not connection.fill())
        equal("octets", connection.buffer, b"from the server\0\r\n\r\n")


# ---- servers with manners of their own ----

@scenario
def slow_server(lab):
    """A body octet by octet, each awaited by the client before the next is sent."""
    def script(c):
        head(c)
        c.sock.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(text))
        for n, octet in enumerate(text):
            wait_until("the client to have read", lambda: len(got) >= n)
            c.sock.sendall(bytes([octet]))
    text, got = b"slowly", bytearray()
    with http_gate(lab), ScriptedOrigin(lab, script), HttpConnection(lab.wire.client, ADDRESS) as connection:
        connection.send(request(NAME))
        connection.until(b"\r\n\r\n")
        while len(got) < len(text):
            got += connection.exactly(1)
        equal("body", bytes(got), text)


@scenario
def server_that_closes_within_a_length(lab):
    """The client must see that something is missing, not a complete response."""
    def script(c):
        head(c)
        c.sock.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nhalf")
        c.sock.close()
    with http_gate(lab) as gate, ScriptedOrigin(lab, script):
        done = lab.curl("http://allowed.example/", server=ADDRESS)
        assert done.returncode in (18, 56), (done.returncode, done.stderr)
        entry = gate.wait_entry(code="200")
        equal("line", (entry["flags"], entry["details"], entry["bytes_sent"]), ("UC", "upstream_closed", "4"))


@scenario
def server_that_closes_without_an_answer(lab):
    def script(c):
        head(c)
        c.sock.close()
    with http_gate(lab) as gate, ScriptedOrigin(lab, script):
        done = lab.curl("http://allowed.example/", "-w", " %{http_code}", server=ADDRESS)
        assert done.stdout.endswith(" 502"), (done.stdout, done.stderr)
        entry = gate.wait_entry(code="502")
        equal("line", (entry["flags"], entry["details"]), ("UC", "upstream_closed"))


@scenario
def server_that_resets_within_a_response(lab):
    def script(c):
        head(c)
        c.sock.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n")
        wait_until("the client to have it", lambda: started)
        reset(c)
    started = []
    with http_gate(lab) as gate, ScriptedOrigin(lab, script), HttpConnection(lab.wire.client, ADDRESS) as connection:
        connection.send(request(NAME))
        connection.until(b"hello\r\n")
        started.append(True)
        connection.rest()
        equal("the end", connection.ended, "reset")
        entry = gate.wait_entry(code="200")
        equal("line", (entry["flags"], entry["details"]), ("UC", "upstream_reset"))


@scenario
def server_that_speaks_no_http(lab):
    def script(c):
        head(c)
        c.sock.sendall(b"220 mail.example ESMTP\r\n\r\n")
    with http_gate(lab) as gate, ScriptedOrigin(lab, script), HttpConnection(lab.wire.client, ADDRESS) as connection:
        connection.send(request(NAME))
        equal("answer", connection.response().status, 502)
        entry = gate.wait_entry(code="502")
        equal("line", (entry["flags"], entry["details"]), ("UPE", "upstream_protocol"))


@scenario
def response_that_nobody_asked_for(lab):
    """What a server sends unasked is no answer to the client's next request."""
    def script(c):
        head(c)
        c.sock.sendall(answer(b"first") + answer(b"nobody asked"))
    with http_gate(lab), ScriptedOrigin(lab, script), HttpConnection(lab.wire.client, ADDRESS) as connection:
        connection.send(request(NAME))
        equal("first", connection.response().body, b"first")
        connection.send(request(NAME))
        try:
            assert connection.response().body != b"nobody asked", "an answer to nothing was passed"
        except ConnectionError:
            pass  # Ending the connection is as good.


@scenario
def stopped_server_stops_its_client(lab):
    """A server that reads nothing: the client can send so much and no more, and the gate keeps little of it."""
    def script(c):
        head(c)
        wait_until("the test to let the server go on", lambda: release, 30)
        left = total - len(c.received.partition(b"\r\n\r\n")[2])
        while left > 0:
            left -= len(c.sock.recv(1 << 18)) or left
        c.sock.sendall(answer(b"all of it"))
    release, total, block = [], 60_000_000, bytes(1 << 16)
    with http_gate(lab) as gate, ScriptedOrigin(lab, script), \
            HttpConnection(lab.wire.client, ADDRESS, seconds=20) as connection:
        connection.send(request(NAME, "/up", f"Content-Length: {total}", method="PUT"))
        connection.sock.settimeout(1)  # so long without room means that the client is stopped
        sent = 0
        try:
            while sent < total:
                sent += connection.sock.send(block[:total - sent])
        except TimeoutError:
            pass
        assert sent < total // 2, f"nothing stopped the client: {sent} octets"
        chunks = gate.counter("relay_chunks_in_use")
        assert 0 < chunks * 2048 <= 4 << 20, f"{chunks} chunks are kept"
        release.append(True)
        connection.sock.settimeout(20)
        while sent < total:
            sent += connection.sock.send(block[:total - sent])
        equal("answer", connection.response().body, b"all of it")


# ---- servers that are not there ----

@scenario
def server_that_refuses_gives_502(lab):
    with http_gate(lab) as gate, HttpConnection(lab.wire.client, ADDRESS) as connection:
        connection.send(request(NAME, "/x"))
        page = connection.response()
        equal("status", page.status, 502)
        assert b"upstream_refused" in page.body, page.body
        equal("rest", connection.rest(), b"")
        check_entry(gate.wait_entry(code="502"), request="GET /x HTTP/1.1", flags="UF", details="upstream_refused",
                    upstream_host=f"{bracketed(ADDRESS)}:80", route="web", request_id=page.field("X-Request-Id"))


@scenario
def server_that_is_silent_gives_504(lab):
    lab.wire.internet.ip("route", "add", "table", "local", "blackhole", server(66))
    with http_gate(lab, extra=QUICK) as gate:
        page = exchange(lab.wire.client, server(66), request(NAME))
        equal("status", page.status, 504)
        check_entry(gate.wait_entry(code="504"), flags="UF", details="upstream_timeout", route="web")


@scenario
def next_hop_that_is_silent_gives_502(lab):
    lab.wire.internet.ip("link", "set", "s0", "arp", "off")
    with http_gate(lab, extra=QUICK) as gate:
        page = exchange(lab.wire.client, ADDRESS, request(NAME))
        equal("status", page.status, 502)
        check_entry(gate.wait_entry(code="502"), flags="UF", details="upstream_unreachable")


@scenario
def server_that_refuses_the_second_leg(lab):
    """The first name is served; the server is gone when the second is asked for."""
    def script(c):
        head(c)
        origin.close_listener()
        c.sock.sendall(answer(b"one"))
    both = "{name: web, hosts: [allowed.example, other.example], protocols: [http/80]}"
    with http_gate(lab, rules=(both,)) as gate, ScriptedOrigin(lab, script) as origin, \
            HttpConnection(lab.wire.client, ADDRESS) as connection:
        connection.send(request(NAME))
        equal("first", connection.response().body, b"one")
        connection.send(request("other.example"))
        equal("second", connection.response().status, 502)
        equal("rest", connection.rest(), b"")
        check_entry(gate.wait_entry(code="502"), authority="other.example", flags="UF", details="upstream_refused")
