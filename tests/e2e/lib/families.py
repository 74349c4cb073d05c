# SPDX-License-Identifier: Apache-2.0
"""What a scenario that is played over both families has to know of each."""
import dataclasses
import socket

from . import netns


@dataclasses.dataclass(frozen=True)
class Family:
    name: str
    kind: int            # of a socket
    every: str           # the address that a listener on all addresses is bound to
    inside: str          # what stands before the number of a host on the inside link
    outside: str         # likewise on the outside link
    servers: str         # likewise of a server
    length: int          # of these three networks
    gate_inside: str
    gate_outside: str
    client_mss: int      # what the gate offers unless it is configured otherwise
    option: str          # of ip(8)
    at_once: tuple       # for ip(8): the address is there without detection of duplicates
    forwarding: str      # the setting that makes the kernel a router

    def client(self, number):
        return f"{self.inside}{number}"

    def router(self, number):
        return f"{self.outside}{number}"

    def server(self, number):
        return f"{self.servers}{number}"

    def network(self, prefix):
        return f"{prefix}0/{self.length}"

    def switch(self, ns, device, on):
        """Whether the kernel speaks it on the device; it always speaks IPv4."""
        if self.kind == socket.AF_INET6:
            ns.sysctl(f"net.ipv6.conf.{device}.disable_ipv6", 0 if on else 1)


V4 = Family("v4", socket.AF_INET, "0.0.0.0", "10.10.0.", "203.0.113.", f"{netns.SERVERS}.", 24, netns.GATE_INSIDE,
            netns.GATE_OUTSIDE, 1360, "-4", (), "net.ipv4.ip_forward")
V6 = Family("v6", socket.AF_INET6, "::", "fd00:10::", "2001:db8:113::", f"{netns.SERVERS6}:", 64, netns.GATE_INSIDE6,
            netns.GATE_OUTSIDE6, 1340, "-6", ("nodad",), "net.ipv6.conf.all.forwarding")
