# SPDX-License-Identifier: Apache-2.0
"""Every recipe of lib/http_recipes.py with real servers behind, under both policies."""
from lib.capture import Capture
from lib.gate import Gate
from lib.http_origins import SERVERS, ScriptedOrigin, answer, head
from lib.http_recipes import FAKE_NAME, REAL_NAME, RECIPES, check_answers, check_refusal
from lib.http_wire import HttpConnection
from lib.netns import CLIENT, PUBLIC, server
from lib.plain_router import PlainRouter
from lib.scenario import equal, scenario
from lib.streams import streams
from lib.waiting import wait_until

GATE = b"Sallyport"  # says so on its own pages
ADDRESS = {name: server(30 + n) for n, name in enumerate(SERVERS)}


def start_servers(lab):
    for name, start in SERVERS.items():
        start(lab, ADDRESS[name])


def each_play(kinds):
    """(recipe, server, token) of every recipe of these kinds with every server."""
    for chosen in RECIPES:
        for name in SERVERS:
            if chosen.gate in kinds:
                yield chosen, name, f"{chosen.id}-{name}-token"


def collect(lab, plays, check):
    """Plays each on a connection of its own; returns what went wrong, and the tokens that were refused."""
    problems, refused = [], set()
    for chosen, name, token in plays:
        try:
            with HttpConnection(lab.wire.client, ADDRESS[name]) as connection:
                if check(chosen, connection, token, name) == "refused":
                    refused.add(token)
        except (AssertionError, OSError) as error:
            problems.append(f"{chosen.id} {chosen.what}, {name}: {error or type(error).__name__}")
    return problems, refused


# ---- what must not leave ----

def refused(chosen, connection, token, _name):
    first, rest = chosen.octets(token)
    connection.send(first + rest)
    check_refusal(connection.rest(), connection.ended)
    return "refused"


def check_log(gate, count):
    """One line for each refusal, and no other."""
    wait_until(f"{count} lines in the log, has {len(gate.entries())}", lambda: len(gate.entries()) >= count)
    entries = gate.entries()
    equal("lines", len(entries), count)
    odd = [e for e in entries if e["flags"] not in ("NR", "DPE") or e["upstream_host"] != "-"]
    assert not odd, f"{len(odd)} lines are none of a refusal, first {odd[0]}"


def nothing_leaves(lab, allowed, kinds):
    start_servers(lab)
    with Gate(lab, rules=(rule(allowed),)) as gate, Capture(lab, lab.wire.internet, "s0") as capture:
        plays = list(each_play(kinds))
        problems, _ = collect(lab, plays, refused)
        packets = [p for p in capture.stop() if p.ethertype == 0x0800]
        if not problems:
            check_log(gate, len(plays))
    if packets:
        tokens = {t for *_, t in plays if any(t.encode() in p.raw for p in packets)}
        problems.append(f"{len(packets)} IP packets outside, of {sorted(tokens)}, first {packets[0]}")
    assert not problems, "\n".join(problems)


def rule(name):
    return f"{{name: one, hosts: [{name}], protocols: [http/80]}}"


@scenario
def refused_recipes_when_the_real_name_is_allowed(lab):
    nothing_leaves(lab, REAL_NAME, ("refused",))


@scenario
def all_recipes_when_the_other_name_is_allowed(lab):
    nothing_leaves(lab, FAKE_NAME, ("refused", "either", "works", "second"))


# ---- what must arrive ----

def served(chosen, connection, token, name):
    """Plays an allowed recipe; returns "refused" where that is all right as well."""
    if chosen.gate == "either":
        connection.send(chosen.octets(token)[0])
        response = connection.response()
        if GATE in response.body:
            check_refusal(response.head.encode() + response.body + connection.rest(), connection.ended)
            return "refused"
        equal("status", response.status, chosen.status(name))
        return "served"
    check_answers(chosen, connection, token, name)
    if chosen.gate == "second":
        octets = connection.rest()
        check_refusal(octets, connection.ended)
        assert octets.startswith(b"HTTP/1.1 403"), f"the second answer is {octets[:100]!r}"
    return "served"


def check_outside(packets, refused_tokens):
    """The server got `first` exactly, of each recipe that was served, and nothing else ever left."""
    problems, known = [], set()
    for name, address in ADDRESS.items():
        found = streams(packets, PUBLIC, address).values()
        for chosen, at, token in each_play(("works", "second", "either")):
            if at != name or token in refused_tokens:
                continue
            mine = [octets for octets in found if token.encode() in octets]
            known.update(mine)
            if mine != [chosen.octets(token)[0]]:
                problems.append(f"{chosen.id} {chosen.what}, {name}: {mine} is outside")
        problems += [f"{name} got {octets!r}" for octets in found if octets and octets not in known]
    return problems


@scenario
def other_recipes_when_the_real_name_is_allowed(lab):
    start_servers(lab)
    with Gate(lab, rules=(rule(REAL_NAME),)), Capture(lab, lab.wire.internet, "s0") as capture:
        problems, refused_tokens = collect(lab, each_play(("works", "second", "either")), served)
        problems += check_outside(capture.stop(), refused_tokens)
    assert not problems, "\n".join(problems)


@scenario
def second_name_while_a_response_is_awaited(lab):
    """P03 with a slow server: the refusal waits for the response before it, and then closes."""
    def slow(c):
        head(c)
        wait_until("the test to let the server go on", lambda: release)
        c.sock.sendall(answer(b"late"))
    release = []
    with Gate(lab, rules=(rule(REAL_NAME),)) as gate, ScriptedOrigin(lab, slow) as origin, \
            HttpConnection(lab.wire.client, server(40)) as connection:
        chosen = next(r for r in RECIPES if r.id == "P03")
        first, rest = chosen.octets("slow")
        connection.send(first[:-5])
        connection.send(first[-5:] + rest)
        gate.wait_counter("verdicts_deny", 1)
        release.append(True)
        equal("first answer", connection.response().body, b"late")
        equal("second answer", connection.response().status, 403)
        equal("rest", connection.rest(), b"")
        origin.wait_for(server(40), first)


# ---- calibration ----

def without_a_gate(chosen, connection, token, name):
    check_answers(chosen, connection, token, name)
    if chosen.gate == "second":
        equal("answer to the other name", connection.response().status, 200)
    return "served"


@scenario
def servers_answer_the_recipes_as_listed(lab):
    """Through a plain router: what must work works, and a second name is answered by every server."""
    start_servers(lab)
    with PlainRouter(lab), Capture(lab, lab.wire.internet, "s0") as capture:
        problems, _ = collect(lab, each_play(("works", "second", "either")), without_a_gate)
        packets = capture.stop()
    leaks = [p for p in packets if p.src == CLIENT and FAKE_NAME.encode() in p.raw]
    assert leaks, "the capture saw no request for the other name"
    assert not problems, "\n".join(problems)
