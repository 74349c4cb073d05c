# SPDX-License-Identifier: Apache-2.0
"""The servers moved behind two routers whose link takes less than either end:

  gate -- 1500 -- internet, the router -- 1280 -- middle -- 1500 -- far, the servers
"""
from .families import V4, V6
from .process import run

NARROW = 1280  # of IPv6 no link may be narrower

# (the router, the middle) and (the middle, the far end) on their links, and the length of those networks.
LINKS = {V4: ("192.0.2.1", "192.0.2.2", "192.0.2.5", "192.0.2.6", 30),
         V6: ("2001:db8:1::1", "2001:db8:1::2", "2001:db8:2::5", "2001:db8:2::6", 64)}


class NarrowPath:
    """Of both families. Servers are started at the far end from now on."""

    def __init__(self, lab):
        wire = lab.wire.add_ipv6()
        self.router, self.middle, self.far = wire.internet, wire.add_namespace("middle"), wire.add_namespace("far")
        self._link(self.router, "r1", self.middle, "m0", NARROW)
        self._link(self.middle, "m1", self.far, "f0", 1500)
        for family in (V4, V6):
            self._address(family)
            self._route(family)
        self.far.sysctl("net.ipv6.ip_nonlocal_bind", 1)
        wire.internet = self.far

    def refuse(self, family, number, how):
        """What the router does with packets for the server: prohibit, unreachable, blackhole."""
        address = family.server(number)
        self.router.ip(family.option, "route", "add", how, address)

    @staticmethod
    def _link(ns, device, other, other_device, mtu):
        run(["ip", "link", "add", device, "netns", ns.name, "type", "veth",
             "peer", "name", other_device, "netns", other.name])
        for where, name in ((ns, device), (other, other_device)):
            V6.switch(where, name, True)
            where.ip("link", "set", name, "mtu", str(mtu), "up")
            run(["ethtool", "-K", name, "tx", "off", "tso", "off", "gso", "off", "gro", "off"], ns=where)

    def _address(self, family):
        *addresses, length = LINKS[family]
        ends = ((self.router, "r1"), (self.middle, "m0"), (self.middle, "m1"), (self.far, "f0"))
        for (ns, device), address in zip(ends, addresses):
            ns.ip("addr", "add", f"{address}/{length}", "dev", device)

    def _route(self, family):
        router, near, beyond, far, _ = LINKS[family]
        servers, public = family.network(family.servers), family.network(family.outside)
        for ns in (self.router, self.middle):
            ns.sysctl(family.forwarding, 1)
            ns.sysctl("net.ipv4.icmp_ratelimit", 0)  # per destination, which is the gate for all of a test
            ns.sysctl("net.ipv6.icmp.ratelimit", 0)
        self.router.ip(family.option, "route", "del", "local", servers, "dev", "lo")
        V6.switch(self.far, "lo", True)
        self.far.ip(family.option, "route", "add", "local", servers, "dev", "lo")
        for ns, network, via in ((self.router, servers, near), (self.middle, servers, far),
                                 (self.middle, public, router), (self.far, public, beyond)):
            ns.ip(family.option, "route", "add", network, "via", via)
