#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Goodput of a transfer that its link bounds, beside attacks on the gate and without them, in turn.

  attacks.py --build DIR [--repetitions 5] [--megabytes 10] [--rate 20000] [--link 50] [-o table|json] [ATTACK-PART ...]

One gate for each attack; a repetition is a transfer in peace and one during the attack (lib/attacks.py), down over
HTTP (relayed) and over TLS (spliced). The link to the servers is limited to so many Mbit/s, so the transfer shows
what an attack takes from others, and not what a packet costs. A goal is a ratio of at least 0.9. Transfers and attacks
are of IPv4, with SALLYPORT_FAMILY=v6 of IPv6.
"""
import argparse
import itertools
import json
import os
import statistics
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "e2e"))

from goodput import prefer  # noqa: E402
from lib import process  # noqa: E402
from lib.attacks import ATTACKS, INSIDE, NAME, TARGET, Storm, guesses  # noqa: E402
from lib.families import PLAYED  # noqa: E402
from lib.gate import Gate, config  # noqa: E402
from lib.http_origins import HttpPython  # noqa: E402
from lib.lab import Lab  # noqa: E402
from lib.netns import server  # noqa: E402
from lib.origin import BulkOrigin  # noqa: E402
from lib.waiting import wait_until  # noqa: E402

RULE = f"{{name: web, hosts: [{NAME}], protocols: [tls/443, http/80]}}"
MEMORY = "memory: {relay_bytes: 64 MiB}\n"
KINDS = {"relay": "http", "splice": "https"}
FIRST_PORT = 15_000  # and on; none that the kernel gives to others


def limit_link(wire, megabits):
    process.run(["tc", "qdisc", "add", "dev", "s0", "root", "tbf", "rate", f"{megabits}mbit", "burst", "32kb",
                 "latency", "50ms"], ns=wire.internet)


class Transfer:
    """A transfer that is running; over TLS from the next port."""

    def __init__(self, lab, kind, port, octets):
        self.octets = octets
        self.process = process.Process(
            ["/usr/bin/python3", os.path.join(HERE, "goodput_client.py"), KINDS[kind], "down", server(10), NAME,
             lab.authority.ca, 1, octets, port + (kind == "splice")], log=lab.path("transfer.log"), ns=lab.wire.client)

    def rate(self):
        """Mbit/s, once it is over."""
        assert self.process.wait(300) == 0, self.process.text()
        return self.octets * 8 / json.loads(self.process.text())[0] / 1e6


def attacked(lab, gate, attack, kind, port, options):
    """(Mbit/s of a transfer during the attack, frames a second of the attack or None)."""
    octets, before = options.megabytes * 1_000_000, gate.counter("sessions_opened")
    if attack is guesses:  # at the connection of the transfer, which must be open
        transfer = Transfer(lab, kind, port, octets)
        wait_until("a session", lambda: gate.counter("sessions_opened") > before, 10)
    with attack(lab, gate, options.rate, port) as storm:
        if attack is not guesses:
            transfer = Transfer(lab, kind, port, octets)
        rate = transfer.rate()
    return rate, storm.sent / storm.seconds if isinstance(storm, Storm) else None


def repetitions(lab, gate, attack, options):
    """For each kind of session: [(in peace, attacked)]; and frames a second of each attack."""
    rates, storms, ports = {kind: [] for kind in KINDS}, [], itertools.count(FIRST_PORT, 2)
    for _ in range(options.repetitions):
        for kind in KINDS:
            peace = Transfer(lab, kind, next(ports), options.megabytes * 1_000_000).rate()
            rate, storm = attacked(lab, gate, attack, kind, next(ports), options)
            rates[kind].append((peace, rate))
            storms.append(storm)
    return rates, [storm for storm in storms if storm]


def measure(lab, name, options):
    lab.scenario = name
    lab.wire.create()
    try:
        for address in (server(10), TARGET):
            HttpPython(lab, address)
        BulkOrigin(lab, NAME, server(10))
        limit_link(lab.wire, options.link)
        with Gate(lab, config(lab, rules=(RULE,), inside_extra=INSIDE, extra=MEMORY)) as gate:
            prefer(gate.process)
            rates, storms = repetitions(lab, gate, ATTACKS[name], options)
        return {"frames_a_second": statistics.median(storms) if storms else None,
                **{kind: summary(pairs) for kind, pairs in rates.items()}}
    finally:
        process.stop_all()
        lab.wire.delete()


def summary(pairs):
    peace, attacked = (statistics.median(values) for values in zip(*pairs))
    return {"peace": peace, "attacked": attacked, "ratio": attacked / peace, "pairs": pairs}


def table(results, link):
    print(f"goodput over a link of {link} Mbit/s, in Mbit/s, IP{PLAYED.name}")
    print(f"{'attack':16} {'frames/s':>9} {'session':>8} {'peace':>8} {'attacked':>9} {'ratio':>7}")
    for name, r in results.items():
        for kind in KINDS:
            print(f"{name:16} {r['frames_a_second'] or 0:9.0f} {kind:>8} {r[kind]['peace']:8.2f} {r[kind]['attacked']:9.2f} "
                  f"{r[kind]['ratio']:7.3f}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("attacks", nargs="*", help="only attacks whose name contains one of these")
    parser.add_argument("--build", required=True, help="build directory with control/sallyport")
    parser.add_argument("--repetitions", type=int, default=5)
    parser.add_argument("--megabytes", type=int, default=10, help="of each transfer")
    parser.add_argument("--rate", type=int, default=20_000, help="frames a second of an attack")
    parser.add_argument("--link", type=int, default=50, help="Mbit/s of the link to the servers")
    parser.add_argument("-o", dest="output", choices=("table", "json"), default="table")
    options = parser.parse_args()
    if os.geteuid() != 0:
        sys.exit("attacks.py: needs root for network namespaces")
    # A tap: an af_packet device would let the kernel gather fragments before the gate sees any.
    lab, results = Lab(options.build, wire="tap"), {}
    try:
        for name in ATTACKS:
            if options.attacks and not any(part in name for part in options.attacks):
                continue
            results[name] = measure(lab, name, options)
            print(f"{name}: {results[name]}", file=sys.stderr, flush=True)
    finally:
        lab.close()
    if options.output == "json":
        print(json.dumps({"family": PLAYED.name, "link_mbit": options.link, "attacks": results}, indent=2))
    else:
        table(results, options.link)


if __name__ == "__main__":
    main()
