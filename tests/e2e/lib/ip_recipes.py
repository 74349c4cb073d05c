# SPDX-License-Identifier: Apache-2.0
"""Recipes (recipes.py) of IP: fragments, options and extension headers."""
import itertools
import struct

from . import packet
from .families import V4, V6
from .packet import ACK, PSH
from .recipes import recipe

HOP_BY_HOP, ROUTING, DESTINATION = 0, 43, 60


def _segment(c, payload):
    return c.segment(seq=c.iss + 1, flags=ACK | PSH, payload=payload)


def _ident(c):
    """The identification of its fragmented datagram."""
    return c.port & 0x7FFF


def _fragment(c, offset, octets, more=True, proto=6):
    return packet.fragment(c.host.address, c.server, proto, _ident(c), offset, octets, more)


def _fragments(c, size, payload):
    """A segment of the stream as IP fragments of `size` octets, in their order."""
    segment = _segment(c, payload)
    c.sent = max(c.sent, len(payload))
    return [_fragment(c, at, segment[at:at + size], at + size < len(segment)) for at in range(0, len(segment), size)]


def _smallest(c, s):
    """The beginning of real in the smallest fragments that hosts take: of IPv6 the first of them has all headers
    (RFC 7112)."""
    return _fragments(c, 40 if packet.is_v6(c.server) else 8, s.real[:300])


def _send_all(c, datagrams):
    for datagram in datagrams:
        c.host.send_ip(datagram)


def _rest(c, s):
    if s.real[300:]:
        c.data(300, s.real[300:])


@recipe("F01", "the smallest fragments, in order")
def _(c, s):
    _send_all(c, _smallest(c, s))
    _rest(c, s)


@recipe("F02", "the smallest fragments, the last first")
def _(c, s):
    _send_all(c, _smallest(c, s)[::-1])
    _rest(c, s)


@recipe("F04", "fake in fragments, two of which overlap with other octets, then real")
def _(c, s):
    pieces = _fragments(c, 64, s.fake)
    _send_all(c, [pieces[0], _fragment(c, 32, b"\x5a" * 64), *pieces[1:]])
    c.data(0, s.real)


def _first_holds_eight(c, s):
    pieces = _fragments(c, 8, s.real[:300])
    _send_all(c, [*pieces[1:], pieces[0]])
    _rest(c, s)


@recipe("F05", "a first fragment with 8 octets of the TCP header, then the rest", families=(V4,))
def _(c, s):
    _first_holds_eight(c, s)


@recipe("F05", "the same of IPv6, where no host sends it", gate="dead", linux="none", families=(V6,))
def _(c, s):
    _first_holds_eight(c, s)


@recipe("F08", "fake with loose source routing, real", families=(V4,))
def _(c, s):
    c.data(0, s.fake, ip={"options": b"\x83\x07\x04" + bytes([198, 51, 100, 250]) + b"\x00"})
    c.data(0, s.real)


@recipe("F08", "fake with a routing header (RFC 5095), real", families=(V6,))
def _(c, s):
    by_way_of = struct.pack("!BBBBI", 6, 2, 0, 1, 0) + packet.address_octets(V6.server(250))
    c.host.send_ip(packet.ipv6(c.host.address, c.server, ROUTING, by_way_of + _segment(c, s.fake)))
    c.data(0, s.real)


@recipe("F09", "fake with an IP header length below 5, real", families=(V4,))
def _(c, s):
    datagram = packet.ipv4(c.host.address, c.server, 6, _segment(c, s.fake))
    head = b"\x44" + datagram[1:10] + b"\0\0" + datagram[12:20]
    head = head[:10] + struct.pack("!H", packet.checksum(head)) + head[12:]
    c.host.send_ip(head + datagram[20:])
    c.data(0, s.real)


@recipe("F10", "the reserved bit of the IP header", families=(V4,))
def _(c, s):
    c.data(0, s.real, ip={"flags_fragment": 0xC000})


