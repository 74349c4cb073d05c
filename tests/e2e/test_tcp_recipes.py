# SPDX-License-Identifier: Apache-2.0
"""Every recipe of lib/tcp_recipes.py, over TLS and over HTTP, under both policies: only the real name,
only the other name."""
from lib.capture import Capture
from lib.gate import Gate
from lib.netns import server
from lib.raw_host import RawHost
from lib.scenario import no_packet_of, on_own_wire, scenario
from lib.tcp_recipes import FAKE_NAME, HTTP, REAL_NAME, RECIPES, TLS, check_gate, may_be_outside, sink_for

SOURCE = "10.10.0.11"


def play_all(lab, flight, real, recipes=None):
    """`real`: the real name is the one that is allowed."""
    recipes = recipes or RECIPES
    name, other = (REAL_NAME, FAKE_NAME) if real else (FAKE_NAME, REAL_NAME)
    allowed = flight.real if real else flight.fake
    rule = f"{{name: one, hosts: [{name}], protocols: [{flight.protocol}/{flight.port}]}}"
    problems = []
    with Gate(lab, rules=(rule,)), sink_for(lab, flight) as sink, RawHost(lab, SOURCE) as host, \
            Capture(lab, lab.wire.internet, "s0") as capture:
        for index, chosen in enumerate(recipes):
            try:
                check_gate(chosen, flight, host, sink, server(20 + index), allowed)
            except AssertionError as error:
                problems.append(str(error))
        packets = capture.stop()
    for index, chosen in enumerate(recipes):
        try:
            if not may_be_outside(chosen, real):
                no_packet_of(packets, server(20 + index))
        except AssertionError as error:
            problems.append(f"{chosen.id} {chosen.what}: {error}")
    problems += [f"a name that is not allowed is outside: {p}" for p in packets if other.encode() in p.raw]
    assert not problems, "\n".join(problems)


@scenario
def recipes_when_the_real_name_is_allowed(lab):
    play_all(lab, TLS, True)


@scenario
def recipes_when_the_other_name_is_allowed(lab):
    play_all(lab, TLS, False)


@scenario
def http_recipes_when_the_real_name_is_allowed(lab):
    play_all(lab, HTTP, True)


@scenario
def http_recipes_when_the_other_name_is_allowed(lab):
    play_all(lab, HTTP, False)


@scenario
@on_own_wire("tap")
def recipes_of_ip_where_the_kernel_gathers_no_fragments(lab):
    """An af_packet device has the kernel put datagrams together; a tap brings each fragment to the gate."""
    of_ip = [chosen for chosen in RECIPES if chosen.id.startswith("F")]
    for flight in (TLS, HTTP):
        for real in (True, False):
            play_all(lab, flight, real, of_ip)
