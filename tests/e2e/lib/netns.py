# SPDX-License-Identifier: Apache-2.0
"""Network namespaces and the wires between them.

  client ns            gate ns                     internet ns
  c0 10.10.0.2/24 ---- gi    (no address)  go ---- s0 203.0.113.1/24, lo 198.51.100.0/24

The gate's devices have neither address, IPv6 nor forwarding: the kernel must not be a second way
round the gate. TX offload is off at both ends, because the kernel leaves checksums partial on veth.
"""
import contextlib
import ctypes
import os
import socket

from .process import run

CLONE_NEWNET = 0x40000000
_libc = ctypes.CDLL(None, use_errno=True)

CLIENT = "10.10.0.2"
GATE_INSIDE = "10.10.0.1"
GATE_OUTSIDE = "203.0.113.2"
NEXT_HOP = "203.0.113.1"
PUBLIC = "203.0.113.7"
SERVERS = "198.51.100"  # every address of this /24 is local in the internet namespace


def server(n):
    return f"{SERVERS}.{n}"


def _setns(fd):
    if _libc.setns(fd, CLONE_NEWNET) != 0:
        raise OSError(ctypes.get_errno(), "setns")


class Namespace:
    """A named network namespace. `inside()` moves the calling thread into it for a while."""

    def __init__(self, name):
        self.name = name

    def create(self):
        run(["ip", "netns", "add", self.name])
        self.ip("link", "set", "lo", "up")

    def delete(self):
        run(["ip", "netns", "del", self.name], check=False)

    def ip(self, *args, check=True):
        return run(["ip", "-n", self.name, *args], check=check)

    @contextlib.contextmanager
    def inside(self):
        """Sockets opened within stay in the namespace after leaving it."""
        with open("/proc/thread-self/ns/net", "rb") as home, \
                open(f"/run/netns/{self.name}", "rb") as there:
            _setns(there.fileno())
            try:
                yield
            finally:
                _setns(home.fileno())

    def sysctl(self, key, value=None):
        path = "/proc/sys/" + key.replace(".", "/")
        with self.inside():
            if value is None:
                with open(path) as f:
                    return f.read().strip()
            with open(path, "w") as f:
                f.write(str(value))
            return str(value)

    def mac(self, device):
        with self.inside(), socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0) as s:
            s.bind((device, 0))
            return s.getsockname()[4]


class Wire:
    """The three namespaces with their two veth pairs, and what a scenario adds."""

    def __init__(self, prefix, queues=1):
        self.prefix = prefix
        self.client = Namespace(f"{prefix}-client")
        self.gate = Namespace(f"{prefix}-gate")
        self.internet = Namespace(f"{prefix}-internet")
        self.queues = str(queues)
        self.extra = {}

    def all(self):
        return (self.client, self.gate, self.internet)

    def create(self):
        for ns in self.all():
            ns.create()
        self._link(self.client, "c0", "gi")
        self._link(self.internet, "s0", "go")
        self.client.ip("addr", "add", f"{CLIENT}/24", "dev", "c0")
        self.internet.ip("addr", "add", f"{NEXT_HOP}/24", "dev", "s0")
        self.gate.sysctl("net.ipv4.ip_forward", 0)
        for ns in (self.client, self.internet):
            ns.sysctl("net.ipv4.ip_forward", 0)
        for ns, device in self.ends():
            ns.ip("link", "set", device, "up")
        self.client.ip("route", "add", "default", "via", GATE_INSIDE)
        self.internet.ip("route", "add", "local", f"{SERVERS}.0/24", "dev", "lo")
        return self

    def ends(self):
        return ((self.client, "c0"), (self.gate, "gi"), (self.gate, "go"), (self.internet, "s0"))

    def _link(self, ns, device, gate_device):
        many = ["numtxqueues", self.queues, "numrxqueues", self.queues]
        run(["ip", "link", "add", device, "netns", ns.name, "type", "veth",
             "peer", "name", gate_device, "netns", self.gate.name, *many])
        for where, name in ((ns, device), (self.gate, gate_device)):
            where.sysctl(f"net.ipv6.conf.{name}.disable_ipv6", 1)
        run(["ethtool", "-K", device, "tx", "off", "tso", "off", "gso", "off", "gro", "off"], ns=ns)
        run(["ethtool", "-K", gate_device, "gro", "off"], ns=self.gate)

    def splice_in(self, gate_device):
        """A namespace between the gate's device and its link: b0 is the gate's new peer there, b1 has
        the old one. Whoever carries frames between the two decides what becomes of them."""
        ns = self.extra.get("between") or self.add_namespace("between")
        self.gate.ip("link", "set", gate_device, "netns", ns.name, "name", "b1")
        self._link(ns, "b0", gate_device)
        ns.sysctl("net.ipv6.conf.b1.disable_ipv6", 1)
        for where, device in ((ns, "b0"), (ns, "b1"), (self.gate, gate_device)):
            where.ip("link", "set", device, "up")
        return ns

    def add_namespace(self, role):
        ns = self.extra[role] = Namespace(f"{self.prefix}-{role}")
        ns.create()
        return ns

    def add_client_address(self, address):
        self.client.ip("addr", "add", f"{address}/24", "dev", "c0")

    def delete(self):
        if os.path.isdir("/run/netns"):
            for name in os.listdir("/run/netns"):
                if name.startswith(f"{self.prefix}-"):
                    Namespace(name).delete()
        self.extra.clear()
