# SPDX-License-Identifier: Apache-2.0
"""Many at once: parallel clients, and a million SYNs from nobody."""
import os

from lib import hello
from lib.capture import Capture
from lib.families import PLAYED, V4
from lib.gate import Gate
from lib.netns import server
from lib.origin import BulkOrigin, Nginx
from lib.process import Process, run
from lib.raw_host import RawHost
from lib.scenario import equal, scenario

POOLS = ("sessions_active", "session_slots_used", "setups_in_use", "hold_chunks_in_use", "embryos_in_use",
         "tombstones_in_use", "frames_parked")
MILLION = 1_000_000
# The first of the addresses of nobody, in a network that the gate takes for one of the inside; and how many they are.
NOBODY, NETWORK = ("10.32.0.1", "10.32.0.0/11") if PLAYED is V4 else ("fd00:32::1", "fd00:32::/64")
SPOOFED = 2_000_000


def run_clients(lab, count, octets):
    script = os.path.join(os.path.dirname(__file__), "lib", "many_clients.py")
    done = run(["/usr/bin/python3", script, server(10), "allowed.example", lab.authority.ca, count, octets],
               ns=lab.wire.client, seconds=90)
    assert f"right: {count}" in done.stdout, done.stdout


@scenario
def two_hundred_parallel_clients(lab):
    BulkOrigin(lab, "allowed.example", server(10))
    # As in test_workers: a reset behind a FIN leaves a session transitory.
    with Gate(lab, extra="tcp: {transitory_timeout: 3s}\n") as gate:
        run_clients(lab, 200, 200_000)
        equal("spliced", gate.counter("sessions_spliced"), 200)
        gate.wait_counter("sessions_active", 0, 10)


@scenario
def a_million_spoofed_syns(lab):
    """A SYN stores nothing: every pool count is unchanged, and a client still gets through."""
    Nginx(lab, {"allowed.example": server(10)})
    flood = lab.helper("syn_flood.c")
    with Gate(lab, inside_extra=f", networks: ['{NETWORK}']") as gate:
        mac = gate.mac("inside").hex(":")
        before = {name: gate.counter(name) for name in POOLS}
        answered, rounds = 0, 0
        while answered < MILLION and rounds < 6:
            # The ring of the device loses some when the machine is busy; those do not count.
            rounds += 1
            run([flood, "c0", mac, (MILLION - answered) * 5 // 4 + 1000, 150_000, NOBODY, SPOOFED, server(10), 443],
                ns=lab.wire.client, seconds=120)
            answered = gate.counter("syn_acks_sent")
        assert answered >= MILLION, f"only {answered} SYNs were answered"
        equal("pools", {name: gate.counter(name) for name in POOLS}, before)
        done = lab.curl("https://allowed.example/", server=server(10))
        equal("curl after the flood", (done.returncode, done.stderr), (0, ""))


@scenario
def a_client_gets_through_during_a_flood(lab):
    Nginx(lab, {"allowed.example": server(10)})
    flood = lab.helper("syn_flood.c")
    with Gate(lab, inside_extra=f", networks: ['{NETWORK}']") as gate:
        mac = gate.mac("inside").hex(":")
        blaster = Process([flood, "c0", mac, 10 * MILLION, 50_000, NOBODY, SPOOFED, server(10), 443],
                          log=lab.path("flood.log"), ns=lab.wire.client)
        for _ in range(5):
            done = lab.curl("https://allowed.example/", server=server(10))
            equal("curl in the flood", (done.returncode, done.stderr), (0, ""))
        assert blaster.running(), "the flood had ended before the clients"
        blaster.stop()


@scenario
def denied_names_in_quick_succession(lab):
    """500 denied sessions in a row: 0 packets outside, a log line each, pools as before."""
    with Gate(lab) as gate, RawHost(lab, "10.10.0.11") as host, \
            Capture(lab, lab.wire.internet, "s0") as capture:
        stream = hello.client_hello("secret.denied.example")
        clients = [host.connection(server(20)) for _ in range(500)]
        for c in clients:
            c.open()
            c.data(0, stream)
        for c in clients:
            c.wait_closed()
        gate.wait_counter("verdicts_deny", 500)
        gate.wait_counter("sessions_active", 0)
        outside = [p for p in capture.stop() if p.ethertype == 0x0800]
    assert not outside, f"{len(outside)} IP packets outside"
    equal("log lines", len(gate.entries()), 500)
