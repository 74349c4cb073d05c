# SPDX-License-Identifier: Apache-2.0
"""Ways to confuse whoever reads a stream: segments that carry one name to some, another to others.

Each recipe plays on an open connection (unless it opens it itself) with two first flights of equal length,
`real` and `fake`, of TLS or of HTTP, in the families that it names. `linux` is what the kernel delivers to an application; None where a router on the
way makes that meaningless. `gate` is what the gate owes the client when the real name is allowed:

  works    the server gets exactly the real one, the client the server's answer
  dead     nothing of the connection is seen outside
  either   the server gets exactly the real one, or nothing
  one      the server gets exactly the one whose name is allowed, or nothing
  each     both are streams of their own: the server gets exactly the one whose name is allowed
  fake     the fake one is the stream: dead here, and delivered where the fake name is allowed
"""
import dataclasses
from typing import Callable, Optional

from . import hello
from .families import V4, V6
from .http_wire import request
from .origin import Sink

REAL_NAME, FAKE_NAME = "real.example", "fake.example"


@dataclasses.dataclass
class Flight:
    """What a client of one protocol begins with, under both names; and what is said to that."""
    protocol: str
    port: int
    real: bytes
    answer: bytes          # of the server
    refusal: bytes         # of the gate, a part of it

    @property
    def fake(self):
        return self.real.replace(REAL_NAME.encode(), FAKE_NAME.encode())

    @property
    def cut(self):
        """Within the name."""
        return hello.name_position(self.real, REAL_NAME) + 4


TLS = Flight("tls", 443, hello.client_hello(REAL_NAME), hello.SERVER_HELLO, hello.UNRECOGNIZED_NAME)
HTTP = Flight("http", 80, request(REAL_NAME, "/a/path", "User-Agent: recipes", "Accept: */*"),
              b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", b"HTTP/1.1 403 ")


@dataclasses.dataclass
class Recipe:
    id: str
    what: str
    play: Callable
    gate: str
    linux: Optional[str]
    opens: bool = True          # the connection is open when play begins
    retransmits: bool = False   # the client's own retransmission is part of it
    families: tuple = (V4, V6)


RECIPES = []


def recipe(identifier, what, gate="works", linux="real", **more):
    def register(play):
        RECIPES.append(Recipe(identifier, what, play, gate, linux, **more))
        return play
    return register


# ---- judging ----

def sink_for(lab, flight, family):
    """Servers at every address that answer the first flight."""
    if flight is TLS:
        return Sink(lab, every=family.every)
    return Sink(lab, flight.port, every=family.every, answer=lambda c: c.sock.sendall(flight.answer),
                is_complete=lambda octets: b"\r\n\r\n" in octets)


def _start(chosen, flight, host, address):
    c = host.connection(address, flight.port)
    if chosen.opens:
        c.open()
    chosen.play(c, flight)
    return c


def _delivered(sink, address):
    return b"".join(c.received for c in sink.of(address))


def _await_delivery(chosen, flight, c, sink):
    try:
        sink.wait_for(c.server, flight.real, 1 if chosen.retransmits else 3)
    except AssertionError:
        if not chosen.retransmits:
            raise
        c.data(0, flight.real)
        sink.wait_for(c.server, flight.real, 2)
    c.wait_received(flight.answer)


def check_linux(chosen, flight, host, sink, address):
    """Plays against the kernel and compares with what the table says."""
    if chosen.linux is None:
        return
    c = _start(chosen, flight, host, address)
    try:
        if chosen.linux == "real":
            _await_delivery(chosen, flight, c, sink)
        else:
            host.barrier()
            wanted = {"none": b"", "half": flight.real[:flight.cut], "fake": flight.fake}[chosen.linux]
            if wanted:
                sink.wait_for(address, wanted)
            assert _delivered(sink, address) == wanted, f"delivered {len(_delivered(sink, address))}"
    except AssertionError as error:
        raise AssertionError(f"{chosen.id} {chosen.what}: {error}") from error
    finally:
        c.reset()


def _check_refusal(chosen, flight, c):
    if chosen.retransmits:
        c.data(0, flight.real)
    c.wait_closed()
    assert c.saw_reset or flight.refusal in c.received, f"answer {c.received!r}"


def check_gate(chosen, flight, host, sink, address, allowed):
    """Plays against the gate where only one name is allowed: that of flight.real or of flight.fake."""
    c = _start(chosen, flight, host, address)
    real = allowed == flight.real
    try:
        if real and chosen.gate == "works":
            _await_delivery(chosen, flight, c, sink)
        elif not real and chosen.gate == "fake":
            sink.wait_for(address, flight.fake)
        elif chosen.gate == "each":
            sink.wait_for(address, allowed)
        elif not real and chosen.gate == "works":
            _check_refusal(chosen, flight, c)
        host.barrier()
        delivered = _delivered(sink, address)
        assert delivered in (b"", allowed), f"the server got {len(delivered)} other octets"
        assert not (chosen.gate == "dead" and delivered), "the server got something"
    except AssertionError as error:
        raise AssertionError(f"{chosen.id} {chosen.what}: {error}") from error
    finally:
        c.reset()


def may_be_outside(chosen, real):
    """Whether any packet of the connection may be on the outside link."""
    return chosen.gate in (("works", "either", "one", "each") if real else ("fake", "one", "each"))
