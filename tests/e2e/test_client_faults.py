# SPDX-License-Identifier: Apache-2.0
"""Clients that dawdle, vanish, come back or replay."""
from lib import hello
from lib.capture import Capture
from lib.families import PLAYED
from lib.gate import Gate
from lib.netns import server
from lib.origin import Sink
from lib.packet import ACK, PSH
from lib.raw_host import RawHost
from lib.scenario import equal, no_packet_of, scenario
from lib.waiting import wait_until

SOURCE = PLAYED.client(11)


@scenario
def slow_hello(lab):
    """One octet and then nothing."""
    with Gate(lab, extra="tcp: {hello_timeout: 1s}\n") as gate, RawHost(lab, SOURCE) as host, \
            Capture(lab, lab.wire.internet, "s0") as capture:
        c = host.connect(server(20))
        c.data(0, b"\x16")
        entry = gate.wait_entry(details="client_hello_timeout")
        c.wait_closed()
        equal("flags", entry["flags"], "NR")
        gate.wait_counter("sessions_active", 0)
        gate.wait_counter("hold_chunks_in_use", 0)
        no_packet_of(capture.stop(), server(20))


@scenario
def half_hello_and_gone(lab):
    """Every pool is as before once the gate gave up on the client."""
    stream = hello.grown(hello.client_hello("allowed.example"), 3000)
    with Gate(lab, extra="tcp: {hello_timeout: 1s}\n") as gate, RawHost(lab, SOURCE) as host:
        for index in range(50):
            c = host.connect(server(20 + index))
            c.data(600, stream[600:1800])
        for gauge in ("sessions_active", "hold_chunks_in_use", "setups_in_use"):
            gate.wait_counter(gauge, 0, 6)


@scenario
def client_vanishes_from_a_splice(lab):
    """No FIN, no RST: the idle timeout ends the session and tells the server."""
    with Gate(lab, extra="tcp: {idle_timeout: 2s}\n") as gate, Sink(lab) as sink, \
            RawHost(lab, SOURCE) as host:
        c = host.connect(server(20))
        c.data(0, hello.client_hello("allowed.example"))
        c.wait_received(hello.SERVER_HELLO)
        gate.wait_entry(termination="idle_timeout", seconds=8)
        gate.wait_counter("sessions_active", 0)
        equal("connections at the server", len(sink.of(server(20))), 1)


@scenario
def client_resets_a_splice(lab):
    with Gate(lab) as gate, Sink(lab) as sink, RawHost(lab, SOURCE) as host:
        c = host.connect(server(20))
        c.data(0, hello.client_hello("allowed.example"))
        c.wait_received(hello.SERVER_HELLO)
        # An exact reset: at what the server expects next.
        c.reset()
        wait_until("RST at the server", lambda: sink.of(server(20))[0].end == "reset")
        gate.wait_entry(termination="client_reset")


@scenario
def resets_that_are_not_exact_do_not_end_a_splice(lab):
    """Outside the window it is dropped; inside, the server answers a challenge and goes on (P07)."""
    stream = hello.client_hello("allowed.example")
    with Gate(lab), Sink(lab) as sink, RawHost(lab, SOURCE) as host:
        c = host.connect(server(20))
        c.data(0, stream)
        c.wait_received(hello.SERVER_HELLO)
        c.reset(10_000_000)
        c.reset(len(stream) + 100)
        c.data(len(stream), b"still here")
        sink.wait_for(server(20), stream + b"still here")


@scenario
def judged_octets_again_after_the_splice(lab):
    """Octets below the floor never leave again, whatever they now say."""
    stream = hello.client_hello("allowed.example")
    with Gate(lab) as gate, Sink(lab) as sink, RawHost(lab, SOURCE) as host, \
            Capture(lab, lab.wire.internet, "s0") as capture:
        c = host.connect(server(20))
        c.data(0, stream)
        c.wait_received(hello.SERVER_HELLO)
        c.data(0, stream.replace(b"allowed.example", b"zzzzzzz.example"))
        c.data(len(stream), b"more")
        sink.wait_for(server(20), stream + b"more")
        packets = capture.stop()
        assert gate.counter("below_floor") >= 1, gate.counters()
    assert not [p for p in packets if b"zzzzzzz" in p.raw], "old octets left again with other content"


@scenario
def late_duplicate_of_an_ended_session(lab):
    """A tombstone: the same answer again, one log line, nothing judged twice."""
    stream = hello.client_hello("denied.example")
    with Gate(lab) as gate, RawHost(lab, SOURCE) as host, \
            Capture(lab, lab.wire.internet, "s0") as capture:
        c = host.connect(server(20))
        c.data(0, stream)
        c.wait_closed()
        for _ in range(3):
            c.raw(seq=c.iss + 1, flags=ACK | PSH, payload=stream)
        host.barrier()
        gate.wait_entry(details="sni_not_allowed")
        equal("verdicts", gate.counter("verdicts_deny"), 1)
        equal("duplicates", gate.counter("late_duplicate"), 3)
        no_packet_of(capture.stop(), server(20))
        equal("log lines", len(gate.entries()), 1)


@scenario
def same_tuple_again_with_a_denied_name(lab):
    """An allowed session does not open the way for the next one on its five-tuple (T60)."""
    allowed, denied = hello.client_hello("allowed.example"), hello.client_hello("denied.example")
    with Gate(lab) as gate, Sink(lab) as sink, RawHost(lab, SOURCE) as host:
        c = host.connect(server(20))
        c.data(0, allowed)
        c.wait_received(hello.SERVER_HELLO)
        c.reset()
        gate.wait_entry(termination="client_reset")
        again = host.again(c)
        again.open()
        again.data(0, denied)
        again.wait_closed()
        gate.wait_entry(details="sni_not_allowed")
        equal("what servers got", [x.received for x in sink.of(server(20))], [allowed])


@scenario
def fin_before_any_data(lab):
    with Gate(lab) as gate, RawHost(lab, SOURCE) as host, \
            Capture(lab, lab.wire.internet, "s0") as capture:
        c = host.connect(server(20))
        c.fin()
        c.wait_closed()
        gate.wait_counter("embryos_in_use", 0)
        no_packet_of(capture.stop(), server(20))


@scenario
def data_without_a_handshake(lab):
    """A mid-stream segment of nothing: RST or silence, no session, nothing outside."""
    with Gate(lab) as gate, RawHost(lab, SOURCE) as host, \
            Capture(lab, lab.wire.internet, "s0") as capture:
        c = host.connection(server(20))
        c.irs = 12345
        c.data(0, hello.client_hello("allowed.example"))
        host.barrier()
        equal("sessions", gate.counter("sessions_opened"), 0)
        no_packet_of(capture.stop(), server(20))
