# SPDX-License-Identifier: Apache-2.0
"""A host on the client link that the kernel knows nothing of, with a TCP that does as it is told.

It has its own MAC and one address of either family, answers for it, and never retransmits, reorders or corrects anything by
itself. What it receives in order is acknowledged, unless a test turns that off.
"""
import os
import select
import socket
import struct
import threading
import time

from . import packet as wire
from .families import FAMILIES
from .neighbors import neighbors_of
from .packet import ACK, FIN, PSH, RST, SYN, Packet
from .waiting import wait_until

SOL_PACKET, PACKET_ADD_MEMBERSHIP, PACKET_MR_PROMISC = 263, 1, 1
SO_TIMESTAMPNS = 35
ETH_P_ALL = 3


class RawHost:
    def __init__(self, lab, address, ns=None, device="c0", gate=None):
        ns = ns or lab.wire.client
        self.address, self.gate = address, gate or FAMILIES["v6" if wire.is_v6(address) else "v4"].gate_inside
        self.mac = (b"\x02\x0b" if wire.is_v6(address) else b"\x02\x0a") + wire.address_octets(address)[-4:]
        self.neighbors = neighbors_of(self)
        with ns.inside():
            self._socket = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ALL))
            self._socket.bind((device, ETH_P_ALL))
            index = socket.if_nametoindex(device)
        membership = struct.pack("iHH8s", index, PACKET_MR_PROMISC, 0, b"")
        self._socket.setsockopt(SOL_PACKET, PACKET_ADD_MEMBERSHIP, membership)
        self._socket.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
        self._connections, self._next_port = {}, 20000 + os.getpid() % 20000
        self.icmp = []
        self.gate_mac = None
        self._open = True
        self._thread = threading.Thread(target=self._receive, daemon=True)
        self._thread.start()

    # ---- the link ----

    def send_frame(self, frame):
        self._socket.send(frame.ljust(60, b"\0"))

    def send_ip(self, datagram):
        ethertype = wire.IPV6 if wire.is_v6(self.address) else wire.IPV4
        self.send_frame(wire.ethernet(self.gate_mac or self.resolve(), self.mac, ethertype, datagram))

    def resolve(self, address=None, seconds=5):
        """Asks the neighbours until answered; returns the MAC. Also a barrier: earlier frames were read."""
        address = address or self.gate
        seen, last = len(self.neighbors.replies), [0.0]

        def answered():
            if time.monotonic() - last[0] > 0.5:
                last[0] = time.monotonic()
                self.send_frame(self.neighbors.question(address))
            return [mac for ip, mac in self.neighbors.replies[seen:] if ip == address]
        self.gate_mac = wait_until(f"an answer of the neighbour {address}", answered, seconds)[0]
        return self.gate_mac

    barrier = resolve

    def _receive(self):
        while self._open:
            ready, _, _ = select.select([self._socket], [], [], 0.1)
            if not ready:
                continue
            try:
                frame, told, _, _ = self._socket.recvmsg(65536, 64)
            except OSError:
                return
            if frame[6:12] != self.mac:
                self._take(frame, _arrival(told))

    def _take(self, frame, when):
        p = Packet(frame, when)
        if self.neighbors.take(p):
            return
        if p.dst == self.address and p.is_tcp():
            connection = self._connections.get(p.dport)
            if connection:
                connection.take(p)
        elif p.dst == self.address and p.proto in (socket.IPPROTO_ICMP, socket.IPPROTO_ICMPV6):
            self.icmp.append(p)

    # ---- connections ----

    def connection(self, server, port=443, **options):
        self._next_port += 1
        c = RawConnection(self, self._next_port, server, port, **options)
        self._connections[c.port] = c
        return c

    def again(self, c):
        """A new connection on the ports of `c`, which hears nothing any more."""
        other = self._connections[c.port] = RawConnection(self, c.port, c.server, c.server_port)
        return other

    def connect(self, server, port=443, **options):
        return self.connection(server, port, **options).open()

    def close(self):
        self._open = False
        self._thread.join()
        self._socket.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


def _arrival(told):
    """When the kernel saw the frame, in seconds: this thread may be late."""
    for level, kind, data in told:
        if (level, kind) == (socket.SOL_SOCKET, SO_TIMESTAMPNS):
            seconds, nanoseconds = struct.unpack("qq", data)
            return seconds + nanoseconds / 1e9
    return time.time()


