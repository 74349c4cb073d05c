# SPDX-License-Identifier: Apache-2.0
"""Ways to confuse whoever reads a stream: segments that carry one name to some, another to others.

Each recipe plays on an open connection (unless it opens it itself) with two hellos of equal length,
`real` and `fake`. `linux` is what the kernel delivers to an application; None where a router on the
way makes that meaningless. `gate` is what the gate owes the client when the real name is allowed:

  works    the server gets exactly the real hello, the client the server's answer
  dead     nothing of the connection is seen outside
  either   the server gets exactly the real hello, or nothing
  fake     the fake hello is the stream: dead here, and delivered where the fake name is allowed
"""
import dataclasses
import struct
from typing import Callable, Optional

from . import hello, packet
from .packet import ACK, FIN, PSH, SYN
from .waiting import wait_until

REAL_NAME, FAKE_NAME = "real.example", "fake.example"
REAL = hello.client_hello(REAL_NAME)
FAKE = REAL.replace(REAL_NAME.encode(), FAKE_NAME.encode())
CUT = hello.name_position(REAL, REAL_NAME) + 4


@dataclasses.dataclass
class Recipe:
    id: str
    what: str
    play: Callable
    gate: str
    linux: Optional[str]
    opens: bool = True          # the connection is open when play begins
    retransmits: bool = False   # the client's own retransmission is part of it


RECIPES = []


def recipe(identifier, what, gate="works", linux="real", **more):
    def register(play):
        RECIPES.append(Recipe(identifier, what, play, gate, linux, **more))
        return play
    return register


def _two(c, stream):
    c.data(0, stream[:CUT])
    c.data(CUT, stream[CUT:])


@recipe("T01", "one segment")
def _(c):
    c.data(0, REAL)


@recipe("T02", "1-byte segments in order")
def _(c):
    c.data_paced([(at, REAL[at:at + 1]) for at in range(len(REAL))])


@recipe("T04", "cut inside the name")
def _(c):
    _two(c, REAL)


@recipe("T05", "cut inside the name, reversed")
def _(c):
    c.data(CUT, REAL[CUT:])
    c.data(0, REAL[:CUT])


@recipe("T06", "each segment twice")
def _(c):
    for _i in range(2):
        c.data(0, REAL[:CUT])
    for _i in range(2):
        c.data(CUT, REAL[CUT:])


@recipe("T09", "real tail, fake tail of the same range, head", gate="either")
def _(c):
    tail = CUT - 2
    c.data(tail, REAL[tail:])
    c.data(tail, FAKE[tail:])
    c.data(0, REAL[:tail])


@recipe("T11", "real piece of the name, overlapping fake tail, head", gate="either", linux=None)
def _(c):
    c.data(CUT - 4, REAL[CUT - 4:CUT + 4])
    c.data(CUT - 4, FAKE[CUT - 4:])
    c.data(0, REAL[:CUT - 4])


