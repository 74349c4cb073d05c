#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Runs the end-to-end scenarios: run.py [--build DIR] [--wire KIND] [--quick] [--long] [--list] [--json FILE]
[--keep] [NAME-PART ...]

With SALLYPORT_FAMILY=v6 those that name no family run over IPv6 (lib/families.py)."""
import argparse
import glob
import importlib
import json
import os
import sys
import time
import traceback

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)

from lib import process  # noqa: E402
from lib.families import NEUTRAL, PLAYED, V6  # noqa: E402
from lib.lab import ROOT, Lab  # noqa: E402
from lib.scenario import DEFAULT_WIRE, Skip, is_long, scenarios, title, wire_for  # noqa: E402
from lib.wires import KINDS, QUICK  # noqa: E402


def load(parts, quick, with_long):
    for file in sorted(glob.glob(os.path.join(HERE, "test_*.py"))):
        importlib.import_module(os.path.basename(file)[:-3])
    # A module that another one imports registers early; files in order, functions as written.
    scenarios.sort(key=lambda s: s.__module__)
    played = NEUTRAL if PLAYED is V6 else ""
    return [s for s in scenarios if title(s).startswith(played) and (with_long or not is_long(s)) and (not quick or title(s).startswith(QUICK))
            and (not parts or any(p in title(s) for p in parts))]


def run_one(lab, kind, function):
    """Returns (result, detail), result being passed, failed or skipped."""
    lab.scenario = title(function)
    try:
        lab.use_wire(wire_for(function, kind))
        lab.wire.create()
        function(lab)
        return "passed", ""
    except Skip as reason:
        return "skipped", str(reason)
    except Exception:  # A scenario may fail in any way; the others must still run.
        return "failed", traceback.format_exc(limit=-4)
    finally:
        # A wire of its own for each: sockets that still retransmit must not meet the next one.
        process.stop_all()
        lab.wire.delete()
        lab.scenario = None


def run_all(lab, kind, chosen):
    results = []
    for function in chosen:
        begun = time.monotonic()
        result, detail = run_one(lab, kind, function)
        seconds = time.monotonic() - begun
        results.append({"name": title(function), "result": result, "detail": detail, "seconds": seconds})
        print(f"{result:7} {title(function)} ({seconds:.1f} s)", flush=True)
        if detail:
            print("        " + detail.strip().replace("\n", "\n        "), flush=True)
            if result == "failed":
                print(f"        files: {lab.directory}/{title(function)}", flush=True)
    return results


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", help="run only scenarios whose name contains one of these")
    parser.add_argument("--build", default=os.path.join(ROOT, "build"), help="build directory")
    parser.add_argument("--wire", choices=KINDS, default=DEFAULT_WIRE, help="what connects the gate")
    parser.add_argument("--quick", action="store_true", help="only those that tell most of a kind of wire")
    parser.add_argument("--long", action="store_true", help="with the scenarios that take minutes")
    parser.add_argument("--json", help="write the results there")
    parser.add_argument("--list", action="store_true", help="list the scenarios")
    parser.add_argument("--keep", action="store_true", help="keep logs and captures")
    options = parser.parse_args()
    chosen = load(options.names, options.quick, options.long)
    if options.list:
        print("\n".join(title(s) for s in chosen))
        return 0
    if os.geteuid() != 0:
        sys.exit("run.py: needs root for network namespaces")
    lab = Lab(options.build)
    results = []
    try:
        results = run_all(lab, options.wire, chosen)
    finally:
        failed = [r for r in results if r["result"] == "failed"]
        lab.close(keep_files=options.keep or bool(failed))
    if options.json:
        with open(options.json, "w") as f:
            json.dump(results, f, indent=1)
    count = {k: sum(r["result"] == k for r in results) for k in ("passed", "failed", "skipped")}
    print(", ".join(f"{n} {k}" for k, n in count.items()))
    return 1 if failed or not results else 0


if __name__ == "__main__":
    sys.exit(main())
