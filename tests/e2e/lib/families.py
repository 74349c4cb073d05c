# SPDX-License-Identifier: Apache-2.0
"""What a scenario that is played over both families has to know of each."""
import dataclasses
import os
import socket


@dataclasses.dataclass(frozen=True)
class Family:
    name: str
    kind: int            # of a socket
    every: str           # the address that a listener on all addresses is bound to
    inside: str          # what stands before the number of a host on the inside link
    outside: str         # likewise on the outside link
    servers: str         # likewise of a server
    length: int          # of these three networks
    client_mss: int      # what the gate offers unless it is configured otherwise
    option: str          # of ip(8)
    forwarding: str      # the setting that makes the kernel a router

    @property
    def gate_inside(self):
        return self.client(1)

    @property
    def gate_outside(self):
        return self.router(2)

    @property
    def next_hop(self):
        return self.router(1)

    @property
    def public(self):
        return self.router(7)

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


V4 = Family("v4", socket.AF_INET, "0.0.0.0", "10.10.0.", "203.0.113.", "198.51.100.", 24, 1360, "-4", "net.ipv4.ip_forward")
V6 = Family("v6", socket.AF_INET6, "::", "fd00:10::", "2001:db8:113::", "2001:db8:198::", 64, 1340, "-6",
            "net.ipv6.conf.all.forwarding")
FAMILIES = {family.name: family for family in (V4, V6)}

# The family of server(10), CLIENT and the other names that stand for no family of their own (netns.py).
PLAYED = FAMILIES[os.environ.get("SALLYPORT_FAMILY", "v4")]

# Scenarios that name no family, by the beginning of their names: SALLYPORT_FAMILY=v6 runs them over IPv6.
NEUTRAL = ("attacks.", "client_faults.", "curl.", "hello_shapes.", "http_", "peers.", "pressure.a_", "server_faults.", "tls_relay.",
           "transfer.", "workers.")


def bracketed(address):
    """As an address stands before a port."""
    return f"[{address}]" if ":" in address else address


def family_of(address):
    """Of its socket."""
    return socket.AF_INET6 if ":" in address else socket.AF_INET
