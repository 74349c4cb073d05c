# SPDX-License-Identifier: Apache-2.0
"""The rows of conformance/*.rows against Linux and against the gate; the differences are listed."""
import contextlib

from lib.conformance import play, play_calls
from lib.conformance_applications import Callers, Origin
from lib.conformance_script import compare, differing, rows, unlisted
from lib.gate import HTTP, Gate
from lib.netns import GATE_INSIDE, GATE_OUTSIDE, SERVERS, server
from lib.process import run
from lib.raw_host import RawHost
from lib.scenario import on_own_wire, scenario

SOURCE = "10.10.0.11"
REPLAYS = 2
CLIENT_MSS = "1360"  # what the gate offers unless it is configured otherwise


@contextlib.contextmanager
def linux_on_the_link(lab):
    """The kernel in the gate's place, with the servers' addresses as its own."""
    ns, cable = lab.wire.devices("inside")[1]
    lab.wire.unplug("inside")
    run(["ethtool", "-K", cable, "tx", "off", "tso", "off", "gso", "off"], ns=ns)
    ns.ip("addr", "add", f"{GATE_INSIDE}/24", "dev", cable)
    ns.ip("route", "change", "10.10.0.0/24", "dev", cable, "src", GATE_INSIDE, "advmss", CLIENT_MSS)
    ns.ip("route", "add", "local", f"{SERVERS}.0/24", "dev", "lo")
    ns.sysctl("net.ipv4.tcp_no_metrics_save", 1)
    try:
        yield ns
    finally:
        ns.ip("route", "del", "local", f"{SERVERS}.0/24", "dev", "lo")
        ns.ip("addr", "flush", "dev", cable)
        lab.wire.plug("inside")


def address(number):
    return server(20 + number)


@contextlib.contextmanager
def linux_outside(lab):
    """The kernel in the gate's place, as a client of what is outside."""
    ns, cable = lab.wire.devices("outside")[1]
    lab.wire.unplug("outside")
    run(["ethtool", "-K", cable, "tx", "off", "tso", "off", "gso", "off"], ns=ns)
    ns.ip("addr", "add", f"{GATE_OUTSIDE}/24", "dev", cable)
    ns.sysctl("net.ipv4.tcp_no_metrics_save", 1)
    try:
        yield ns
    finally:
        ns.ip("addr", "flush", "dev", cable)
        lab.wire.plug("outside")


@contextlib.contextmanager
def callees(lab, count):
    """Hosts outside, on the gate's own link."""
    with contextlib.ExitStack() as stack:
        yield [stack.enter_context(RawHost(lab, f"203.0.113.{100 + n}", lab.wire.internet, "s0", GATE_OUTSIDE))
               for n in range(count)]


def calls(lab, chosen):
    with linux_outside(lab) as ns, Callers(ns) as callers, callees(lab, len(chosen)) as hosts:
        linux = play_calls(chosen, hosts, callers)
    with Gate(lab, rules=(HTTP,)), Callers(lab.wire.client) as callers, callees(lab, len(chosen)) as hosts:
        return linux, play_calls(chosen, hosts, callers)


def transcripts(lab, chosen):
    with linux_on_the_link(lab) as ns, Origin(ns) as origin, RawHost(lab, SOURCE) as host:
        linux = play(chosen, host, origin, address)
    with Gate(lab, rules=(HTTP,)), Origin(lab.wire.internet) as origin, RawHost(lab, SOURCE) as host:
        return linux, play(chosen, host, origin, address)


def differences(lab, chosen):
    """Row name -> what differs between the two."""
    found = {}
    for part, plays in (([row for row in chosen if "calls" not in row.marks], transcripts),
                        ([row for row in chosen if "calls" in row.marks], calls)):
        if part:
            linux, gate = plays(lab, part)
            found |= {row.name: differing(row, linux[row.name], gate[row.name]) for row in part}
    return found


@scenario
@on_own_wire("tap")
def answers_are_those_of_linux_but_for_the_listed(lab):
    """What is a matter of timing on a busy machine does not come again: a row that differs otherwise than
    listed is played twice more."""
    chosen = rows()
    found = differences(lab, chosen)
    for _ in range(REPLAYS):
        odd = unlisted(found)
        found |= differences(lab, [row for row in chosen if row.name in odd])
    problems = compare(found)
    assert not problems, "\n".join(problems)
