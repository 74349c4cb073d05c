# SPDX-License-Identifier: Apache-2.0
"""The rows of conformance/*.rows against Linux and against the gate; the differences are listed."""
import contextlib

from lib.conformance import play, play_calls
from lib.conformance_applications import Callers, Origin
from lib.conformance_script import compare, differing, rows, unlisted
from lib.families import V4, V6
from lib.gate import HTTP, Gate
from lib.process import run
from lib.raw_host import RawHost
from lib.scenario import on_own_wire, scenario

SOURCE, FIRST_SERVER, FIRST_CALLEE = 11, 20, 100  # numbers of hosts
REPLAYS = 2


@contextlib.contextmanager
def linux_at(lab, side, family, address, network, *route):
    """The kernel in the gate's place on one link. `route`: what it knows of the link besides."""
    ns, cable = lab.wire.devices(side)[1]
    lab.wire.unplug(side)
    run(["ethtool", "-K", cable, "tx", "off", "tso", "off", "gso", "off"], ns=ns)
    for device in (cable, "lo"):
        family.switch(ns, device, True)
    ns.ip("addr", "add", f"{address}/{family.length}", "dev", cable, "noprefixroute")
    ns.ip(family.option, "route", "add", network, "dev", cable, "src", address, *route)
    ns.sysctl("net.ipv4.tcp_no_metrics_save", 1)  # of both families
    try:
        yield ns
    finally:
        ns.ip("addr", "flush", "dev", cable)
        for device in (cable, "lo"):
            family.switch(ns, device, False)
        lab.wire.plug(side)


@contextlib.contextmanager
def linux_inside(lab, family):
    """As what the clients talk to, with the servers' addresses as its own."""
    servers = ("local", family.network(family.servers), "dev", "lo")
    with linux_at(lab, "inside", family, family.gate_inside, family.network(family.inside), "advmss",
                  family.client_mss) as ns:
        ns.ip(family.option, "route", "add", *servers)
        try:
            yield ns
        finally:
            ns.ip(family.option, "route", "del", *servers, check=False)


def linux_outside(lab, family):
    """As a client of what is outside."""
    return linux_at(lab, "outside", family, family.gate_outside, family.network(family.outside))


@contextlib.contextmanager
def callees(lab, family, count):
    """Hosts outside, on the gate's own link."""
    with contextlib.ExitStack() as stack:
        yield [stack.enter_context(RawHost(lab, family.router(FIRST_CALLEE + n), lab.wire.internet, "s0", family.gate_outside))
               for n in range(count)]


def calls(lab, family, chosen):
    with linux_outside(lab, family) as ns, Callers(ns) as callers, callees(lab, family, len(chosen)) as hosts:
        linux = play_calls(chosen, hosts, callers)
    with Gate(lab, rules=(HTTP,), ipv6=True), Callers(lab.wire.client) as callers, \
            callees(lab, family, len(chosen)) as hosts:
        return linux, play_calls(chosen, hosts, callers)


def transcripts(lab, family, chosen):
    def address(number):
        return family.server(FIRST_SERVER + number)
    source = family.client(SOURCE)
    with linux_inside(lab, family) as ns, Origin(ns, family) as origin, RawHost(lab, source) as host:
        linux = play(chosen, host, origin, address)
    with Gate(lab, rules=(HTTP,), ipv6=True), Origin(lab.wire.internet, family) as origin, RawHost(lab, source) as host:
        return linux, play(chosen, host, origin, address)


def differences(lab, family, chosen):
    """Row name -> what differs between the two."""
    found = {}
    for part, plays in (([row for row in chosen if "calls" not in row.marks], transcripts),
                        ([row for row in chosen if "calls" in row.marks], calls)):
        if part:
            linux, gate = plays(lab, family, part)
            found |= {row.name: differing(row, linux[row.name], gate[row.name]) for row in part}
    return found


def only_the_listed_differ(lab, family):
    """What is a matter of timing on a busy machine does not come again: a row that differs otherwise than
    listed is played twice more."""
    lab.wire.add_ipv6()
    chosen = rows()
    found = differences(lab, family, chosen)
    for _ in range(REPLAYS):
        odd = unlisted(found, family.name)
        found |= differences(lab, family, [row for row in chosen if row.name in odd])
    problems = compare(found, family.name)
    assert not problems, "\n".join(problems)


@scenario
@on_own_wire("tap")
def answers_are_those_of_linux_but_for_the_listed(lab):
    only_the_listed_differ(lab, V4)


@scenario
@on_own_wire("tap")
def so_are_those_over_ipv6(lab):
    only_the_listed_differ(lab, V6)
