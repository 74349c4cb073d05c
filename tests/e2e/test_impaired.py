# SPDX-License-Identifier: Apache-2.0
"""Transfers through a bad network, both ways and over both families at once: TLS (spliced) and HTTP (relayed),
complete and exact."""
import itertools

from lib.gate import Gate
from lib.http_origins import HttpPython
from lib.impaired import Impaired
from lib.netns import server, server6
from lib.origin import BulkOrigin
from lib.scenario import equal, long_scenario, scenario
from lib.transfers import Transfer

NAME = "allowed.example"
RULE = "{name: web, hosts: [allowed.example], protocols: [tls/443, http/80]}"
MIXED = "loss=1%,burst=0.1%/30%/60%,reorder=1%/4ms,duplicate=1%,corrupt=0.5%,delay=10ms,jitter=3ms"
MEGABYTE = 1_000_000
ADDRESSES = (server(10), server6(10))


def transfers(lab, impairment, octets, side="outside", seconds=60):
    """Eight at once: each protocol, each way, each family. Nothing is in use afterwards."""
    # Late segments of a connection that curl has left meet a reset: that ends it transitory. At 5 % three SYNs
    # or questions for the next hop in a row are lost in one run of a hundred; that is no matter here.
    settings = "tcp: {transitory_timeout: 3s, connect_timeout: 30s, setup_timeout: 60s}\n"
    lab.wire.add_ipv6()
    with Impaired(lab, impairment, side=side):
        for address in ADDRESSES:
            BulkOrigin(lab, NAME, address)
            HttpPython(lab, address)
        with Gate(lab, rules=(RULE,), extra=settings, ipv6=True) as gate:
            running = [Transfer(lab, scheme, way, NAME, address, octets, seconds)
                       for scheme, way, address in itertools.product(("https", "http"), ("down", "up"), ADDRESSES)]
            for transfer in running:
                transfer.check()
            equal("spliced, relayed", (gate.counter("sessions_spliced"), gate.counter("sessions_relayed")), (4, 4))
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
def one_in_a_thousand_lost_far_away(lab):
    transfers(lab, "loss=0.1%,delay=50ms", 2 * MEGABYTE)


@scenario
def one_percent_lost_far_away(lab):
    transfers(lab, "loss=1%,delay=50ms", MEGABYTE)


@scenario
def five_percent_lost_far_away(lab):
    transfers(lab, "loss=5%,delay=50ms", 300_000)


@scenario
def mixed_impairment_far_away(lab):
    transfers(lab, MIXED.replace("delay=10ms", "delay=50ms"), MEGABYTE)


@scenario
def a_slow_link_with_a_short_queue(lab):
    """Eight flows share 20 Mbit/s behind 40 packets: they lose to each other, and to nobody else."""
    transfers(lab, "rate=20Mbit,queue=40,delay=10ms", MEGABYTE)


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