@recipe("T12", "the first segment begins 10 octets before RCV.NXT")
def _(c):
    c.sent = len(REAL)
    c.raw(seq=c.iss + 1 - 10, flags=ACK | PSH, payload=b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03" + REAL)


@recipe("T13", "acknowledged octets again, with others", gate="either")
def _(c):
    c.data(0, REAL[:CUT])
    wait_until("an acknowledgement", lambda: any(
        p.ack == (c.iss + 1 + CUT) & 0xFFFFFFFF for p in c.packets))
    c.data(0, FAKE[:CUT].replace(b"\x16\x03\x01", b"\x16\x03\x02"))
    c.data(CUT, REAL[CUT:])


@recipe("T14", "fake with a bad TCP checksum, real")
def _(c):
    c.data(0, FAKE, bad_checksum=True)
    c.data(0, REAL)


@recipe("T16", "fake with TTL 1, real", gate="fake", linux=None)
def _(c):
    c.data(0, FAKE, ip={"ttl": 1})
    c.data(0, REAL)


@recipe("T17", "fake with the MD5 option, real")
def _(c):
    c.data(0, FAKE, options=b"\x13\x12" + b"\x5a" * 16)
    c.data(0, REAL)


@recipe("T19", "fake without the negotiated timestamps, real", gate="fake", linux=None)
def _(c):
    c.data(0, FAKE, options=b"")
    c.data(0, REAL)


@recipe("T20", "fake 10,000 octets before the window, real")
def _(c):
    c.raw(seq=c.iss + 1 - 10000, flags=ACK | PSH, payload=FAKE)
    c.data(0, REAL)


@recipe("T21", "fake beyond the window, real")
def _(c):
    c.raw(seq=c.iss + 1 + 10_000_000, flags=ACK | PSH, payload=FAKE)
    c.data(0, REAL)


@recipe("T22", "fake without the ACK flag, real")
def _(c):
    c.data(0, FAKE, flags=PSH)
    c.data(0, REAL)


@recipe("T23", "fake that acknowledges what was never sent, real")
def _(c):
    c.data(0, FAKE, ack=c.expected() + 100000)
    c.data(0, REAL)


@recipe("T25", "fake without any flag, real")
def _(c):
    c.data(0, FAKE, flags=0)
    c.data(0, REAL)


@recipe("T27", "fake with a data offset of 4, real")
def _(c):
    c.data(0, FAKE, data_offset=4)
    c.data(0, REAL)


@recipe("T29", "fake in an IP packet that claims to be shorter, real")
def _(c):
    segment = packet.tcp(c.host.address, c.server, c.port, c.server_port, seq=c.iss + 1, ack=c.expected(),
                         flags=ACK | PSH, options=c.options(), payload=FAKE)
    whole = packet.ipv4(c.host.address, c.server, 6, segment)
    short = packet.ipv4(c.host.address, c.server, 6, segment[:-20])
    c.host.send_ip(short + whole[len(short):])
    c.data(0, REAL)


@recipe("T31", "RST with a bad checksum, real")
def _(c):
    c.data(0, REAL[:CUT])
    c.reset(bad_checksum=True)
    c.data(CUT, REAL[CUT:])


@recipe("T32", "RST outside the window, real")
def _(c):
    c.data(0, REAL[:CUT])
    c.reset(10_000_000)
    c.data(CUT, REAL[CUT:])


@recipe("T33", "RST in the window but not at RCV.NXT, real")
def _(c):
    c.data(0, REAL[:CUT])
    c.reset(CUT + 50)
    c.data(CUT, REAL[CUT:])


@recipe("T34", "exact RST, real", gate="dead", linux="none")
def _(c):
    c.reset(0)
    c.data(0, REAL)


@recipe("T36", "SYN in the window, real")
def _(c):
    c.data(0, REAL[:CUT])
    c.raw(seq=c.iss + 1 + CUT + 20, flags=SYN, ack=0, options=b"")
    c.data(CUT, REAL[CUT:])


@recipe("T38", "FIN, then real", gate="dead", linux="none")
def _(c):
    c.fin()
    c.data(0, REAL)


@recipe("T39", "FIN with the first half, then the rest", gate="dead", linux="half")
def _(c):
    c.data(0, REAL[:CUT], flags=ACK | PSH | FIN)
    c.data(CUT, REAL[CUT:])


@recipe("T42", "data on the third segment of the handshake", opens=False)
def _(c):
    c.open(final_ack=False)
    c.data(0, REAL)


@recipe("T43", "data before any proof, reversed", opens=False, retransmits=True)
def _(c):
    c.open(final_ack=False)
    c.data(CUT, REAL[CUT:])
    c.data(0, REAL[:CUT])


@recipe("T45", "an urgent octet inside the name", gate="either")
def _(c):
    c.data(0, REAL[:CUT] + b"Z" + REAL[CUT:], flags=ACK | PSH | packet.URG, urgent=CUT + 1)


@recipe("T46", "urgent pointer 0", gate="either", linux=None)
def _(c):
    c.data(0, REAL, flags=ACK | PSH | packet.URG, urgent=0)


@recipe("T47", "urgent pointer past the end", gate="either", linux=None)
def _(c):
    c.data(0, REAL, flags=ACK | PSH | packet.URG, urgent=len(REAL) + 100)


@recipe("T49", "option of length 0")
def _(c):
    c.data(0, REAL, options=c.options() + b"\xfe\x00\x00\x00")


@recipe("T50", "option that ends past the header")
def _(c):
    c.data(0, REAL, options=c.options() + b"\xfe\x28\x00\x00")


@recipe("T51", "unknown option 253")
def _(c):
    c.data(0, REAL, options=c.options() + b"\xfd\x04\x00\x00")


@recipe("T54", "SYN+FIN, then SYN", opens=False)
def _(c):
    c.syn(flags=SYN | FIN)
    c.open()
    c.data(0, REAL)


@recipe("T56", "window scale 15 in the SYN", opens=False)
def _(c):
    c.window_scale = 15
    c.open()
    c.data(0, REAL)


@recipe("T57", "MSS 88 in the SYN", opens=False)
def _(c):
    c.mss = 88
    c.open()
    c.data(0, REAL)


@recipe("F08", "fake with loose source routing, real")
def _(c):
    c.data(0, FAKE, ip={"options": b"\x83\x07\x04" + bytes([198, 51, 100, 250]) + b"\x00"})
    c.data(0, REAL)


@recipe("F09", "fake with an IP header length below 5, real")
def _(c):
    segment = packet.tcp(c.host.address, c.server, c.port, c.server_port, seq=c.iss + 1, ack=c.expected(),
                         flags=ACK | PSH, options=c.options(), payload=FAKE)
    datagram = packet.ipv4(c.host.address, c.server, 6, segment)
    head = b"\x44" + datagram[1:10] + b"\0\0" + datagram[12:20]
    head = head[:10] + struct.pack("!H", packet.checksum(head)) + head[12:]
    c.host.send_ip(head + datagram[20:])
    c.data(0, REAL)


# ---- judging ----

def _start(chosen, host, address):
    c = host.connection(address)
    if chosen.opens:
        c.open()
    chosen.play(c)
    return c


def _delivered(sink, address):
    return b"".join(c.received for c in sink.of(address))


def _await_delivery(chosen, c, sink, octets):
    try:
        sink.wait_for(c.server, octets, 1 if chosen.retransmits else 3)
    except AssertionError:
        if not chosen.retransmits:
            raise
        c.data(0, REAL)
        sink.wait_for(c.server, octets, 2)
    c.wait_received(hello.SERVER_HELLO)


def check_linux(chosen, host, sink, address):
    """Plays against the kernel and compares with what the table says."""
    if chosen.linux is None:
        return
    c = _start(chosen, host, address)
    try:
        if chosen.linux == "real":
            _await_delivery(chosen, c, sink, REAL)
        else:
            host.barrier()
            wanted = {"none": b"", "half": REAL[:CUT]}[chosen.linux]
            if wanted:
                sink.wait_for(address, wanted)
            assert _delivered(sink, address) == wanted, f"delivered {len(_delivered(sink, address))}"
    except AssertionError as error:
        raise AssertionError(f"{chosen.id} {chosen.what}: {error}") from error
    finally:
        c.reset()


def check_gate(chosen, host, sink, address, allowed):
    """Plays against the gate where only `allowed` (REAL or FAKE) is allowed for this source."""
    c = _start(chosen, host, address)
    try:
        if allowed == REAL and chosen.gate == "works":
            _await_delivery(chosen, c, sink, REAL)
        elif allowed == FAKE and chosen.gate == "fake":
            sink.wait_for(address, FAKE)
        elif allowed == FAKE and chosen.gate == "works":
            if chosen.retransmits:
                c.data(0, REAL)
            c.wait_closed()
            assert c.saw_reset or c.received == hello.UNRECOGNIZED_NAME, f"answer {c.received!r}"
        host.barrier()
        delivered = _delivered(sink, address)
        assert delivered in (b"", allowed), f"the server got {len(delivered)} other octets"
        assert not (chosen.gate == "dead" and delivered), "the server got something"
    except AssertionError as error:
        raise AssertionError(f"{chosen.id} {chosen.what}: {error}") from error
    finally:
        c.reset()


def may_be_outside(chosen, allowed):
    """Whether any packet of the connection may be on the outside link."""
    if allowed == REAL:
        return chosen.gate in ("works", "either")
    return chosen.gate == "fake"