@recipe("F11", "a UDP fragment with the identification of the fragments of real", families=(V4,))
def _(c, s):
    pieces = _fragments(c, 64, s.real)
    _send_all(c, [pieces[0], _fragment(c, 64, b"\x5a" * 64, proto=17), *pieces[1:]])


@recipe("F11", "the same, which may spoil a datagram of IPv6, then real", families=(V6,))
def _(c, s):
    pieces = _fragments(c, 64, s.real)
    _send_all(c, [pieces[0], _fragment(c, 64, b"\x5a" * 64, proto=17), *pieces[1:]])
    c.data(0, s.real)


@recipe("F13", "a fragment that ends beyond 65,535 octets, then real")
def _(c, s):
    c.host.send_ip(_fragment(c, 0x1FFF * 8, s.fake[:400], more=False))
    c.data(0, s.real)


@recipe("F14", "a fragment that is a whole datagram (RFC 6946)", families=(V6,))
def _(c, s):
    _send_all(c, _fragments(c, 2048, s.real))


def _options(following, kind):
    """A header of options with one of four octets."""
    return bytes([following, 0, kind, 4, 0, 0, 0, 0])


@recipe("F14", "padding in hop-by-hop and destination options", families=(V6,))
def _(c, s):
    chain = _options(DESTINATION, 1) + _options(6, 1)
    c.host.send_ip(packet.ipv6(c.host.address, c.server, HOP_BY_HOP, chain + _segment(c, s.real)))
    c.sent = len(s.real)


@recipe("F14", "fake behind an option that who does not know it discards, real", families=(V6,))
def _(c, s):
    c.host.send_ip(packet.ipv6(c.host.address, c.server, DESTINATION, _options(6, 0x5E) + _segment(c, s.fake)))
    c.data(0, s.real)


@recipe("F12", "fake in fragments of another client with the identification of those of real")
def _(c, s):
    other = (V6 if packet.is_v6(c.server) else V4).client(12)
    segment = packet.tcp(other, c.server, c.port, c.server_port, seq=c.iss + 1, ack=c.expected(), flags=ACK | PSH,
                         payload=s.fake)
    theirs = [packet.fragment(other, c.server, 6, _ident(c), at, segment[at:at + 64], at + 64 < len(segment))
              for at in range(0, len(segment), 64)]
    for own, strange in itertools.zip_longest(_fragments(c, 64, s.real), theirs):
        _send_all(c, [datagram for datagram in (strange, own) if datagram])


@recipe("F15", "fake in other carriers: IPIP, 6in4, GRE, ESP and VXLAN; then real")
def _(c, s):
    is_v6 = packet.is_v6(c.server)
    inner = packet.ip(c.host.address, c.server, 6, _segment(c, s.fake))
    frame = packet.ethernet(c.host.gate_mac, c.host.mac, packet.IPV6 if is_v6 else packet.IPV4, inner)
    vxlan = struct.pack("!HHHH", 40000, 4789, 16 + len(frame), 0) + b"\x08\0\0\0\0\0\x01\0" + frame
    gre = struct.pack("!HH", 0, packet.IPV6 if is_v6 else packet.IPV4) + inner
    for proto, body in ((4, inner), (41, inner), (47, gre), (50, inner), (17, vxlan)):
        c.host.send_ip(packet.ip(c.host.address, c.server, proto, body))
    c.data(0, s.real)


@recipe("F16", "fake with the tag of a VLAN, real")
def _(c, s):
    datagram = packet.ip(c.host.address, c.server, 6, _segment(c, s.fake))
    tag = struct.pack("!HH", 5, packet.IPV6 if packet.is_v6(c.server) else packet.IPV4)
    c.host.send_frame(packet.ethernet(c.host.gate_mac, c.host.mac, 0x8100, tag + datagram))
    c.data(0, s.real)
