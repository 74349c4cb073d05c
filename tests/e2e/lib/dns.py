# SPDX-License-Identifier: Apache-2.0
"""DNS servers for the gate, on a management link of their own:

  gate ns  gm 10.53.0.1/24 ---- m0 10.53.0.53/24 (and more)  dns ns

The gate's kernel carries the questions; the gate's own ports see none of them.
"""
import signal
import socket
import struct
import threading

from .process import Process, run
from .waiting import wait_until

NETWORK = "10.53.0"
GATE_MANAGEMENT = f"{NETWORK}.1"
DNS = f"{NETWORK}.53"
SERVFAIL, NXDOMAIN, REFUSED = 2, 3, 5
TYPE_A, TYPE_AAAA = 1, 28


def management_link(lab, address=DNS):
    """The namespace of the DNS servers, with `address`; made with the first call."""
    wire = lab.wire
    ns = wire.extra.get("dns")
    if ns is None:
        ns = wire.add_namespace("dns")
        run(["ip", "link", "add", "m0", "netns", ns.name, "type", "veth",
             "peer", "name", "gm", "netns", wire.gate.name])
        wire.gate.ip("addr", "add", f"{GATE_MANAGEMENT}/24", "dev", "gm")
        wire.gate.ip("link", "set", "gm", "up")
        ns.ip("link", "set", "m0", "up")
    ns.ip("addr", "replace", f"{address}/24", "dev", "m0")
    return ns


def resolver(*servers, ttl_floor="1s", **settings):
    """The `resolver` section of a configuration, one line of YAML."""
    settings = {"servers": f"[{', '.join(servers or (DNS,))}]", "ttl_floor": ttl_floor, **settings}
    return "resolver: {" + ", ".join(f"{k}: {v}" for k, v in settings.items()) + "}\n"


class Dnsmasq:
    """dnsmasq that knows `records`: {name: [addresses]}; a name that begins with "*." stands for all
    below it. Other names below .example and .com do not exist."""

    def __init__(self, lab, records=None, address=DNS, ttl=60, options=()):
        self.lab, self.address, self.ttl = lab, address, ttl
        self.ns = management_link(lab, address)
        self.hosts = lab.path(f"dns-{address}.hosts")
        self.records = dict(records or {})
        self.options = list(options)
        self.process = None

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        self.stop()

    def start(self):
        self._write()
        wildcards = [f"--address=/{name[2:]}/{address}" for name, addresses in self.records.items()
                     if name.startswith("*.") for address in addresses]
        self.process = Process(
            ["dnsmasq", "--keep-in-foreground", "--conf-file=/dev/null", "--no-resolv", "--no-hosts",
             "--user=root", "--pid-file=", "--log-queries", "--log-facility=-", "--no-poll",
             "--bind-interfaces", "--except-interface=lo", f"--listen-address={self.address}",
             f"--addn-hosts={self.hosts}", f"--local-ttl={self.ttl}", "--local=/example/", "--local=/com/",
             *wildcards, *self.options],
            log=self.lab.path(f"dnsmasq-{self.address}.log"), ns=self.ns)
        self.process.wait_for_text(f"read {self.hosts}")
        return self

    def stop(self):
        if self.process and self.process.running():
            self.process.stop()

    def _write(self):
        with open(self.hosts, "w") as f:
            for name, addresses in self.records.items():
                if not name.startswith("*."):
                    f.writelines(f"{address} {name}\n" for address in addresses)

    def set(self, name, *addresses):
        """Other addresses from now on (none: the name does not exist); returns when they are known."""
        self.records[name] = addresses
        self._write()
        mark = f"read {self.hosts}"
        before = self.process.text().count(mark)
        self.process.popen.send_signal(signal.SIGHUP)
        wait_until("dnsmasq to read its names again", lambda: self.process.text().count(mark) > before)

    def questions(self, name=None):
        """The names that were asked for, one for each question of type A."""
        asked = [line.split("query[A] ")[1].split()[0] for line in self.process.text().splitlines()
                 if "query[A] " in line]
        return [n for n in asked if name in (None, n)]


class ScriptedDns:
    """A DNS server over UDP that does what a real one would not: `script(name, type)` gives a list of
    addresses, an error code, or None for no reply. It may wait first."""

    def __init__(self, lab, script, address=DNS, ttl=60, forge=None):
        self.script, self.ttl, self.forge = script, ttl, forge
        self.asked = []
        with management_link(lab, address).inside():
            self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind((address, 53))
        self._socket.settimeout(0.1)
        self._open = True
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._open = False
        self._thread.join()
        self._socket.close()

    def _serve(self):
        while self._open:
            try:
                query, peer = self._socket.recvfrom(4096)
            except TimeoutError:
                continue
            threading.Thread(target=self._answer, args=(query, peer), daemon=True).start()

    def _answer(self, query, peer):
        name, qtype, end = _question(query)
        self.asked.append((name, qtype))
        said = self.script(name, qtype)
        if said is None:
            return
        if not self._open:
            return
        if self.forge is not None:
            for forged in self.forge(query, _reply(query, end, qtype, said, self.ttl)):
                self._socket.sendto(forged, peer)
        self._socket.sendto(_reply(query, end, qtype, said, self.ttl), peer)

    def questions(self, name=None):
        return [n for n, qtype in self.asked if qtype == TYPE_A and name in (None, n)]


def _question(query):
    labels, at = [], 12
    while query[at]:
        labels.append(query[at + 1:at + 1 + query[at]].decode())
        at += 1 + query[at]
    return ".".join(labels), struct.unpack_from("!H", query, at + 1)[0], at + 5


def _reply(query, end, qtype, said, ttl):
    code, addresses = (said, []) if isinstance(said, int) else (0, said)
    family = socket.AF_INET6 if qtype == TYPE_AAAA else socket.AF_INET
    wanted = [a for a in addresses if (":" in a) == (qtype == TYPE_AAAA)]
    out = query[:2] + struct.pack("!BBHHHH", 0x81, 0x80 | code, 1, len(wanted), 0, 0) + query[12:end]
    for address in wanted:
        data = socket.inet_pton(family, address)
        out += struct.pack("!HHHIH", 0xc00c, qtype, 1, ttl, len(data)) + data
    return out
