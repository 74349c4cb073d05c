# SPDX-License-Identifier: Apache-2.0
"""Transfers through a bad network, both ways at once: TLS (spliced) and HTTP (relayed), complete and exact."""
import os

from lib.bulk_origin import body_sha256, sha256_of, write_body
from lib.gate import Gate
from lib.http_origins import HttpPython
from lib.impaired import Impaired
from lib.netns import server
from lib.origin import BulkOrigin
from lib.process import Process
from lib.scenario import equal, long_scenario, scenario

NAME = "allowed.example"
RULE = "{name: web, hosts: [allowed.example], protocols: [tls/443, http/80]}"
MIXED = "loss=1%,burst=0.1%/30%/60%,reorder=1%/4ms,duplicate=1%,corrupt=0.5%,delay=10ms,jitter=3ms"
MEGABYTE = 1_000_000


class Transfer:
    """One curl, running: down or up, over TLS or plain."""

    def __init__(self, lab, scheme, way, octets, seconds):
        self.lab, self.what, self.octets = lab, f"{scheme} {way}", octets
        self.answer = lab.path(f"{scheme}-{way}")
        port = {"http": 80, "https": 443}[scheme]
        url, arguments = f"{scheme}://{NAME}/bytes/{octets}", []
        if way == "up":
            file = lab.path(f"body-{octets}")
            if not os.path.exists(file):
                write_body(file, octets)
            url, arguments = f"{scheme}://{NAME}/up", ["-T", file]
        # curl would wait a second for a 100 (Continue) that is late on a slow path; a body needs none.
        self.process = Process(["curl", "-sS", "--noproxy", "*", "--cacert", lab.authority.ca, "--max-time", seconds, "-H",
                                "Expect:", "--resolve", f"{NAME}:{port}:{server(10)}", "-o", self.answer, *arguments, url],
                               log=lab.path(f"curl-{scheme}-{way}"), ns=lab.wire.client)
        self.up, self.seconds = way == "up", seconds

    def check(self):
        equal(f"{self.what}: curl", (self.process.wait(self.seconds + 10), self.process.text()), (0, ""))
        if not self.up:
            return equal(f"{self.what}: sha256", sha256_of(self.answer), body_sha256(self.octets))
        with open(self.answer) as f:
            equal(f"{self.what}: sha256 at the server", f.read(), body_sha256(self.octets))


def transfers(lab, impairment, octets, side="outside", seconds=60):
    """Four at once: each protocol, each way. Nothing is in use afterwards."""
    # Late segments of a connection that curl has left meet a reset: that ends it transitory.
    quick = "tcp: {transitory_timeout: 3s}\n"
    with Impaired(lab, impairment, side=side):
        lab.authority.certificate(NAME)
        BulkOrigin(lab, NAME, server(10))
        HttpPython(lab, server(10))
        with Gate(lab, rules=(RULE,), extra=quick) as gate:
            running = [Transfer(lab, scheme, way, octets, seconds) for scheme in ("https", "http") for way in ("down", "up")]
            for transfer in running:
                transfer.check()
            equal("spliced, relayed", (gate.counter("sessions_spliced"), gate.counter("sessions_relayed")), (2, 2))
            gate.wait_pools_empty(20)


# ---- 20 ms ----

@scenario
def one_in_a_thousand_lost(lab):
    transfers(lab, "loss=0.1%,delay=10ms", 10 * MEGABYTE)


@scenario
def one_percent_lost(lab):
    transfers(lab, "loss=1%,delay=10ms", 3 * MEGABYTE)


@scenario
def one_percent_lost_inside(lab):
    transfers(lab, "loss=1%,delay=10ms", 3 * MEGABYTE, side="inside")


@scenario
def five_percent_lost(lab):
    transfers(lab, "loss=5%,delay=10ms", MEGABYTE)


@scenario
def mixed_impairment(lab):
    transfers(lab, MIXED, 2 * MEGABYTE)


@scenario
def mixed_impairment_inside(lab):
    transfers(lab, MIXED, 2 * MEGABYTE, side="inside")


# ---- 100 ms ----

@scenario
def one_percent_lost_far_away(lab):
    transfers(lab, "loss=1%,delay=50ms", MEGABYTE)


@scenario
def mixed_impairment_far_away(lab):
    transfers(lab, MIXED.replace("delay=10ms", "delay=50ms"), MEGABYTE)


@scenario
def a_slow_link_with_a_short_queue(lab):
    """Four flows share 10 Mbit/s behind 20 packets: they lose to each other, and to nobody else."""
    transfers(lab, "rate=10Mbit,queue=20,delay=10ms", MEGABYTE)


# ---- minutes ----

def long_transfers(lab, loss, delay, octets):
    for side in ("outside", "inside"):
        transfers(lab, f"loss={loss}%,delay={delay}ms", octets, side=side, seconds=1200)
        lab.wire.delete()
        lab.wire.create()


@long_scenario
def hundred_megabytes_with_one_in_a_thousand_lost(lab):
    long_transfers(lab, 0.1, 10, 100 * MEGABYTE)


@long_scenario
def hundred_megabytes_with_one_percent_lost(lab):
    long_transfers(lab, 1, 10, 100 * MEGABYTE)


@long_scenario
def twenty_megabytes_with_five_percent_lost(lab):
    long_transfers(lab, 5, 10, 20 * MEGABYTE)


@long_scenario
def hundred_megabytes_with_one_in_a_thousand_lost_far_away(lab):
    long_transfers(lab, 0.1, 50, 100 * MEGABYTE)


@long_scenario
def twenty_megabytes_with_one_percent_lost_far_away(lab):
    long_transfers(lab, 1, 50, 20 * MEGABYTE)


@long_scenario
def ten_megabytes_with_five_percent_lost_far_away(lab):
    long_transfers(lab, 5, 50, 10 * MEGABYTE)


@long_scenario
def mixed_impairment_with_many_seeds(lab):
    for _ in range(20):
        transfers(lab, MIXED, 3 * MEGABYTE, seconds=300)
        lab.wire.delete()
        lab.wire.create()
