# SPDX-License-Identifier: Apache-2.0
"""Real HTTP clients through the gate to real servers; after each run the pools are as at the start."""
import http.client
import os
import re

from lib import process
from lib.bulk_origin import body_sha256, sha256_of, write_body
from lib.families import bracketed
from lib.gate import http_gate
from lib.http_origins import HttpNginx, HttpPython, WebsocketEcho
from lib.http_wire import HttpConnection, request
from lib.netns import PUBLIC, server
from lib.scenario import equal, scenario
from lib.waiting import wait_until

NAME, ADDRESS = "allowed.example", server(10)
LIB = os.path.join(os.path.dirname(__file__), "lib")


def run(lab, *argv, **options):
    return process.run(argv, ns=lab.wire.client, **options)


def ok(what, done):
    equal(what, (done.returncode, done.stderr), (0, ""))
    return done.stdout


@scenario
def curl_keeps_its_connection(lab):
    nginx = HttpNginx(lab, {NAME: ADDRESS})
    with http_gate(lab) as gate:
        out = ok("curl", lab.curl("http://allowed.example/a", "http://allowed.example/b", server=ADDRESS))
        equal("body", out, "hello from allowed.example\n" * 2)
        nginx.wait_requests(2)
        equal("sessions", gate.counter("sessions_relayed"), 1)
        equal("codes", [gate.wait_entry(request=f"GET {p} HTTP/1.1")["code"] for p in ("/a", "/b")], ["200"] * 2)
    peers = [line.split()[0] for line in nginx.requests()]
    equal("connections at the server", len(set(peers)), 1)
    assert peers[0].startswith(f"{PUBLIC}:"), peers


@scenario
def wget_fetches_and_goes_on_where_it_stopped(lab):
    """HEAD, GET, and a range of what is left."""
    nginx = HttpNginx(lab, {NAME: ADDRESS})
    write_body(nginx.file("page"), 1_000_000)
    part = lab.path("page")
    with http_gate(lab) as gate:
        def wget(*args):
            # It has no way to be told a name's address, but sends the Host that it is told.
            done = run(lab, "wget", "-nv", f"--header=Host: {NAME}", *args, f"http://{bracketed(ADDRESS)}/files/page", check=False)
            equal("exit", (done.returncode, done.stderr.count("ERROR")), (0, 0))
        wget("--spider")
        wget("-O", part)
        equal("sha256", sha256_of(part), body_sha256(1_000_000))
        os.truncate(part, 400_000)
        wget("-P", os.path.dirname(part), "-c")
        equal("sha256 of both parts", sha256_of(part), body_sha256(1_000_000))
        equal("bytes of the rest", gate.wait_entry(code="206")["bytes_sent"], "600000")


@scenario
def python_client_with_every_framing(lab):
    """HEAD, 204, 304, lengths, chunks with trailers and the end of the connection."""
    HttpPython(lab, ADDRESS)
    with http_gate(lab) as gate:
        with lab.wire.client.inside():
            client = http.client.HTTPConnection(ADDRESS, 80, timeout=5)
            client.connect()
        for method, path, status, octets in (
                ("HEAD", "/bytes/5000", 200, 0), ("GET", "/bytes/5000", 200, 5000), ("GET", "/bytes/0", 200, 0),
                ("GET", "/204", 204, 0), ("GET", "/304", 304, 0), ("GET", "/chunked/100000", 200, 100000), ("GET", "/bytes/7", 200, 7),
                ("GET", "/until-close/200000", 200, 200000)):
            client.request(method, path, headers={"Host": NAME})
            response = client.getresponse()
            equal(path, (response.status, len(response.read())), (status, octets))
        client.close()
        entry = gate.wait_entry(request="GET /until-close/200000 HTTP/1.1")
        equal("bytes", entry["bytes_sent"], "200000")
        equal("bytes of chunks", gate.wait_entry(request="GET /chunked/100000 HTTP/1.1")["bytes_sent"], "100000")
        equal("sessions", gate.counter("sessions_relayed"), 1)


@scenario
def node_client_on_one_connection(lab):
    HttpPython(lab, ADDRESS)
    with http_gate(lab) as gate:
        out = ok("node", run(lab, "node", os.path.join(LIB, "http_client.js"), ADDRESS, NAME))
        equal("node", out.split("\n")[:3], ["GET 200 1000000 false", "PUT 200 64 true", "GET 200 10 true"])
        equal("body", gate.wait_entry(request="PUT /up HTTP/1.1")["bytes_received"], "70001")


@scenario
def pipelined_requests_are_answered_in_order(lab):
    HttpNginx(lab, {NAME: ADDRESS})
    python = server(11)
    HttpPython(lab, python)
    with http_gate(lab) as gate:
        for address, paths in ((ADDRESS, [f"/{n}" for n in range(100)]),
                               (python, [f"/bytes/{n * 100}" for n in range(100)])):
            with HttpConnection(lab.wire.client, address) as connection:
                connection.send(b"".join(request(NAME, path) for path in paths))
                answers = [connection.response() for _ in paths]
                equal("codes", {a.status for a in answers}, {200})
                if address == python:
                    equal("lengths", [len(a.body) for a in answers], [n * 100 for n in range(100)])
        wait_until("200 lines", lambda: len(gate.entries()) == 200)


