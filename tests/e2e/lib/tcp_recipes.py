# SPDX-License-Identifier: Apache-2.0
"""Ways to confuse whoever reads a stream: segments that carry one name to some, another to others.

Each recipe plays on an open connection (unless it opens it itself) with two first flights of equal length,
`real` and `fake`, of TLS or of HTTP. `linux` is what the kernel delivers to an application; None where a router on the
way makes that meaningless. `gate` is what the gate owes the client when the real name is allowed:

  works    the server gets exactly the real one, the client the server's answer
  dead     nothing of the connection is seen outside
  either   the server gets exactly the real one, or nothing
  one      the server gets exactly the one whose name is allowed, or nothing
  fake     the fake one is the stream: dead here, and delivered where the fake name is allowed
"""
import dataclasses
import struct
from typing import Callable, Optional

from . import hello, packet
from .http_wire import request
from .origin import Sink
from .packet import ACK, FIN, PSH, SYN
from .waiting import wait_until

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


RECIPES = []


def recipe(identifier, what, gate="works", linux="real", **more):
    def register(play):
        RECIPES.append(Recipe(identifier, what, play, gate, linux, **more))
        return play
    return register


@recipe("T01", "one segment")
def _(c, s):
    c.data(0, s.real)


@recipe("T02", "1-byte segments in order")
def _(c, s):
    c.data_paced([(at, s.real[at:at + 1]) for at in range(len(s.real))])


@recipe("T04", "cut inside the name")
def _(c, s):
    c.data(0, s.real[:s.cut])
    c.data(s.cut, s.real[s.cut:])


@recipe("T05", "cut inside the name, reversed")
def _(c, s):
    c.data(s.cut, s.real[s.cut:])
    c.data(0, s.real[:s.cut])


@recipe("T06", "each segment twice")
def _(c, s):
    for _i in range(2):
        c.data(0, s.real[:s.cut])
    for _i in range(2):
        c.data(s.cut, s.real[s.cut:])


@recipe("T08", "fake from the name on, then the real head", gate="fake", linux="fake")
def _(c, s):
    name = s.cut - 4
    c.data(name, s.fake[name:])
    c.data(0, s.real[:name])


@recipe("T09", "real tail, fake tail of the same range, head", gate="either")
def _(c, s):
    tail = s.cut - 2
    c.data(tail, s.real[tail:])
    c.data(tail, s.fake[tail:])
    c.data(0, s.real[:tail])


@recipe("T11", "real piece of the name, overlapping fake tail, head", gate="either", linux=None)
def _(c, s):
    c.data(s.cut - 4, s.real[s.cut - 4:s.cut + 4])
    c.data(s.cut - 4, s.fake[s.cut - 4:])
    c.data(0, s.real[:s.cut - 4])


@recipe("T12", "the first segment begins 10 octets before RCV.NXT")
def _(c, s):
    c.sent = len(s.real)
    c.raw(seq=c.iss + 1 - 10, flags=ACK | PSH, payload=s.fake[:10] + s.real)


@recipe("T13", "acknowledged octets again, with others", gate="either")
def _(c, s):
    c.data(0, s.real[:s.cut])
    wait_until("an acknowledgement", lambda: any(
        p.ack == (c.iss + 1 + s.cut) & 0xFFFFFFFF for p in c.packets))
    c.data(0, b"\x15" + s.fake[1:s.cut])
    c.data(s.cut, s.real[s.cut:])


@recipe("T14", "fake with a bad TCP checksum, real")
def _(c, s):
    c.data(0, s.fake, bad_checksum=True)
    c.data(0, s.real)


@recipe("T16", "fake with TTL 1, real", gate="fake", linux=None)
def _(c, s):
    c.data(0, s.fake, ip={"ttl": 1})
    c.data(0, s.real)


@recipe("T17", "fake with the MD5 option, real")
def _(c, s):
    c.data(0, s.fake, options=b"\x13\x12" + b"\x5a" * 16)
    c.data(0, s.real)


@recipe("T19", "fake without the negotiated timestamps, real", gate="fake", linux=None)
def _(c, s):
    c.data(0, s.fake, options=b"")
    c.data(0, s.real)


@recipe("T20", "fake 10,000 octets before the window, real")
def _(c, s):
    c.raw(seq=c.iss + 1 - 10000, flags=ACK | PSH, payload=s.fake)
    c.data(0, s.real)


@recipe("T21", "fake beyond the window, real")
def _(c, s):
    c.raw(seq=c.iss + 1 + 10_000_000, flags=ACK | PSH, payload=s.fake)
    c.data(0, s.real)


@recipe("T22", "fake without the ACK flag, real")
def _(c, s):
    c.data(0, s.fake, flags=PSH)
    c.data(0, s.real)


@recipe("T23", "fake that acknowledges what was never sent, real")
def _(c, s):
    c.data(0, s.fake, ack=c.expected() + 100000)
    c.data(0, s.real)


