# SPDX-License-Identifier: Apache-2.0
"""One ClientHello in every shape that TCP and TLS permit, and some that they do not."""
from lib import hello
from lib.capture import Capture
from lib.families import PLAYED, bracketed
from lib.gate import Gate
from lib.netns import server
from lib.origin import Sink
from lib.raw_host import RawHost
from lib.scenario import equal, no_packet_of, scenario

SOURCE = PLAYED.client(11)


def pieces(stream, size):
    return [(at, stream[at:at + size]) for at in range(0, len(stream), size)]


def delivers(lab, shapes):
    """Each shape is (stream, [(offset, octets)...]); the server must get exactly the stream."""
    with Gate(lab) as gate, Sink(lab) as sink, RawHost(lab, SOURCE) as host:
        for index, (stream, segments) in enumerate(shapes):
            c = host.connect(server(20 + index))
            c.data_paced(segments)
            sink.wait_for(server(20 + index), stream)
            c.wait_received(hello.SERVER_HELLO)
            c.reset()
        equal("spliced", gate.counter("sessions_spliced"), len(shapes))


@scenario
def hello_in_one_octet_segments(lab):
    stream = hello.client_hello("allowed.example")
    delivers(lab, [(stream, pieces(stream, 1)), (stream, pieces(stream, 1)[::-1]),
                   (stream, pieces(stream, 100)[::-1])])


@scenario
def hello_cut_into_records(lab):
    whole = hello.client_hello("allowed.example")
    at = hello.name_position(whole, "allowed.example") - 5
    shapes = [hello.records(whole, at + 4), hello.records(whole, 1), hello.records(whole, 4),
              hello.records(whole, len(whole) - 6), hello.records(whole, *[1] * (len(whole) - 5)),
              hello.records(whole, at, 3, 3, 3)]
    delivers(lab, [(s, pieces(s, 1360)) for s in shapes])


@scenario
def hello_of_post_quantum_size(lab):
    """1.8 KB, cut at every 97th octet, in order and reversed."""
    stream = hello.grown(hello.client_hello("allowed.example"), 1300)
    shapes = [[(0, stream[:cut]), (cut, stream[cut:])] for cut in range(500, 1350, 97)]
    delivers(lab, [(stream, s) for s in shapes] + [(stream, s[::-1]) for s in shapes])


@scenario
def hello_without_timestamps_or_sack(lab):
    """A client of old manners; the server leg promises what the client was promised."""
    stream = hello.client_hello("allowed.example")
    with Gate(lab) as gate, Sink(lab) as sink, RawHost(lab, SOURCE) as host, \
            Capture(lab, lab.wire.internet, "s0") as capture:
        for index, options in enumerate(({"timestamps": False}, {"sack": False, "timestamps": False},
                                         {"window_scale": None}, {"mss": None})):
            c = host.connect(server(20 + index), **options)
            c.data(0, stream)
            sink.wait_for(server(20 + index), stream)
            c.wait_received(hello.SERVER_HELLO)
            c.reset()
        equal("spliced", gate.counter("sessions_spliced"), 4)
        packets = capture.stop()
    bare = [p for p in packets if p.src != server(20) and server(20) in (p.src, p.dst)]
    assert bare and all(p.timestamps() is None for p in bare), "timestamps that the client never offered"


@scenario
def second_hello_names_another_server(lab):
    """After a HelloRetryRequest the next hello is judged again: another name ends the session."""
    first = hello.client_hello("allowed.example")
    second = hello.client_hello("denied.example")
    with Gate(lab) as gate, RawHost(lab, SOURCE) as host, \
            Sink(lab, answer=lambda c: c.sock.sendall(hello.HELLO_RETRY_REQUEST)) as sink:
        c = host.connect(server(20))
        c.data(0, first)
        c.wait_received(hello.HELLO_RETRY_REQUEST)
        c.data(len(first), second)
        c.wait_closed()
        gate.wait_entry(details="second_hello_mismatch")
        equal("what the server got", sink.of(server(20))[0].received, first)


def _broken(whole):
    """Hellos that contradict themselves, or are none, with the reason they owe."""
    at = hello.name_position(whole, "allowed.example")
    renamed = {n: whole.replace(b"allowed.example", n) for n in
               (b"allowed exampl.", b"allowed\0example", b"allowed.ex\xc3\xa4mpl")}
    return [
        ("A12 record version 0201", b"\x16\x02\x01" + whole[3:]),
        ("A13 warning alert first", b"\x15\x03\x01\x00\x02\x01\x00" + whole),
        ("A14 change cipher spec first", b"\x14\x03\x01\x00\x01\x01" + whole),
        ("A16 application data first", b"\x17\x03\x01\x00\x05hello" + whole),
        ("A07 empty record first", b"\x16\x03\x01\x00\x00" + whole),
        ("A21 name type 1", whole[:at - 3] + b"\x01" + whole[at - 2:]),
        ("A32 name longer than its list", whole[:at - 2] + b"\x00\x40" + whole[at:]),
        ("A41 record above 2^14", b"\x16\x03\x01\x41\x00" + whole[5:]),
        ("A47 HTTP", b"GET / HTTP/1.1\r\nHost: allowed.example\r\n\r\n"),
        ("A48 CRLF first", b"\r\n" + whole),
        *((f"A29 name {n!r}", stream) for n, stream in renamed.items()),
    ]


@scenario
def hellos_that_must_not_pass(lab):
    cases = _broken(hello.client_hello("allowed.example"))
    with Gate(lab) as gate, Sink(lab), RawHost(lab, SOURCE) as host, \
            Capture(lab, lab.wire.internet, "s0") as capture:
        for index, (what, stream) in enumerate(cases):
            c = host.connect(server(40 + index))
            c.data(0, stream)
            try:
                c.wait_closed(3)
                gate.wait_entry(downstream_remote=f"{bracketed(SOURCE)}:{c.port}", flags="NR")
            except AssertionError as error:
                raise AssertionError(f"{what}: {error}") from error
        no_packet_of(capture.stop(), *(server(40 + i) for i in range(len(cases))))


@scenario
def names_that_mean_the_same(lab):
    """Case and one trailing dot do not change a name (A24, A25); neither do record versions (A09-A11)."""
    whole = hello.client_hello("allowed.example")
    at = hello.name_position(whole, "allowed.example")
    upper = whole[:at] + b"ALLOWED.eXample" + whole[at + 15:]
    shapes = [upper, *(b"\x16" + v + whole[3:] for v in (b"\x03\x00", b"\x03\x03", b"\x03\x04"))]
    delivers(lab, [(s, [(0, s)]) for s in shapes])
