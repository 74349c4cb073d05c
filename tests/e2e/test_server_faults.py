# SPDX-License-Identifier: Apache-2.0
"""Servers that refuse, vanish, reset or lack what the client was promised: same signal, named reason."""
import os

from lib import hello, packet
from lib.capture import Capture
from lib.families import PLAYED
from lib.gate import QUICK, Gate
from lib.netns import GATE_OUTSIDE, PUBLIC, server
from lib.origin import Nginx, Sink, reset
from lib.packet import ACK, FIN, PSH, RST, SYN
from lib.raw_host import RawHost
from lib.scenario import equal, scenario

SOURCE = PLAYED.client(11)


def fails(lab, reason, address=server(20), seconds=6, answer_seconds=6, **settings):
    """A hello for an allowed name; the client must get RST, and the log the reason with flag UF."""
    with Gate(lab, **settings) as gate, RawHost(lab, SOURCE) as host:
        c = host.connect(address)
        c.data(0, hello.client_hello("allowed.example"))
        entry = gate.wait_entry(details=reason, seconds=seconds)
        c.wait_closed(answer_seconds)
        assert c.saw_reset, "the client was not told by RST"
        equal("flags", entry["flags"], "UF")
        equal("name", entry["sni"], "allowed.example")
        gate.wait_counter("sessions_active", 0)


@scenario
def server_refuses(lab):
    fails(lab, "upstream_refused")


@scenario
def server_is_silent(lab):
    lab.wire.internet.ip("route", "add", "table", "local", "blackhole", server(66))
    fails(lab, "upstream_timeout", server(66), extra=QUICK)


@scenario
def next_hop_does_not_answer_arp(lab):
    lab.wire.internet.ip("link", "set", "s0", "arp", "off")
    fails(lab, "upstream_unreachable", extra=QUICK)


@scenario
def server_resets_in_the_middle(lab):
    def answer(connection):
        connection.sock.sendall(hello.SERVER_HELLO)
        connection.sock.recv(1)
        reset(connection)
    with Gate(lab) as gate, Sink(lab, answer=answer), RawHost(lab, SOURCE) as host:
        c = host.connect(server(20))
        stream = hello.client_hello("allowed.example")
        c.data(0, stream)
        c.wait_received(hello.SERVER_HELLO)
        c.data(len(stream), b"x")
        c.wait_closed()
        assert c.saw_reset, "no RST at the client"
        gate.wait_entry(termination="upstream_reset", seconds=10)


@scenario
def server_closes_first(lab):
    """FIN passes both ways, and a half-open server leg is not left behind."""
    with Gate(lab) as gate, Sink(lab, close_after_answer=True), RawHost(lab, SOURCE) as host:
        c = host.connect(server(20))
        c.data(0, hello.client_hello("allowed.example"))
        c.wait_received(hello.SERVER_HELLO)
        c.wait_closed()
        assert c.saw_fin and not c.saw_reset, "the server's FIN did not arrive"
        c.fin()
        entry = gate.wait_entry(sni="allowed.example")
        equal("reason", (entry["details"], entry["termination"]), ("-", "-"))


@scenario
def server_that_is_not_tls(lab):
    with Gate(lab) as gate, RawHost(lab, SOURCE) as host, \
            Sink(lab, answer=lambda c: c.sock.sendall(b"220 mail.example ESMTP\r\n")):
        c = host.connect(server(20))
        c.data(0, hello.client_hello("allowed.example"))
        c.wait_closed()
        gate.wait_entry(details="upstream_protocol")


@scenario
def server_comes_back(lab):
    """After a refusal the same client reaches the same server once it is there."""
    with Gate(lab), Capture(lab, lab.wire.internet, "s0") as capture:
        first = lab.curl("https://allowed.example/", server=server(10))
        equal("curl while it refuses", first.returncode, 35)
        Nginx(lab, {"allowed.example": server(10)})
        equal("curl afterwards", lab.curl("https://allowed.example/", server=server(10)).returncode, 0)
        packets = capture.stop()
    syns = {p.sport for p in packets if p.src == PUBLIC and p.is_tcp() and p.flags == SYN}
    refused = {p.dport for p in packets if p.dst == PUBLIC and p.is_tcp() and p.flags & RST}
    assert syns - refused, f"the refused port was used again at once: {syns} {refused}"


@scenario
def noise_from_outside_does_not_touch_a_session(lab):
    """Guesses from outside with the server's address: none of them reaches the client (P08)."""
    stream = hello.client_hello("allowed.example")
    address = server(20)
    with Gate(lab) as gate, Sink(lab) as sink, RawHost(lab, SOURCE) as host, \
            RawHost(lab, address, ns=lab.wire.internet, device="s0") as noise:
        c = host.connect(address)
        c.data(0, stream)
        c.wait_received(hello.SERVER_HELLO)
        noise.resolve(GATE_OUTSIDE)
        port = sink.of(address)[0].peer[1]
        for flags, payload in ((SYN, b""), (SYN | ACK, b""), (RST, b""), (RST | ACK, b""),
                               (FIN | ACK, b""), (ACK | PSH, b"guess"), (0, b""), (63, b"")):
            for target in (port, port + 1 if port < 65535 else port - 1):
                guess = int.from_bytes(os.urandom(4), "big")
                segment = packet.tcp(address, PUBLIC, 443, target, seq=guess, ack=guess ^ 0x5A5A5A5A,
                                     flags=flags, payload=payload)
                noise.send_ip(packet.ip(address, PUBLIC, 6, segment))
        noise.barrier(GATE_OUTSIDE)
        c.data(len(stream), b"still here")
        sink.wait_for(address, stream + b"still here")
        assert not c.saw_reset and not c.saw_fin, "the client was disturbed"
        equal("what the client got", c.received, hello.SERVER_HELLO)
        assert gate.counter("unsolicited_syn") >= 1, gate.counters()