@recipe("T25", "fake without any flag, real")
def _(c, s):
    c.data(0, s.fake, flags=0)
    c.data(0, s.real)


@recipe("T27", "fake with a data offset of 4, real")
def _(c, s):
    c.data(0, s.fake, data_offset=4)
    c.data(0, s.real)


@recipe("T29", "fake in an IP packet that claims to be shorter, real")
def _(c, s):
    segment = packet.tcp(c.host.address, c.server, c.port, c.server_port, seq=c.iss + 1, ack=c.expected(),
                         flags=ACK | PSH, options=c.options(), payload=s.fake)
    whole = packet.ipv4(c.host.address, c.server, 6, segment)
    short = packet.ipv4(c.host.address, c.server, 6, segment[:-20])
    c.host.send_ip(short + whole[len(short):])
    c.data(0, s.real)


@recipe("T31", "RST with a bad checksum, real")
def _(c, s):
    c.data(0, s.real[:s.cut])
    c.reset(bad_checksum=True)
    c.data(s.cut, s.real[s.cut:])


@recipe("T32", "RST outside the window, real")
def _(c, s):
    c.data(0, s.real[:s.cut])
    c.reset(10_000_000)
    c.data(s.cut, s.real[s.cut:])


@recipe("T33", "RST in the window but not at RCV.NXT, real")
def _(c, s):
    c.data(0, s.real[:s.cut])
    c.reset(s.cut + 50)
    c.data(s.cut, s.real[s.cut:])


@recipe("T34", "exact RST, real", gate="dead", linux="none")
def _(c, s):
    c.reset(0)
    c.data(0, s.real)


@recipe("T36", "SYN in the window, real")
def _(c, s):
    c.data(0, s.real[:s.cut])
    c.raw(seq=c.iss + 1 + s.cut + 20, flags=SYN, ack=0, options=b"")
    c.data(s.cut, s.real[s.cut:])


@recipe("T38", "FIN, then real", gate="dead", linux="none")
def _(c, s):
    c.fin()
    c.data(0, s.real)


@recipe("T39", "FIN with the first half, then the rest", gate="dead", linux="half")
def _(c, s):
    c.data(0, s.real[:s.cut], flags=ACK | PSH | FIN)
    c.data(s.cut, s.real[s.cut:])


@recipe("T41", "a SYN with another ISN before the third segment, then real", gate="either", linux="none",
        opens=False)
def _(c, s):
    c.open(final_ack=False)
    irs = c.irs
    c.raw(seq=c.iss + 5000, flags=SYN, ack=0, options=c.syn_options())
    c.host.barrier()
    c.irs = irs
    c.ack()
    c.data(0, s.real)


@recipe("T42", "data on the third segment of the handshake", opens=False)
def _(c, s):
    c.open(final_ack=False)
    c.data(0, s.real)


@recipe("T43", "data before any proof, reversed", opens=False, retransmits=True)
def _(c, s):
    c.open(final_ack=False)
    c.data(s.cut, s.real[s.cut:])
    c.data(0, s.real[:s.cut])


@recipe("T45", "an urgent octet inside the name", gate="either")
def _(c, s):
    c.data(0, s.real[:s.cut] + b"Z" + s.real[s.cut:], flags=ACK | PSH | packet.URG, urgent=s.cut + 1)


@recipe("T46", "urgent pointer 0", gate="either", linux=None)
def _(c, s):
    c.data(0, s.real, flags=ACK | PSH | packet.URG, urgent=0)


@recipe("T47", "urgent pointer past the end", gate="either", linux=None)
def _(c, s):
    c.data(0, s.real, flags=ACK | PSH | packet.URG, urgent=len(s.real) + 100)


@recipe("T49", "option of length 0")
def _(c, s):
    c.data(0, s.real, options=c.options() + b"\xfe\x00\x00\x00")


@recipe("T50", "option that ends past the header")
def _(c, s):
    c.data(0, s.real, options=c.options() + b"\xfe\x28\x00\x00")


@recipe("T51", "unknown option 253")
def _(c, s):
    c.data(0, s.real, options=c.options() + b"\xfd\x04\x00\x00")


@recipe("T54", "SYN+FIN, then SYN", opens=False)
def _(c, s):
    c.syn(flags=SYN | FIN)
    c.open()
    c.data(0, s.real)


@recipe("T55", "a closed window until the octets are acknowledged", opens=False)
def _(c, s):
    c.window = 0
    c.open()
    c.data(0, s.real)
    wait_until("an acknowledgement", lambda: any(
        p.ack == (c.iss + 1 + len(s.real)) & 0xFFFFFFFF for p in c.packets))
    c.window = 64240
    c.ack()


@recipe("T56", "window scale 15 in the SYN", opens=False)
def _(c, s):
    c.window_scale = 15
    c.open()
    c.data(0, s.real)


