# SPDX-License-Identifier: Apache-2.0
"""Bulk through the splice: byte-exact, and on the wires only headers differ."""
import hashlib
import os
import threading

from lib.bulk_origin import body_sha256, sha256_of, write_body
from lib.capture import Capture
from lib.families import PLAYED
from lib.gate import Gate
from lib.http_origins import HttpPython
from lib.netns import CLIENT, PUBLIC, server
from lib.origin import BulkOrigin
from lib.packet import FIN, RST, SYN
from lib.scenario import equal, long_scenario, scenario

SIZE = 100_000_000
SNAPLEN = 114  # Ethernet, IPv6 and the longest TCP header


class Leg:
    """The first connection of a capture; client octets and server octets apart."""

    def __init__(self, packets, client, address):
        tcp = [p for p in packets if p.is_tcp()]
        port = next(p.sport for p in tcp if p.flags == SYN and (p.src, p.dst) == (client, address))
        self.up = [p for p in tcp if (p.src, p.sport, p.dst) == (client, port, address)]
        self.down = [p for p in tcp if (p.src, p.dst, p.dport) == (address, client, port)]

    @staticmethod
    def isn(direction):
        return next(p.seq for p in direction if p.flags & SYN)

    def octets(self, direction):
        """Payload octets by highest sequence number, each counted once."""
        isn = self.isn(direction)
        return max(((p.seq - isn - 1) & 0xFFFFFFFF) + p.payload_length for p in direction
                   if not p.flags & (SYN | RST))

    def segments(self, direction):
        """(offset, length) -> the set of TSvals it was sent with."""
        isn, out = self.isn(direction), {}
        for p in direction:
            if p.payload_length:
                key = ((p.seq - isn - 1) & 0xFFFFFFFF, p.payload_length)
                out.setdefault(key, set()).add(p.timestamps()[0])
        return out


def check_splice(sent, received, held=0):
    """What one side sent and the other received: same segments, one timestamp offset, nothing added.

    The first `held` octets the gate sends itself, in segments of its own.
    """
    before, after = ({k: v for k, v in segments.items() if k[0] >= held} for segments in (sent, received))
    assert after, "no segment to compare"
    made_up = [k for k in after if k not in before]
    assert not made_up, f"{len(made_up)} segments that nobody sent, first at {made_up[0]}"
    once = next(k for k in after if len(before[k]) == len(after[k]) == 1)
    offset = (min(after[once]) - min(before[once])) & 0xFFFFFFFF
    other = [k for k in after if not {(t - offset) & 0xFFFFFFFF for t in after[k]} <= before[k]]
    assert not other, f"{len(other)} of {len(after)} segments with another timestamp offset, first {other[0]}"


def check_wires(inside, outside, public=PUBLIC):
    client = Leg(inside, CLIENT, server(10))
    gate = Leg(outside, public, server(10))
    hello_length = next(p.payload_length for p in client.up if p.payload_length)
    check_splice(client.segments(client.up), gate.segments(gate.up), hello_length)
    check_splice(gate.segments(gate.down), client.segments(client.down))
    equal("octets to the server", gate.octets(gate.up), client.octets(client.up))
    equal("octets to the client", client.octets(client.down), gate.octets(gate.down))
    for direction in (gate.up, gate.down, client.up, client.down):
        assert any(p.flags & FIN for p in direction), "a direction without FIN"


def transfer(lab, *curl_arguments, path="/", check):
    BulkOrigin(lab, "allowed.example", server(10))
    with Gate(lab) as gate, Capture(lab, lab.wire.client, "c0", SNAPLEN) as inside, \
            Capture(lab, lab.wire.internet, "s0", SNAPLEN) as outside:
        done = lab.curl(f"https://allowed.example{path}", *curl_arguments, server=server(10), seconds=60)
        equal("curl", (done.returncode, done.stderr), (0, ""))
        check(done)
        entry = gate.wait_entry(sni="allowed.example")
        equal("sessions_spliced", gate.counter("sessions_spliced"), 1)
        equal("sessions_opened", gate.counter("sessions_opened"), 1)
        check_wires(inside.stop(), outside.stop())
    return entry


