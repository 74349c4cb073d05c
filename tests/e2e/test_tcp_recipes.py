# SPDX-License-Identifier: Apache-2.0
"""Every recipe of lib/tcp_recipes.py under both policies: only the real name, only the other name."""
from lib.capture import Capture
from lib.gate import Gate
from lib.netns import server
from lib.origin import Sink
from lib.raw_host import RawHost
from lib.scenario import no_packet_of, scenario
from lib.tcp_recipes import FAKE, FAKE_NAME, REAL, REAL_NAME, RECIPES, check_gate, may_be_outside

SOURCE = "10.10.0.11"


def play_all(lab, name, allowed):
    rule = f"{{name: one, hosts: [{name}], protocols: [tls/443]}}"
    problems = []
    with Gate(lab, rules=(rule,)), Sink(lab) as sink, RawHost(lab, SOURCE) as host, \
            Capture(lab, lab.wire.internet, "s0") as capture:
        for index, chosen in enumerate(RECIPES):
            try:
                check_gate(chosen, host, sink, server(20 + index), allowed)
            except AssertionError as error:
                problems.append(str(error))
        packets = capture.stop()
    other = (FAKE_NAME if allowed == REAL else REAL_NAME).encode()
    for index, chosen in enumerate(RECIPES):
        try:
            if not may_be_outside(chosen, allowed):
                no_packet_of(packets, server(20 + index))
        except AssertionError as error:
            problems.append(f"{chosen.id} {chosen.what}: {error}")
    problems += [f"a name that is not allowed is outside: {p}" for p in packets if other in p.raw]
    assert not problems, "\n".join(problems)


@scenario
def recipes_when_the_real_name_is_allowed(lab):
    play_all(lab, REAL_NAME, REAL)


@scenario
def recipes_when_the_other_name_is_allowed(lab):
    play_all(lab, FAKE_NAME, FAKE)
