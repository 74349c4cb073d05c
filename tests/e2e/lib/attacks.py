# SPDX-License-Identifier: Apache-2.0
"""What hostile clients do to a gate while others use it. Each attack lasts for the length of a `with`."""
import contextlib
import ctypes
import os
import re
import socket
import struct
import subprocess

from . import packet as wire
from .families import PLAYED, V4
from .netns import CLIENT, server
from .process import Process
from .raw_host import RawHost
from .waiting import wait_until

NAME = "allowed.example"
ATTACKER, TARGET = PLAYED.client(66), server(11)   # TARGET has an origin of its own
# Eight sources, as the gate counts them: of IPv6 a /64 is one. They are behind the client.
STOPPED_NETWORK, STOPPED_ADDRESS = ("10.20.0.0/24", "10.20.0.{}") if PLAYED is V4 else ("fd00:20::/48", "fd00:20:0:{}::1")
STOPPED_FROM = [STOPPED_ADDRESS.format(n) for n in range(71, 79)]
INSIDE = f", routes: [{{to: '{STOPPED_NETWORK}', via: '{CLIENT}'}}]"  # what the gate's inside port needs for that
STOPPED, STOPPED_OCTETS = 1000, 4_000_000
SPAN = 20_000  # octets over which holes and blocks lie
HERE = os.path.dirname(os.path.abspath(__file__))
SO_ATTACH_FILTER = 26
# A program of the kernel's packet filter (code, jumps, value) that accepts ARP, and ICMPv6.
NEIGHBORS_ALONE = ((0x28, 0, 0, 12), (0x15, 3, 0, wire.ARP), (0x15, 0, 3, wire.IPV6), (0x30, 0, 0, 20),
                   (0x15, 0, 1, wire.ICMPV6), (0x06, 0, 0, 65535), (0x06, 0, 0, 0))


class Storm:
    """Frames of one kind (storm.c) at a rate. Once it is over, `sent` and `seconds` say what it was."""

    def __init__(self, lab, gate, rate, kind, source, port=0, target=TARGET, target_port=80, seq=0, ack=0, span=0):
        self.sent = self.seconds = None
        self.process = Process([lab.helper("storm.c"), kind, "c0", gate.mac("inside").hex(":"), rate, source, port, target,
                                target_port, seq % 2**32, ack % 2**32, span], log=lab.path(f"storm-{kind}.log"), ns=lab.wire.client)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        running = self.process.running()
        self.process.stop()
        said = re.findall(r"sent (\d+) in ([\d.]+) s", self.process.text())
        assert running and said, f"the storm had ended before its time: {self.process.text()}"
        self.sent, self.seconds = int(said[-1][0]), float(said[-1][1])


def _deafen(host):
    """From now on it answers its neighbours and hears nothing else: what comes back from the gate would keep it busy."""
    program = b"".join(struct.pack("HBBI", *step) for step in NEIGHBORS_ALONE)
    kept = ctypes.create_string_buffer(program, len(program))
    host._socket.setsockopt(socket.SOL_SOCKET, SO_ATTACH_FILTER, struct.pack("HL", len(NEIGHBORS_ALONE), ctypes.addressof(kept)))


@contextlib.contextmanager
def _on_connection(lab, gate, rate, kind, request, is_ready, **options):
    """A storm of segments that belong to a connection of the attacker, which has sent `request`."""
    with RawHost(lab, ATTACKER) as host:
        c = host.connect(TARGET, 80, timestamps=False, **options)
        c.data(0, request.encode())
        wait_until(f"the connection for a storm of {kind}", lambda: is_ready(c), 10)
        c.acknowledge = False
        _deafen(host)
        with Storm(lab, gate, rate, kind, ATTACKER, c.port, seq=c.iss + 1 + c.sent, ack=c.expected(), span=SPAN) as storm:
            yield storm
        c.reset()


def holes(lab, gate, rate, port=None):
    """Single octets with gaps between them, on a connection that uploads."""
    request = f"PUT /up HTTP/1.1\r\nHost: {NAME}\r\nContent-Length: 9999999\r\n\r\n"
    return _on_connection(lab, gate, rate, "holes", request,
                          lambda c: any(p.ack == (c.iss + 1 + c.sent) % 2**32 for p in c.packets))


def sacks(lab, gate, rate, port=None):
    """Blocks of one octet all over what is in flight, on a connection that downloads in the smallest segments."""
    request = f"GET /bytes/9999999 HTTP/1.1\r\nHost: {NAME}\r\n\r\n"
    return _on_connection(lab, gate, rate, "sacks", request, lambda c: len(c.received) > SPAN, mss=1)


def fragments(lab, gate, rate, port=None):
    """Fragments of eight octets, of datagrams that are never whole."""
    return Storm(lab, gate, rate, "fragments", ATTACKER)


def strays(lab, gate, rate, port=None):
    """Resets and acknowledgements of no connection."""
    return Storm(lab, gate, rate, "strays", ATTACKER)


@contextlib.contextmanager
def guesses(lab, gate, rate, port):
    """Resets and acknowledgements of the connections of another, from its port to server(10) port 80 and from the next
    one to 443, with guessed numbers. For those that are open: over 1,000 guesses a second at a cookie keep the gate
    from opening any for the same source."""
    with Storm(lab, gate, rate, "guesses", CLIENT, port, server(10)) as storm:
        yield storm
    wait_until("the source to be answered again", lambda: _connects(lab), 20)


def _connects(lab):
    with lab.wire.client.inside(), socket.socket(PLAYED.kind) as s:
        s.settimeout(0.3)
        return s.connect_ex((server(10), 80)) == 0


@contextlib.contextmanager
def stopped_clients(lab, gate, rate=None, port=None):
    """A thousand clients of eight sources that ask for much and read nothing."""
    for address in STOPPED_FROM:
        lab.wire.client.ip("addr", "replace", address, "dev", "lo")
    log = lab.path("stopped.log")
    clients = Process(["/usr/bin/python3", os.path.join(HERE, "stopped_clients.py"), TARGET, NAME, STOPPED, STOPPED_OCTETS, *STOPPED_FROM],
                      log=log, ns=lab.wire.client, stdin=subprocess.PIPE)
    clients.wait_for_text(f"stopped: {STOPPED}", 60)
    _wait_settled(gate)
    yield clients
    assert clients.running(), clients.text()
    clients.stop()
    wait_until("an end of their sessions", lambda: not gate.counter("sessions_active"), 20)


def _wait_settled(gate):
    """Until what the clients do not read fills whatever there is for it."""
    seen = []

    def settled():
        seen.append(gate.counter("relay_chunks_in_use"))
        return len(seen) > 5 and seen[-1] > 0 and max(seen[-5:]) - min(seen[-5:]) < seen[-1] // 100
    wait_until("buffers full of what nobody reads", settled, 60, 0.3)


# Each by its name; those of a storm have a rate.
ATTACKS = {f.__name__: f for f in (holes, sacks, fragments, strays, guesses, stopped_clients)}