class RawConnection:
    """One connection; offsets count payload octets from 0."""

    def __init__(self, host, port, server, server_port, *, iss=None, mss=1460, window_scale=7,
                 sack=True, timestamps=True, window=64240):
        self.host, self.port, self.server, self.server_port = host, port, server, server_port
        self.iss = int.from_bytes(os.urandom(4), "big") if iss is None else iss
        self.mss, self.window_scale, self.sack = mss, window_scale, sack
        self.timestamps, self.window = timestamps, window
        self.irs = None           # the peer's ISN
        self.sent = 0             # highest offset sent + 1
        self.received = b""       # in order
        self.early = {}           # beyond the next octet: offset -> payload
        self.packets = []
        self.saw_fin = self.saw_reset = False
        self.acknowledge = True
        self.ts_recent = 0

    # ---- sending ----

    def syn_options(self):
        out = struct.pack("!BBH", 2, 4, self.mss) if self.mss else b""
        if self.sack:
            out += b"\x01\x01\x04\x02"
        if self.timestamps:
            out += b"\x01\x01" + struct.pack("!BBII", 8, 10, self._now(), 0)
        if self.window_scale is not None:
            out += b"\x01" + struct.pack("!BBB", 3, 3, self.window_scale)
        return out

    @staticmethod
    def _now():
        return int(time.monotonic() * 1000) & 0xFFFFFFFF

    def options(self):
        """The options of every segment after the SYN."""
        if not self.timestamps:
            return b""
        return b"\x01\x01" + struct.pack("!BBII", 8, 10, self._now(), self.ts_recent)

    def segment(self, *, seq, ack=None, flags=ACK, options=None, **fields):
        """One segment, each field as given."""
        fields.setdefault("window", self.window)
        return wire.tcp(self.host.address, self.server, self.port, self.server_port, seq=seq,
                        ack=self.expected() if ack is None else ack, flags=flags,
                        options=self.options() if options is None else options, **fields)

    def raw(self, *, ip=None, **fields):
        """Sends one segment; `ip` has fields of the header before it."""
        self.host.send_ip(wire.ip(self.host.address, self.server, 6, self.segment(**fields), **(ip or {})))

    def syn(self, **fields):
        fields = {"seq": self.iss, "ack": 0, "flags": SYN, "options": self.syn_options()} | fields
        self.raw(**fields)

    def open(self, seconds=5, final_ack=True):
        """Three-way handshake; the SYN is repeated each second."""
        last = [0.0]

        def answered():
            if time.monotonic() - last[0] > 1:
                last[0] = time.monotonic()
                self.syn()
            return self.irs is not None or self.saw_reset
        wait_until(f"a SYN-ACK from {self.server}:{self.server_port}", answered, seconds)
        assert not self.saw_reset, "the SYN was answered with a reset"
        if final_ack:
            self.ack()
        return self

    def ack(self):
        self.raw(seq=self.iss + 1 + self.sent)

    def data(self, offset, payload, flags=ACK | PSH, **fields):
        self.sent = max(self.sent, offset + len(payload))
        self.raw(seq=self.iss + 1 + offset, flags=flags, payload=payload, **fields)

    def data_paced(self, segments):
        """Many (offset, octets): the gate has read each batch before the next, so no ring overflows."""
        for number, (offset, octets) in enumerate(segments, 1):
            self.data(offset, octets)
            if number % 64 == 0:
                self.host.barrier()

    def fin(self, **fields):
        self.raw(seq=self.iss + 1 + self.sent, flags=ACK | FIN, **fields)
        self.sent += 1

    def reset(self, offset=None, **fields):
        self.raw(seq=self.iss + 1 + (self.sent if offset is None else offset), flags=RST, ack=0,
                 options=b"", **fields)

    # ---- receiving, on the host's thread ----

    def expected(self):
        """The next sequence number that is awaited from the peer; 0 before its SYN."""
        if self.irs is None:
            return 0
        return (self.irs + 1 + len(self.received) + self.saw_fin) & 0xFFFFFFFF

    def take(self, p):
        self.packets.append(p)
        if p.flags & RST:
            self.saw_reset = True
            return
        stamps = p.timestamps()
        if stamps:
            self.ts_recent = stamps[0]
        if p.flags & SYN and p.flags & ACK:
            self.irs = p.seq
            return
        if self.irs is None:
            return
        offset = (p.seq - self.irs - 1) & 0xFFFFFFFF
        if p.payload:
            self._take_payload(offset, p.payload)
        if p.flags & FIN and offset + len(p.payload) == len(self.received):
            self.saw_fin = True
        if (p.payload or p.flags & FIN) and self.acknowledge:
            self.ack()

    def _take_payload(self, offset, payload):
        self.early[offset] = payload
        while True:
            have = len(self.received)
            fitting = [o for o, b in self.early.items() if o <= have < o + len(b)]
            if not fitting:
                return
            piece = self.early.pop(fitting[0])
            self.received += piece[have - fitting[0]:]

    # ---- waiting ----

    def wait_received(self, octets, seconds=3):
        wait_until(f"{octets!r} from {self.server}", lambda: octets in self.received, seconds)

    def wait_closed(self, seconds=5):
        wait_until(f"FIN or RST from {self.server}", lambda: self.saw_fin or self.saw_reset, seconds)
