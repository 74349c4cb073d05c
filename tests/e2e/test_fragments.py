# SPDX-License-Identifier: Apache-2.0
"""IP fragments, as hosts send them and as attackers do."""
import os
import socket

from lib import hello
from lib import packet as wire
from lib.gate import Gate
from lib.netns import server
from lib.origin import Sink
from lib.raw_host import RawHost
from lib.scenario import equal, only_on, scenario
from lib.udp_peers import UdpEcho, exchange, udp_client

ECHO = 5000
FLOWS = f"{{name: flows, networks: [198.51.100.0/24], protocols: [udp/{ECHO}]}}"
seen_as_sent = only_on("tap", "virtio_user", because="af_packet shows datagrams that the kernel has put together")


class Fragmenter(RawHost):
    """Sends every IP packet in fragments of `step` octets, in an order of its own."""
    step = 8
    backwards = False
    _ident = 0

    def send_ip(self, datagram):
        self._ident += 1
        source, target = (socket.inet_ntoa(datagram[at:at + 4]) for at in (12, 16))
        body = datagram[20:]
        pieces = []
        for at in range(0, len(body), self.step):
            more = 0x2000 if at + self.step < len(body) else 0
            pieces.append(wire.ipv4(source, target, datagram[9], body[at:at + self.step], ident=self._ident,
                                    flags_fragment=at // 8 | more))
        for piece in reversed(pieces) if self.backwards else pieces:
            super().send_ip(piece)


@seen_as_sent
@scenario
def datagrams_larger_than_the_wire(lab):
    with UdpEcho(lab.wire.internet, server(10), ECHO), Gate(lab, rules=(FLOWS,)) as gate:
        s = udp_client(lab.wire.client, server(10), ECHO)
        for size in (1473, 4000, 30000):
            data = os.urandom(size)
            equal(f"echo of {size}", exchange(s, data), data)
        equal("gathered", gate.counter("datagrams_gathered"), 6)
        equal("waiting", gate.counter("fragments_in_use"), 0)


def hello_arrives(lab, **how):
    octets = hello.client_hello("allowed.example")
    with Gate(lab) as gate, Sink(lab) as sink, Fragmenter(lab, "10.10.0.11") as host:
        for key, value in how.items():
            setattr(host, key, value)
        connection = host.connect(server(10))
        connection.data(0, octets)
        sink.wait_for(server(10), octets)
        assert gate.counter("segments_reassembled") >= 3, "the segments did not come in fragments"


@seen_as_sent
@scenario
def a_hello_in_fragments_of_eight_octets(lab):
    hello_arrives(lab, step=8)


@seen_as_sent
@scenario
def a_hello_in_fragments_from_behind(lab):
    hello_arrives(lab, step=24, backwards=True)


@seen_as_sent
@scenario
def fragments_may_be_refused(lab):
    with UdpEcho(lab.wire.internet, server(10), ECHO), Gate(lab, rules=(FLOWS,), extra="fragments: drop\n") as gate:
        s = udp_client(lab.wire.client, server(10), ECHO)
        s.send(os.urandom(4000))
        gate.wait_counter("fragment_refused", 3)
        data = os.urandom(1000)
        equal("what is whole", exchange(s, data), data)
        equal("gathered", gate.counter("datagrams_gathered"), 0)
