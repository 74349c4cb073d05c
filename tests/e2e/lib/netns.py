# SPDX-License-Identifier: Apache-2.0
"""Network namespaces, and the addresses that the hosts in them have."""
import contextlib
import ctypes
import os
import socket

from .families import PLAYED, V6
from .process import run

CLONE_NEWNET = 0x40000000
_libc = ctypes.CDLL(None, use_errno=True)

# Of the family that is played.
CLIENT, GATE_INSIDE, GATE_OUTSIDE = PLAYED.client(2), PLAYED.gate_inside, PLAYED.gate_outside
NEXT_HOP, PUBLIC = PLAYED.next_hop, PLAYED.public
server = PLAYED.server  # every address of that network is local in the internet namespace

# Of IPv6, once a scenario has called Wire.add_ipv6().
CLIENT6, GATE_INSIDE6, GATE_OUTSIDE6 = V6.client(2), V6.gate_inside, V6.gate_outside
NEXT_HOP6, PUBLIC6 = V6.next_hop, V6.public
server6 = V6.server


def _setns(fd):
    if _libc.setns(fd, CLONE_NEWNET) != 0:
        raise OSError(ctypes.get_errno(), "setns")


class Namespace:
    """A named network namespace. `inside()` moves the calling thread into it for a while."""

    def __init__(self, name):
        self.name = name

    def create(self):
        """Its hosts call their IPv6 addresses their own at once: for a second they would ask for no neighbor."""
        run(["ip", "netns", "add", self.name])
        for devices in ("all", "default"):
            self.sysctl(f"net.ipv6.conf.{devices}.accept_dad", 0)
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
