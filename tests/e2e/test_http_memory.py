# SPDX-License-Identifier: Apache-2.0
"""What relays keep: an idle one nothing, a slow one little, and the pool never more than its size."""
import os
import subprocess

from lib.families import PLAYED, V4
from lib.gate import HTTP, Gate
from lib.http_origins import HttpNginx, ScriptedOrigin, answer, head
from lib.http_wire import HttpConnection, request
from lib.netns import CLIENT, server
from lib.process import Process
from lib.scenario import equal, scenario
from lib.waiting import wait_until

NAME, ADDRESS = "allowed.example", server(10)
# Another source: of IPv6 a /64 is one.
OTHER, NETWORKS = ("10.10.0.3", "") if PLAYED is V4 else ("fd00:10:0:1::3", ", networks: ['fd00:10:0:1::/64']")
IDLE = 10_000
CHUNK = 2048


def resident_bytes(pid):
    with open(f"/proc/{pid}/statm") as f:
        return int(f.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


@scenario
def ten_thousand_idle_connections_hold_no_chunk(lab):
    HttpNginx(lab, {NAME: ADDRESS})
    script = os.path.join(os.path.dirname(__file__), "lib", "idle_clients.py")
    with Gate(lab, rules=(HTTP,)) as gate:
        clients = Process(["/usr/bin/python3", script, ADDRESS, NAME, IDLE], log=lab.path("clients.log"),
                          ns=lab.wire.client, stdin=subprocess.PIPE)
        clients.wait_for_text("idle:", 60)
        equal("answered", clients.text().split(), ["idle:", str(IDLE)])
        equal("relays", gate.counter("relays_in_use"), IDLE)
        gate.wait_counter("relay_chunks_in_use", 0)
        gate.wait_counter("requests_in_use", 0)
        clients.popen.stdin.write(b"\n")
        clients.popen.stdin.flush()
        clients.wait_for_text("again:", 60)
        equal("answered again", clients.text().split()[-1], str(IDLE))
        gate.wait_counter("relay_chunks_in_use", 0)
        clients.popen.stdin.close()
        equal("exit", clients.wait(30), 0)
        gate.wait_pools_empty(30)
        gate.wait_counter("relays_in_use", 0, 15)


@scenario
def slow_readers_hold_no_more_than_the_pool(lab):
    """40 clients that read nothing of large responses: memory.relay_bytes bounds what is kept of them all."""
    def script(c):
        head(c)
        c.sock.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 50000000\r\n\r\n" + bytes(1 << 20))
        wait_until("the test to end", lambda: done, 30)
    done = []
    limit = 1 << 20
    with Gate(lab, rules=(HTTP,), extra="memory: {relay_bytes: 1 MiB}\n") as gate, \
            ScriptedOrigin(lab, script) as origin:
        before = resident_bytes(gate.process.pid)
        clients = [HttpConnection(lab.wire.client, ADDRESS) for _ in range(40)]
        for c in clients:
            c.send(request(NAME))
        wait_until("every request at the server", lambda: len(origin.of(ADDRESS)) == len(clients), 20)
        wait_until("the pool to be in use", lambda: gate.counter("relay_chunks_in_use") * CHUNK > limit // 2)
        chunks = gate.counter("relay_chunks_in_use")
        assert chunks * CHUNK <= limit, f"{chunks} chunks are in use"
        grown = resident_bytes(gate.process.pid) - before
        assert grown < limit + (8 << 20), f"the gate has grown by {grown} octets"
        done.append(True)
        for c in clients:
            c.close()
        gate.wait_pools_empty(20)


@scenario
def a_full_pool_does_not_stop_the_others(lab):
    """One source that holds all it may: another source is still served."""
    def script(c):
        head(c)
        if b"/stuck" in c.received:
            c.sock.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 50000000\r\n\r\n")
            while not done:
                try:
                    c.sock.settimeout(0.2)
                    c.sock.send(bytes(1 << 16))
                except TimeoutError:
                    pass
        else:
            c.sock.sendall(answer(b"served"))
    done = []
    lab.wire.add_client_address(OTHER)
    with Gate(lab, rules=(HTTP,), extra="memory: {relay_bytes: 1 MiB}\n", inside_extra=NETWORKS) as gate, \
            ScriptedOrigin(lab, script):
        stuck = [HttpConnection(lab.wire.client, ADDRESS, source=CLIENT) for _ in range(20)]
        for c in stuck:
            c.send(request(NAME, "/stuck"))
        wait_until("the pool to be short", lambda: gate.counter("relay_chunks_in_use") * CHUNK > (1 << 20) * 5 // 8)
        for _ in range(20):
            with HttpConnection(lab.wire.client, ADDRESS, source=OTHER) as other:
                other.send(request(NAME))
                equal("answer to another source", other.response().body, b"served")
        done.append(True)
        for c in stuck:
            c.reset()
        gate.wait_pools_empty(20)
