# SPDX-License-Identifier: Apache-2.0
"""Network namespaces, and the addresses that the hosts in them have."""
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

# The same over IPv6, once a scenario has called Wire.add_ipv6().
CLIENT6 = "fd00:10::2"
GATE_INSIDE6 = "fd00:10::1"
GATE_OUTSIDE6 = "2001:db8:113::2"
NEXT_HOP6 = "2001:db8:113::1"
PUBLIC6 = "2001:db8:113::7"
SERVERS6 = "2001:db8:198:"  # and a /64 there


def server(n):
    return f"{SERVERS}.{n}"


def server6(n):
    return f"{SERVERS6}:{n}"


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


def delete_namespaces(prefix):
    """Removes every namespace of a lab with this prefix, and with them the devices in them."""
    if not os.path.isdir("/run/netns"):
        return
    for name in os.listdir("/run/netns"):
        if name.startswith(f"{prefix}-"):
            Namespace(name).delete()
