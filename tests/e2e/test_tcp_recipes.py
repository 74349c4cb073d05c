# SPDX-License-Identifier: Apache-2.0
"""Every recipe of lib/tcp_recipes.py and lib/ip_recipes.py, over both families, over TLS and over HTTP, under both
policies: only the real name, only the other name."""
from lib import ip_recipes, tcp_recipes  # noqa: F401  they fill RECIPES
from lib.capture import Capture
from lib.families import V4, V6
from lib.gate import Gate
from lib.raw_host import RawHost
from lib.recipes import FAKE_NAME, HTTP, REAL_NAME, RECIPES, TLS, check_gate, may_be_outside, sink_for
from lib.scenario import equal, no_packet_of, on_own_wire, scenario

SOURCE, FIRST_SERVER = 11, 20
# The classes of attacks by way of TCP and IP, each a recipe at least; the latter are of one family.
ROWS = ("T01 T02 T04 T05 T06 T08 T09 T11 T12 T13 T14 T16 T17 T19 T20 T21 T22 T23 T25 T27 T29 T31 T32 T33 T34 T36 T38 T39 "
        "T41 T42 T43 T45 T46 T47 T49 T50 T51 T54 T55 T56 T57 T58 T59 T60 T61 F01 F02 F04 F05 F08 F11 F12 F13 F15 F16").split()
ROWS_OF = {V4: ["F09", "F10"], V6: ["F14"]}


def all_recipes(family):
    return [recipe for recipe in RECIPES if family in recipe.families]


def recipes_of_ip(family):
    return [recipe for recipe in all_recipes(family) if recipe.id.startswith("F")]


def play(lab, family, flight, recipes, allowed):
    """Returns what went wrong."""
    problems = []
    with sink_for(lab, flight, family) as sink, RawHost(lab, family.client(SOURCE)) as host:
        for index, chosen in enumerate(recipes):
            try:
                check_gate(chosen, flight, host, sink, family.server(FIRST_SERVER + index), allowed)
            except AssertionError as error:
                problems.append(f"{family.name}: {error}")
    return problems


def leaks(packets, family, recipes, real):
    for index, chosen in enumerate(recipes):
        try:
            if not may_be_outside(chosen, real):
                no_packet_of(packets, family.server(FIRST_SERVER + index))
        except AssertionError as error:
            yield f"{family.name}: {chosen.id} {chosen.what}: {error}"


def play_all(lab, flight, real, recipes=all_recipes, workers=1):
    """`real`: the real name is the one that is allowed."""
    name, other = (REAL_NAME, FAKE_NAME) if real else (FAKE_NAME, REAL_NAME)
    allowed = flight.real if real else flight.fake
    rule = f"{{name: one, hosts: [{name}], protocols: [{flight.protocol}/{flight.port}]}}"
    problems = []
    with Gate(lab, rules=(rule,), ipv6=True, workers=workers), Capture(lab, lab.wire.internet, "s0") as capture:
        for family in (V4, V6):
            problems += play(lab, family, flight, recipes(family), allowed)
        packets = capture.stop()
    for family in (V4, V6):
        problems += leaks(packets, family, recipes(family), real)
    problems += [f"a name that is not allowed is outside: {p}" for p in packets if other.encode() in p.raw]
    assert not problems, "\n".join(problems)


@scenario
def every_row_has_a_recipe(_lab):
    for family, own in ROWS_OF.items():
        equal(f"rows of {family.name}", sorted({chosen.id for chosen in all_recipes(family)}), sorted(ROWS + own))


@scenario
def recipes_when_the_real_name_is_allowed(lab):
    lab.wire.add_ipv6()
    play_all(lab, TLS, True)


@scenario
def recipes_when_the_other_name_is_allowed(lab):
    lab.wire.add_ipv6()
    play_all(lab, TLS, False)


@scenario
def http_recipes_when_the_real_name_is_allowed(lab):
    lab.wire.add_ipv6()
    play_all(lab, HTTP, True)


@scenario
def http_recipes_when_the_other_name_is_allowed(lab):
    lab.wire.add_ipv6()
    play_all(lab, HTTP, False)


@scenario
@on_own_wire("tap")
def recipes_of_ip_where_the_kernel_gathers_no_fragments(lab):
    """An af_packet device has the kernel put datagrams together; a tap brings each fragment to the gate."""
    lab.wire.add_ipv6()
    for flight in (TLS, HTTP):
        for real in (True, False):
            play_all(lab, flight, real, recipes_of_ip)


@scenario
@on_own_wire("tap")
def recipes_of_ip_between_two_workers(lab):
    """F17: fragments may come by the queue of one worker and belong to a session of the other."""
    lab.wire.add_ipv6()
    for real in (True, False):
        play_all(lab, TLS, real, recipes_of_ip, workers=2)