# ---- 100 MB ----

SIZE = 100_000_000


@scenario
def hundred_megabytes_down_with_a_length(lab):
    nginx = HttpNginx(lab, {NAME: ADDRESS})
    write_body(nginx.file("big"), SIZE)
    with http_gate(lab) as gate:
        ok("curl", lab.curl("http://allowed.example/files/big", "-o", lab.path("down"), server=ADDRESS, seconds=60))
        equal("sha256", sha256_of(lab.path("down")), body_sha256(SIZE))
        equal("bytes", gate.wait_entry(code="200")["bytes_sent"], str(SIZE))


@scenario
def hundred_megabytes_down_in_chunks(lab):
    HttpPython(lab, ADDRESS)
    with http_gate(lab) as gate:
        ok("curl", lab.curl(f"http://allowed.example/chunked/{SIZE}", "-o", lab.path("down"), server=ADDRESS,
                            seconds=60))
        equal("sha256", sha256_of(lab.path("down")), body_sha256(SIZE))
        equal("bytes", gate.wait_entry(code="200")["bytes_sent"], str(SIZE))


@scenario
def hundred_megabytes_up_with_a_length(lab):
    """curl asks with Expect: 100-continue first."""
    nginx = HttpNginx(lab, {NAME: ADDRESS})
    file = lab.path("up")
    write_body(file, SIZE)
    with http_gate(lab) as gate:
        ok("curl", lab.curl("http://allowed.example/put/big", "-T", file, server=ADDRESS, seconds=60))
        equal("sha256", sha256_of(os.path.join(nginx.uploads, "big")), body_sha256(SIZE))
        equal("bytes", gate.wait_entry(code="201")["bytes_received"], str(SIZE))


@scenario
def hundred_megabytes_up_in_chunks(lab):
    HttpPython(lab, ADDRESS)
    file = lab.path("up")
    write_body(file, SIZE)
    with http_gate(lab) as gate:
        out = ok("curl", lab.curl("http://allowed.example/up", "-H", "Transfer-Encoding: chunked", "-T", file,
                                  server=ADDRESS, seconds=60))
        equal("sha256", out, body_sha256(SIZE))
        equal("bytes", gate.wait_entry(code="200")["bytes_received"], str(SIZE))


# ---- load ----

@scenario
def two_hundred_clients_at_once(lab):
    HttpPython(lab, ADDRESS)
    with http_gate(lab) as gate:
        done = run(lab, "/usr/bin/python3", os.path.join(LIB, "many_http_clients.py"), ADDRESS, NAME, 200, 5, 50_000,
                   seconds=90)
        assert "right: 200" in done.stdout, done.stdout
        wait_until("1000 lines", lambda: len(gate.entries()) == 1000, 5, 0.1)
        equal("codes", {e["code"] for e in gate.entries()}, {"200"})


def small_page(lab):
    HttpNginx(lab, {NAME: ADDRESS})
    return f"http://{bracketed(ADDRESS)}/"


@scenario
def wrk_without_a_failed_request(lab):
    url = small_page(lab)
    with http_gate(lab):
        out = ok("wrk", run(lab, "wrk", "-t1", "-c20", "-d2s", "-H", f"Host: {NAME}", url))
        assert "Socket errors" not in out and "Non-2xx" not in out, out
        assert int(re.search(r"(\d+) requests in", out).group(1)) > 1000, out


@scenario
def apache_bench_without_a_failed_request(lab):
    """HTTP/1.0 with keep-alive, and then a connection for each request."""
    url = small_page(lab)
    with http_gate(lab):
        for keep, count in (("-k", 3000), ("-d", 500)):
            out = run(lab, "ab", "-q", keep, "-n", count, "-c", 20, "-H", f"Host: {NAME}", url).stdout
            failed = re.search(r"Failed requests:\s+(\d+)", out).group(1)
            complete = re.search(r"Complete requests:\s+(\d+)", out).group(1)
            equal(f"ab {keep}", (failed, complete, "Non-2xx" in out), ("0", str(count), False))


@scenario
def h2load_in_its_http1_mode(lab):
    small_page(lab)
    with http_gate(lab):
        out = run(lab, "h2load", "--h1", "-n", 3000, "-c", 20, "-m", 4, f"--connect-to={bracketed(ADDRESS)}:80",
                  f"http://{NAME}/").stdout
        assert "3000 succeeded, 0 failed, 0 errored" in out, out


@scenario
def websocket_echo(lab):
    """After 101 the connection is opaque, both ways, up to 3 MB a message."""
    WebsocketEcho(lab, ADDRESS)
    with http_gate(lab) as gate:
        out = run(lab, "/usr/bin/python3", os.path.join(LIB, "websocket_peer.py"), "talk", ADDRESS, NAME, "/chat").stdout
        assert "echoed: 6" in out, out
        entry = gate.wait_entry(request="GET /chat HTTP/1.1")
        equal("code", entry["code"], "101")