@recipe("T57", "MSS 88 in the SYN", opens=False)
def _(c, s):
    c.mss = 88
    c.open()
    c.data(0, s.real)


@recipe("T58", "10,000 holes of one octet, then real")
def _(c, s):
    odd = range(1, len(s.real), 2)
    c.data_paced([(at, s.real[at:at + 1]) for _round in range(10_000 // len(odd)) for at in odd])
    c.data(0, s.real)


@recipe("T61", "three SYNs with other ISNs, then fake and real on the first and the last", gate="one", linux=None,
        opens=False)
def _(c, s):
    numbers = []
    for further in (0, 40_000_000, 80_000_000):
        c.irs = None
        c.raw(seq=c.iss + further, flags=SYN, ack=0, options=c.syn_options())
        c.host.barrier()
        numbers.append(c.irs or 0)
    c.irs = numbers[0]
    c.raw(seq=c.iss + 1 + 80_000_000, ack=numbers[2] + 1, flags=ACK | PSH, payload=s.fake)
    c.data(0, s.real)


def _ident(c):
    """The identification of its fragmented datagram."""
    return c.port & 0x7FFF


def _fragments(c, size, payload):
    """A segment of the stream as IP fragments of `size` octets, in their order."""
    segment = packet.tcp(c.host.address, c.server, c.port, c.server_port, seq=c.iss + 1, ack=c.expected(),
                         flags=ACK | PSH, options=c.options(), payload=payload)
    c.sent = max(c.sent, len(payload))
    return [packet.ipv4(c.host.address, c.server, 6, segment[at:at + size], ident=_ident(c),
                        flags_fragment=(0x2000 if at + size < len(segment) else 0) | at // 8)
            for at in range(0, len(segment), size)]


def _send_all(c, datagrams):
    for datagram in datagrams:
        c.host.send_ip(datagram)


@recipe("F01", "fragments of 8 octets, in order")
def _(c, s):
    _send_all(c, _fragments(c, 8, s.real[:300]))
    if s.real[300:]:
        c.data(300, s.real[300:])


@recipe("F02", "fragments of 8 octets, the last first")
def _(c, s):
    _send_all(c, _fragments(c, 8, s.real[:300])[::-1])
    if s.real[300:]:
        c.data(300, s.real[300:])


@recipe("F04", "fake in fragments, two of which overlap with other octets, then real")
def _(c, s):
    pieces = _fragments(c, 64, s.fake)
    other = packet.ipv4(c.host.address, c.server, 6, b"\x5a" * 64, ident=_ident(c), flags_fragment=0x2000 | 4)
    _send_all(c, [pieces[0], other, *pieces[1:]])
    c.data(0, s.real)


@recipe("F05", "a first fragment with 8 octets of the TCP header, then the rest")
def _(c, s):
    pieces = _fragments(c, 8, s.real[:300])
    _send_all(c, [*pieces[1:], pieces[0]])
    if s.real[300:]:
        c.data(300, s.real[300:])


@recipe("F08", "fake with loose source routing, real")
def _(c, s):
    c.data(0, s.fake, ip={"options": b"\x83\x07\x04" + bytes([198, 51, 100, 250]) + b"\x00"})
    c.data(0, s.real)


@recipe("F09", "fake with an IP header length below 5, real")
def _(c, s):
    segment = packet.tcp(c.host.address, c.server, c.port, c.server_port, seq=c.iss + 1, ack=c.expected(),
                         flags=ACK | PSH, options=c.options(), payload=s.fake)
    datagram = packet.ipv4(c.host.address, c.server, 6, segment)
    head = b"\x44" + datagram[1:10] + b"\0\0" + datagram[12:20]
    head = head[:10] + struct.pack("!H", packet.checksum(head)) + head[12:]
    c.host.send_ip(head + datagram[20:])
    c.data(0, s.real)


@recipe("F10", "the reserved bit of the IP header")
def _(c, s):
    c.data(0, s.real, ip={"flags_fragment": 0xC000})


@recipe("F11", "a UDP fragment with the identification of the fragments of real")
def _(c, s):
    pieces = _fragments(c, 64, s.real)
    stranger = packet.ipv4(c.host.address, c.server, 17, b"\x5a" * 64, ident=_ident(c), flags_fragment=0x2000 | 8)
    _send_all(c, [pieces[0], stranger, *pieces[1:]])


@recipe("F13", "a fragment that ends beyond 65,535 octets, then real")
def _(c, s):
    c.host.send_ip(packet.ipv4(c.host.address, c.server, 6, s.fake[:400], ident=_ident(c),
                               flags_fragment=0x1FFF))
    c.data(0, s.real)


# ---- judging ----

def sink_for(lab, flight):
    """Servers at every address that answer the first flight."""
    if flight is TLS:
        return Sink(lab)
    return Sink(lab, flight.port, answer=lambda c: c.sock.sendall(flight.answer),
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
    return chosen.gate in (("works", "either", "one") if real else ("fake", "one"))
