# SPDX-License-Identifier: Apache-2.0
"""Recipes (recipes.py) of TCP: segments that overlap, contradict each other, or are none."""
from . import packet
from .packet import ACK, FIN, PSH, RST, SYN
from .recipes import recipe
from .waiting import wait_until


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
    segment = c.segment(seq=c.iss + 1, flags=ACK | PSH, payload=s.fake)
    whole = packet.ip(c.host.address, c.server, 6, segment)
    short = packet.ip(c.host.address, c.server, 6, segment[:-20])
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


def _with_mss(mss):
    def play(c, s):
        c.mss = mss
        c.open()
        c.data(0, s.real)
    return play


for _mss in (1, 8, 88):
    recipe("T57", f"MSS {_mss} in the SYN", opens=False)(_with_mss(_mss))


@recipe("T58", "10,000 holes of one octet, then real")
def _(c, s):
    odd = range(1, len(s.real), 2)
    c.data_paced([(at, s.real[at:at + 1]) for _round in range(10_000 // len(odd)) for at in odd])
    c.data(0, s.real)


def _real_is_answered(c, s):
    c.open()
    c.data(0, s.real)
    wait_until("what becomes of real", lambda: c.received or c.saw_fin or c.saw_reset)


def _then_fake(again, s):
    again.open()
    again.data(0, s.fake)
    wait_until("what becomes of fake", lambda: again.received or again.saw_fin or again.saw_reset)
    again.reset()


@recipe("T59", "real, closed by both; then fake on the same ports in TIME-WAIT", gate="each", linux=None, opens=False)
def _(c, s):
    _real_is_answered(c, s)
    c.fin()
    c.wait_closed()
    _then_fake(c.host.again(c), s)


@recipe("T60", "real; then fake on the same ports while its connection lives", gate="each", linux=None, opens=False)
def _(c, s):
    _real_is_answered(c, s)
    again = c.host.again(c)
    again.syn()
    c.host.barrier()
    # As a host does that knows nothing of the first connection: a challenge is answered with a reset.
    for challenge in [p for p in again.packets if not p.flags & SYN][-1:]:
        again.raw(seq=challenge.ack, flags=RST, ack=0, options=b"")
    _then_fake(again, s)


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
