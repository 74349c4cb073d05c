# SPDX-License-Identifier: Apache-2.0
"""How a transcript of a conformance row shows a segment: a line [flags, seq, octets, ack or None, more]."""
import struct

from .conformance_script import flag_text
from .packet import FIN, PSH, is_v6

OF_AN_MTU = {1460 - 20: 1460, 1360 - 20: 1360}  # segment sizes that IPv6 has for those of IPv4


def signed(number):
    number &= 0xFFFFFFFF
    return number - (1 << 32) if number & 0x80000000 else number


def merged(a, b):
    """Two segments with payload that follow each other, as one."""
    joins = a[2] and b[2] and a[1] + a[2] == b[1] and a[3:] == b[3:] and not a[0] & FIN
    return [(a[0] | b[0]) & ~PSH, a[1], a[2] + b[2], *a[3:]] if joins else None


def rhythm(when):
    """How often a segment came, and whether the intervals double as RFC 6298 section 5 wants."""
    gaps = [b - a for a, b in zip(when, when[1:])]
    if not gaps:
        return ""
    doubling = all(1.4 < b / a < 2.8 for a, b in zip(gaps, gaps[1:]))
    return f" {len(when)} times" + (", doubling" if doubling and len(gaps) > 1 else "")


def line_text(line):
    flags, seq, length, ack, more = line
    flags &= ~PSH  # where a writer pauses is up to whoever cuts the stream
    return (f"{flag_text(flags)} {seq}" + (f"+{length}" if length else "") +
            (f" ack {ack}" if ack is not None else "") + more)


def offered(p):
    """The options of a SYN. What follows from an MTU is told as of IPv4 in both families."""
    mss, scale = p.option(2), p.option(3)
    size = struct.unpack("!H", mss)[0] if mss else None
    size = OF_AN_MTU.get(size, size) if is_v6(p.src) else size
    return ((f" mss {size}" if mss else "") +
            (" sack" if p.option(4) is not None else "") + (" ts" if p.timestamps() else "") +
            (" scale" if scale is not None else ""))
