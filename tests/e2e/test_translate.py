# SPDX-License-Identifier: Apache-2.0
"""Flows of layer-4 rules: UDP, ping and TCP that pass without being inspected.

Fragments are not sent here: behind af_packet the kernel puts them together before the gate sees them
(tests/unit/nat/fragmented_flows_test.cc has them in process).
"""
import hashlib
import http.server
import os
import select
import socket
import struct
import threading

from lib import packet
from lib.capture import Capture, of_host
from lib.gate import Gate, config
from lib.netns import CLIENT, GATE_INSIDE, NEXT_HOP, PUBLIC, server
from lib.process import Process, run
from lib.scenario import equal, no_packet_of, scenario
from lib.udp_peers import UdpEcho, exchange, udp_client
from lib.waiting import wait_until
from test_link import ping

ECHO = 5000
FLOWS = f"{{name: flows, networks: [198.51.100.0/24], protocols: [udp/53, udp/{ECHO}, tcp/2222, icmp]}}"
IP_MTU, IP_MTU_DISCOVER, IP_PMTUDISC_DO, IP_RECVERR = 14, 10, 2, 11


class BannerServer:
    """Speaks first, as ssh and mail do, then echoes until its client closes."""

    def __init__(self, ns, address, port):
        with ns.inside():
            self._socket = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        self._socket.bind((address, port))
        self._socket.listen()
        self.peer = None
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self):
        connection, self.peer = self._socket.accept()
        with connection:
            connection.sendall(b"SSH-2.0-here\r\n")
            while data := connection.recv(65536):
                connection.sendall(data)


class QuietFiles(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


def connect(lab, address, port):
    with lab.wire.client.inside():
        s = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    s.settimeout(5)
    s.connect((address, port))
    return s


def receive(s, octets):
    data = b""
    while len(data) < octets:
        piece = s.recv(65536)
        assert piece, f"closed after {len(data)} octets"
        data += piece
    return data


@scenario
def udp_there_and_back(lab):
    with UdpEcho(lab.wire.internet, server(10), ECHO) as echo, Gate(lab, rules=(FLOWS,)) as gate:
        s = udp_client(lab.wire.client, server(10), ECHO)
        for size in (0, 1, 700, 1472):
            data = os.urandom(size)
            equal(f"echo of {size}", exchange(s, data), data)
        equal("public address", {address for address, _ in echo.peers}, {PUBLIC})
        equal("ports of one flow", len(echo.peers), 1)
        row = gate.sessions()[0]
        equal("row", (row["state"], row["protocol"], row["rule"], row["bytes_received"], row["bytes_sent"]),
              ("translated", "udp", "flows", 2173, 2173))
        equal("gauge", gate.counter("flows_translated"), 1)
        gate.stop()
        entry = gate.wait_entry(route="flows")
        equal("line", (entry["request"], entry["termination"], entry["upstream_host"], entry["bytes_received"]),
              ("- - UDP", "shutdown", f"{server(10)}:{ECHO}", "2173"))
        host, port = next(iter(echo.peers))
        equal("audit trail", entry["upstream_local"], f"{host}:{port}")


@scenario
def only_the_server_that_was_asked_may_answer(lab):
    with UdpEcho(lab.wire.internet, server(10), ECHO) as echo, \
            UdpEcho(lab.wire.internet, server(11), ECHO) as other, Gate(lab, rules=(FLOWS,)) as gate:
        # Not connected: the kernel would deliver an answer from anybody.
        with lab.wire.client.inside():
            s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        s.sendto(b"ask", (server(10), ECHO))
        equal("answer", s.recvfrom(100), (b"ask", (server(10), ECHO)))
        peer = next(iter(echo.peers))
        other.send(b"me too", peer)
        other.send(b"unasked", (PUBLIC, 4242))
        gate.wait_counter("no_session", 2)
        echo.send(b"last", peer)
        equal("next datagram", s.recvfrom(100), (b"last", (server(10), ECHO)))


@scenario
def a_dns_server_is_asked(lab):
    dns = Process(["dnsmasq", "--no-daemon", "--no-resolv", "--no-hosts", "--conf-file=/dev/null", "--bind-interfaces",
                   f"--listen-address={server(53)}", f"--host-record=allowed.example,{server(10)}"],
                  log=lab.path("dnsmasq.log"), ns=lab.wire.internet)
    dns.wait_for_text("started")
    with Gate(lab, rules=(FLOWS,)):
        s = udp_client(lab.wire.client, server(53), 53)
        question = b"\x07allowed\x07example\x00" + struct.pack("!HH", 1, 1)
        reply = exchange(s, struct.pack("!HHHHHH", 0xBEEF, 0x0100, 1, 0, 0, 0) + question)
        equal("id and answers", (reply[:2], struct.unpack_from("!H", reply, 6)[0]), (b"\xbe\xef", 1))
        equal("address", reply[-4:], socket.inet_aton(server(10)))


@scenario
def ping_through_the_gate(lab):
    with Gate(lab, rules=(FLOWS,)) as gate, Capture(lab, lab.wire.internet, "s0") as capture:
        assert ping(lab.wire.client, server(10)), "small"
        assert ping(lab.wire.client, server(10), size=1400), "large"
        assert ping(lab.wire.client, GATE_INSIDE), "the gate itself"
        seen = of_host(capture.stop(), server(10))
        equal("hosts outside", {p.src for p in seen} | {p.dst for p in seen}, {server(10), PUBLIC})
        assert gate.counter("flows_opened") >= 1


def trace(lab, address, ttl):
    """Who answers an echo request with this TTL, as the kernel of the client hears it: (type, source)."""
    with lab.wire.client.inside():
        s = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP)
    body = struct.pack("!HH", 0x7ACE, ttl) + b"trace"
    request = b"\x08\x00" + struct.pack("!H", packet.checksum(b"\x08\0\0\0" + body)) + body
    with s:
        s.settimeout(5)
        s.setsockopt(socket.IPPROTO_IP, socket.IP_TTL, ttl)
        s.sendto(request, (address, 0))
        while True:
            reply, peer = s.recvfrom(4096)
            kind = reply[20]
            quoted = reply[48:] if kind in (3, 11) else reply[20:]
            if kind != 8 and quoted[4:8] == body[:4]:
                return kind, peer[0]


