# SPDX-License-Identifier: Apache-2.0
"""A client's transfers while others attack: complete and byte-exact, memory within its bounds, nothing left."""
import contextlib
import os

from lib.attacks import INSIDE, NAME, TARGET, fragments, guesses, holes, sacks, stopped_clients, strays
from lib.bulk_origin import body_sha256, sha256_of
from lib.gate import Gate
from lib.http_origins import HttpPython
from lib.netns import server
from lib.origin import BulkOrigin
from lib.process import Process
from lib.scenario import equal, on_own_wire, scenario
from lib.waiting import wait_until

RULE = f"{{name: web, hosts: [{NAME}], protocols: [tls/443, http/80]}}"
RELAY_MIB, CHUNK = 64, 2048
# Quick, because the attackers' own connections are to be forgotten within the test.
SETTINGS = f"memory: {{relay_bytes: {RELAY_MIB} MiB}}\ntcp: {{transitory_timeout: 3s}}\n"
RATE = 10_000           # frames a second
OCTETS = 100_000_000    # of a transfer
LOCAL_PORT = 15_000     # of the transfers; none that the kernel gives to others
FRAGMENTS = 512         # of all datagrams, that may wait for the rest
# Drops that show a storm to be of frames that nobody needs to fear.
BROKEN = ("frame_truncated", "ip_header_malformed", "ip_checksum", "ipv6_extension_header", "tcp_header_malformed", "tcp_checksum",
          "not_our_mac", "spoofed_source")


class Fetch:
    """A transfer that is running; over TLS it comes from the next port."""

    def __init__(self, lab, scheme):
        self.scheme, self.file = scheme, lab.path(scheme)
        to = {"http": 80, "https": 443}[scheme]
        self.process = Process(["curl", "-sS", "--noproxy", "*", "--cacert", lab.authority.ca, "--local-port", LOCAL_PORT + (to == 443), "--resolve",
                                f"{NAME}:{to}:{server(10)}", "-o", self.file, f"{scheme}://{NAME}/bytes/{OCTETS}"],
                               log=lab.path(f"curl-{scheme}.log"), ns=lab.wire.client)

    def check(self):
        equal(f"{self.scheme}: curl", (self.process.wait(60), self.process.text()), (0, ""))
        equal(f"{self.scheme}: sha256", sha256_of(self.file), body_sha256(OCTETS))
        os.remove(self.file)


def check_bounds(gate):
    counters = gate.counters()
    assert counters["relay_chunks_in_use"] * CHUNK <= RELAY_MIB << 20, counters["relay_chunks_in_use"]
    assert counters["fragments_in_use"] <= FRAGMENTS, counters["fragments_in_use"]


@contextlib.contextmanager
def gate_with_origins(lab):
    """Nothing may be left when the attack is over."""
    BulkOrigin(lab, NAME, server(10))
    HttpPython(lab, server(10))
    HttpPython(lab, TARGET)
    with Gate(lab, rules=(RULE,), inside_extra=INSIDE, extra=SETTINGS) as gate:
        yield gate
        counters = gate.counters()
        equal("broken frames", {name: counters[name] for name in BROKEN if counters[name]}, {})
        equal("spliced", gate.counter("sessions_spliced"), 1)
        gate.wait_pools_empty(30)
        gate.wait_counter("fragments_in_use", 0, 45)


def under_way(gate, before):
    wait_until("an attack under way", lambda: gate.counter("rx_packets") > before + RATE, 20)


def transfers(lab, attack):
    """One of each protocol, relayed and spliced."""
    with gate_with_origins(lab) as gate:
        before = gate.counter("rx_packets")
        with attack(lab, gate, RATE):
            under_way(gate, before)
            for scheme in ("http", "https"):
                Fetch(lab, scheme).check()
            check_bounds(gate)


@scenario
@on_own_wire("tap")
def holes_of_one_octet(lab):
    transfers(lab, holes)


@scenario
@on_own_wire("tap")
def sacks_on_the_smallest_segments(lab):
    transfers(lab, sacks)


@scenario
@on_own_wire("tap")
def fragments_of_eight_octets(lab):
    transfers(lab, fragments)


@scenario
@on_own_wire("tap")
def resets_and_acknowledgements_of_nothing(lab):
    transfers(lab, strays)


@scenario
@on_own_wire("tap")
def guessed_resets_and_acknowledgements(lab):
    """At the very connections of the transfers, once these are open."""
    with gate_with_origins(lab) as gate:
        for number, scheme in enumerate(("http", "https"), 1):
            fetch = Fetch(lab, scheme)
            gate.wait_counter("sessions_opened", number, 20)
            with guesses(lab, gate, RATE, LOCAL_PORT) as storm:
                fetch.check()
            assert storm.sent > RATE // 10, f"only {storm.sent} guesses"


@scenario
@on_own_wire("tap")
def a_thousand_clients_that_read_nothing(lab):
    transfers(lab, stopped_clients)