@scenario
def hundred_megabytes_down(lab):
    file = lab.path("down")

    def exact(_):
        equal("sha256", sha256_of(file), body_sha256(SIZE))
    entry = transfer(lab, "-o", file, path=f"/bytes/{SIZE}", check=exact)
    assert SIZE < int(entry["bytes_sent"]) < SIZE * 1.01, entry


@scenario
def hundred_megabytes_up(lab):
    file = lab.path("up")
    write_body(file, SIZE)

    def exact(done):
        equal("sha256", done.stdout, body_sha256(SIZE))
    entry = transfer(lab, "-T", file, path="/up", check=exact)
    assert SIZE < int(entry["bytes_received"]) < SIZE * 1.01, entry


@scenario
def client_segments_larger_than_the_server_takes(lab):
    """A server with a small MSS: the splice cuts, and nothing is lost."""
    link = (PLAYED.network(PLAYED.outside), "dev", "s0")
    lab.wire.internet.ip(PLAYED.option, "route", "del", *link)
    lab.wire.internet.ip(PLAYED.option, "route", "add", *link, "advmss", "900")
    file = lab.path("up")
    write_body(file, 3_000_000)
    BulkOrigin(lab, "allowed.example", server(10))
    with Gate(lab) as gate, Capture(lab, lab.wire.internet, "s0", SNAPLEN) as outside:
        done = lab.curl("https://allowed.example/up", "-T", file, server=server(10))
        equal("curl", (done.returncode, done.stderr, done.stdout), (0, "", body_sha256(3_000_000)))
        assert gate.counter("segments_cut") > 0, "nothing was cut"
        longest = max(p.payload_length for p in outside.stop() if p.src == PUBLIC and p.is_tcp())
        assert longest <= 900, f"a segment of {longest} octets"


class Digest(threading.Thread):
    """The sha256 of what is written into a pipe, so that nothing large lies on a disk."""

    def __init__(self, path):
        super().__init__(daemon=True)
        self.path, self.value = path, None
        os.mkfifo(path)
        self.start()

    def run(self):
        self.value = sha256_of(self.path)


def zeros_sha256(length):
    digest, block = hashlib.sha256(), bytes(1 << 20)
    while length > 0:
        digest.update(block[:length])
        length -= len(block)
    return digest.hexdigest()


def up_and_down(lab, scheme, size, seconds=1500):
    """`size` octets up, then as many down, in one connection."""
    lab.authority.certificate("allowed.example")
    BulkOrigin(lab, "allowed.example", server(10))
    HttpPython(lab, server(10))
    holes, answer, down = lab.path("holes"), lab.path("answer"), Digest(lab.path("down"))
    with open(holes, "wb") as f:
        f.truncate(size)
    rule = "{name: web, hosts: [allowed.example], protocols: [tls/443, http/80]}"
    with Gate(lab, rules=(rule,)) as gate:
        url = f"{scheme}://allowed.example"
        done = lab.curl(f"{url}/bytes/{size}", "-H", "Expect:", "-w", "%{num_connects} ", "-T", holes, "-o", answer,
                        f"{url}/up", "-o", down.path, server=server(10), seconds=seconds)
        equal("curl: connections", (done.returncode, done.stderr, done.stdout), (0, "", "1 0 "))
        down.join(seconds)
        equal("sha256 of what came down", down.value, body_sha256(size))
        with open(answer) as f:
            equal("sha256 of what went up", f.read(), zeros_sha256(size))
        gate.wait_pools_empty(30)


@scenario
def up_and_down_in_one_relay(lab):
    up_and_down(lab, "http", 30_000_000)


@scenario
def up_and_down_in_one_splice(lab):
    up_and_down(lab, "https", 30_000_000)


@long_scenario
def five_gibibytes_each_way_in_one_relay(lab):
    up_and_down(lab, "http", 5 << 30)


@long_scenario
def five_gibibytes_each_way_in_one_splice(lab):
    """Sequence numbers wrap twice each way."""
    up_and_down(lab, "https", 5 << 30)