@scenario
def traceroute_sees_every_hop(lab):
    internet = lab.wire.internet
    internet.sysctl("net.ipv4.ip_forward", 1)
    internet.ip("route", "add", "192.0.2.0/24", "dev", "s0")  # it would have to go on from there
    far = "{name: far, networks: [192.0.2.0/24], protocols: [icmp]}"
    with Gate(lab, rules=(FLOWS, far)):
        equal("the gate", trace(lab, server(10), 1), (11, GATE_INSIDE))
        equal("the server", trace(lab, server(10), 2), (0, server(10)))
        equal("a router outside", trace(lab, "192.0.2.9", 2), (11, NEXT_HOP))


@scenario
def a_closed_port_is_reported_to_the_client(lab):
    with Gate(lab, rules=(FLOWS,)) as gate:
        s = udp_client(lab.wire.client, server(10), ECHO)
        s.send(b"anybody there?")
        try:
            data = s.recv(100)
            raise AssertionError(f"an answer: {data}")
        except ConnectionRefusedError:
            pass
        equal("passed", gate.counter("icmp_errors_passed"), 1)


@scenario
def a_smaller_mtu_behind_the_gate_is_found_out(lab):
    text = config(lab, rules=(FLOWS,)).replace(f"next_hop: [{NEXT_HOP}]", f"next_hop: [{NEXT_HOP}], mtu: 1400")
    with UdpEcho(lab.wire.internet, server(10), ECHO), Gate(lab, text=text) as gate:
        s = udp_client(lab.wire.client, server(10), ECHO)
        s.setsockopt(socket.IPPROTO_IP, IP_MTU_DISCOVER, IP_PMTUDISC_DO)
        s.send(b"x" * 1450)
        wait_until("the kernel to have learned the MTU", lambda: s.getsockopt(socket.IPPROTO_IP, IP_MTU) == 1400)
        equal("dropped", gate.counter("exceeds_mtu"), 1)
        with udp_client(lab.wire.client, server(10), ECHO) as fitting:
            data = os.urandom(1372)
            equal("what fits", exchange(fitting, data), data)


