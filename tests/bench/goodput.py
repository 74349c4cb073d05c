#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Goodput over a bad network, through the gate and through a Linux that only routes, in pairs.

  goodput.py --build DIR [--seeds 9] [--flows 10] [--megabytes 8] [--impairment TEXT] [-o table|json] [CASE-PART ...]

A pair has the same topology, seed, programs and MSS; CUBIC everywhere, no offloads, no cached metrics. The goodput
of a run is that of a flow: its octets by the mean time that the flows of the run took. A run whose bad
network lost what it was not asked to lose is void, and done again. How late the bad network itself was at
worst stands beside the figures: above a millisecond or two, the machine is too busy for them to mean much.
"""
import argparse
import contextlib
import json
import os
import statistics
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "e2e"))

from lib import process  # noqa: E402
from lib.gate import Gate, config  # noqa: E402
from lib.http_origins import HttpPython  # noqa: E402
from lib.impaired import Impaired  # noqa: E402
from lib.lab import Lab  # noqa: E402
from lib.netns import GATE_INSIDE, GATE_OUTSIDE, NEXT_HOP, server  # noqa: E402
from lib.origin import BulkOrigin  # noqa: E402
from lib.plain_router import PlainRouter  # noqa: E402

NAME = "allowed.example"
RULE = "{name: web, hosts: [allowed.example], protocols: [tls/443, http/80]}"
# The kernel's MSS on this wire, so that segments are alike on both paths.
SAME_MSS = "tcp: {client_mss: 1460}\n"
# Name -> protocol, way, side of the gate that is bad.
CASES = {f"{kind}_{way}_{side}": (scheme, way, side)
         for kind, scheme, sides in (("relay", "http", ("outside", "inside")), ("splice", "https", ("outside",)))
         for side in sides for way in ("down", "up")}


def prepare(wire, path):
    """CUBIC by route, because a namespace may not choose what its machine does not."""
    wire.client.sysctl("net.ipv4.tcp_no_metrics_save", 1)
    wire.internet.sysctl("net.ipv4.tcp_no_metrics_save", 1)
    wire.client.ip("route", "replace", "default", "via", GATE_INSIDE, "congctl", "cubic")
    wire.internet.ip("route", "replace", "203.0.113.0/24", "dev", "s0", "src", NEXT_HOP, "congctl", "cubic")
    if path == "linux":
        wire.internet.ip("route", "replace", "10.10.0.0/24", "via", GATE_OUTSIDE, "congctl", "cubic")


def prefer(program):
    """As if it had cores of its own: what else the machine does must not add to the round trip."""
    for thread in os.listdir(f"/proc/{program.pid}/task"):
        os.sched_setscheduler(int(thread), os.SCHED_FIFO, os.sched_param(5))


@contextlib.contextmanager
def forwarding(lab, path):
    if path == "linux":
        with PlainRouter(lab):
            yield
        return
    with Gate(lab, config(lab, rules=(RULE,), extra=SAME_MSS)) as gate:
        prefer(gate.process)
        yield


def transfers(lab, scheme, way, options):
    """Mbit/s of a flow."""
    octets = options.megabytes * 1_000_000
    done = process.run(["/usr/bin/python3", os.path.join(HERE, "goodput_client.py"), scheme, way, server(10), NAME,
                        lab.authority.ca, options.flows, octets], ns=lab.wire.client, seconds=600)
    return octets * 8 / statistics.mean(json.loads(done.stdout)) / 1e6


def one_run(lab, case, path, seed, options):
    """(Mbit/s of a flow, what happened on the way)."""
    scheme, way, side = CASES[case]
    lab.scenario = f"{case}-{seed}-{path}"
    lab.wire.create()
    try:
        with Impaired(lab, options.impairment, side=side, seed=seed) as impaired:
            HttpPython(lab, server(10)) if scheme == "http" else BulkOrigin(lab, NAME, server(10))
            prefer(impaired.process)
            with forwarding(lab, path):
                prepare(lab.wire, path)
                rate = transfers(lab, scheme, way, options)
            counts = impaired.counts()
        return rate, counts
    finally:
        process.stop_all()
        lab.wire.delete()


def is_void(counts):
    """The relay itself was too slow: what it then does nobody had asked for."""
    return any(counts[way]["missed"] + counts[way]["not_sent"] > 0 for way in ("up", "down"))


def valid_run(*arguments):
    """(Mbit/s of a flow, the most that a packet was late on the way in ms)."""
    for _ in range(3):
        rate, counts = one_run(*arguments)
        if not is_void(counts):
            return rate, max(counts[way]["lateness_us"] for way in ("up", "down")) / 1000
    raise AssertionError(f"{arguments[1]}: three runs in which the bad network itself was overrun: {counts}")


def pair(lab, case, seed, options):
    """The two of a pair change places from seed to seed."""
    order = ("linux", "gate") if seed % 2 else ("gate", "linux")
    runs = {path: valid_run(lab, case, path, seed, options) for path in order}
    return {**{path: rate for path, (rate, _) in runs.items()}, "late_ms": max(late for _, late in runs.values())}


def summary(pairs):
    rates = {path: [p[path] for p in pairs] for path in ("linux", "gate")}
    return {**{path: statistics.median(values) for path, values in rates.items()},
            "ratio_of_medians": statistics.median(rates["gate"]) / statistics.median(rates["linux"]),
            "median_of_ratios": statistics.median(p["gate"] / p["linux"] for p in pairs),
            "late_ms": statistics.median(p["late_ms"] for p in pairs), "pairs": pairs}


def table(impairment, results):
    print(f"goodput of a flow in Mbit/s over {impairment}")
    print(f"{'case':22} {'Linux':>8} {'gate':>8} {'medians':>9} {'pairs':>7} {'late ms':>8}")
    for case, r in results.items():
        print(f"{case:22} {r['linux']:8.2f} {r['gate']:8.2f} {r['ratio_of_medians']:9.3f} {r['median_of_ratios']:7.3f} "
              f"{r['late_ms']:8.1f}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("cases", nargs="*", help="only cases whose name contains one of these")
    parser.add_argument("--build", required=True, help="build directory with control/sallyport and tests/impairment/impair")
    parser.add_argument("--seeds", type=int, default=9)
    parser.add_argument("--first-seed", type=int, default=1)
    parser.add_argument("--flows", type=int, default=10)
    parser.add_argument("--megabytes", type=int, default=8, help="of each flow")
    parser.add_argument("--impairment", default="loss=1%,delay=10ms", help="each way; see tests/impairment/impairment.h")
    parser.add_argument("-o", dest="output", choices=("table", "json"), default="table")
    options = parser.parse_args()
    if os.geteuid() != 0:
        sys.exit("goodput.py: needs root for network namespaces")
    chosen = [c for c in CASES if not options.cases or any(part in c for part in options.cases)]
    lab, pairs = Lab(options.build), {case: [] for case in chosen}
    try:
        for seed in range(options.first_seed, options.first_seed + options.seeds):
            for case in chosen:
                pairs[case].append(pair(lab, case, seed, options))
                print(f"seed {seed} {case}: {pairs[case][-1]}", file=sys.stderr, flush=True)
    finally:
        lab.close()
    results = {case: summary(pairs[case]) for case in chosen}
    if options.output == "json":
        print(json.dumps({"impairment": options.impairment, "cases": results}, indent=2))
    else:
        table(options.impairment, results)


if __name__ == "__main__":
    main()