@scenario
def tcp_of_a_server_that_speaks_first(lab):
    banner = BannerServer(lab.wire.internet, server(10), 2222)
    with Gate(lab, rules=(FLOWS,)) as gate:
        with connect(lab, server(10), 2222) as s:
            equal("banner", receive(s, 14), b"SSH-2.0-here\r\n")
            data = os.urandom(300_000)
            sender = threading.Thread(target=s.sendall, args=(data,))
            sender.start()
            back = receive(s, len(data))
            sender.join()
            equal("echo", hashlib.sha256(back).digest(), hashlib.sha256(data).digest())
        equal("public address", banner.peer[0], PUBLIC)
        entry = gate.wait_entry(route="flows")
        equal("line", (entry["request"], entry["details"], entry["bytes_received"], entry["bytes_sent"],
                       entry["upstream_local"]),
              ("- - TCP", "-", "300000", "300014", f"{PUBLIC}:{banner.peer[1]}"))
        gate.wait_pools_empty()


@scenario
def curl_by_way_of_a_network_rule(lab):
    with lab.wire.internet.inside():
        web = http.server.ThreadingHTTPServer((server(10), 2222), QuietFiles)
    threading.Thread(target=web.serve_forever, daemon=True).start()
    with Gate(lab, rules=(FLOWS,)):
        done = run(["curl", "-sS", "-o", "/dev/null", "-w", "%{http_code}", "--max-time", 10,
                    f"http://{server(10)}:2222/"], ns=lab.wire.client)
        equal("code", done.stdout, "200")
        refused = run(["curl", "-sS", "--max-time", 10, f"http://{server(11)}:2222/"], ns=lab.wire.client, check=False)
        equal("a closed port", refused.returncode, 7)
    web.shutdown()


@scenario
def what_no_rule_covers_leaves_nothing(lab):
    with UdpEcho(lab.wire.internet, server(10), 4999), \
            Gate(lab, rules=("{name: one, networks: [198.51.100.20/32], protocols: [udp/5000]}",)) as gate, \
            Capture(lab, lab.wire.internet, "s0") as capture:
        for address, port in ((server(10), 4999), (server(10), ECHO), (server(20), 4999)):
            udp_client(lab.wire.client, address, port).send(b"secret")
        assert not ping(lab.wire.client, server(20), seconds=1), "an echo crossed the gate"
        quic = udp_client(lab.wire.client, server(10), 443)
        quic.send(b"initial")
        # Administratively prohibited: the kernel says that the host cannot be reached.
        assert select.select([quic], [], [], 5)[0], "QUIC was not told"
        for reason, times in (("udp_denied", 3), ("dst_not_allowed", 1), ("icmp_denied", 1)):
            gate.wait_counter(reason, times)
        no_packet_of(capture.stop(), server(10), server(20), CLIENT, PUBLIC)
        entry = gate.wait_entry(details="dst_not_allowed")
        equal("line", (entry["request"], entry["flags"], entry["route"], entry["downstream_local"]),
              ("- - UDP", "NR", "default-deny", f"{server(10)}:{ECHO}"))
        equal("lines", len(gate.entries()), 5)


@scenario
def two_workers_share_the_flows(lab):
    count = 200
    with UdpEcho(lab.wire.internet, server(10), ECHO) as echo, Gate(lab, rules=(FLOWS,), workers=2) as gate:
        for index in range(count):
            with udp_client(lab.wire.client, server(10), ECHO, 20000 + index) as s:
                equal(f"flow {index}", exchange(s, str(index).encode()), str(index).encode())
        equal("ports", len(echo.peers), count)
        opened = [w["counters"]["flows_opened"] for w in gate.get("/v1/workers")["workers"]]
        equal("flows", sum(opened), count)
        # 200 fair coins: fewer than 60 on one side happens once in 10^8 runs.
        assert min(opened) >= 60, f"flows of the workers: {opened}"
        with udp_client(lab.wire.client, server(11), ECHO) as s:
            s.send(b"?")
            try:
                s.recv(10)
                raise AssertionError("an answer from a closed port")
            except ConnectionRefusedError:
                pass  # an ICMP error found the worker of its flow
