# SPDX-License-Identifier: Apache-2.0
"""A client and a server on one link of both families, without a gate: what a capture would show."""
from .netns import Namespace
from .process import run
from .waiting import wait_until

CLIENT4, CLIENT6 = "10.20.0.2", "fd00:20::2"
SERVER4, SERVER6 = "198.51.100.80", "2001:db8:80::80"


class PlainLink:
    def __init__(self, prefix):
        self.client, self.server = Namespace(f"{prefix}-pc"), Namespace(f"{prefix}-ps")

    def __enter__(self):
        for ns in (self.client, self.server):
            ns.create()
        run(["ip", "link", "add", "p0", "netns", self.client.name, "type", "veth",
             "peer", "name", "p1", "netns", self.server.name])
        for ns, device, own in ((self.client, "p0", (CLIENT4, CLIENT6)),
                                (self.server, "p1", (SERVER4, SERVER6))):
            run(["ethtool", "-K", device, "tx", "off", "tso", "off", "gso", "off", "gro", "off"],
                ns=ns)
            ns.ip("addr", "add", f"{own[0]}/32", "dev", device)
            ns.ip("addr", "add", f"{own[1]}/128", "dev", device, "nodad")
            ns.ip("link", "set", device, "up")
        for ns, device, other in ((self.client, "p0", (SERVER4, SERVER6)),
                                  (self.server, "p1", (CLIENT4, CLIENT6))):
            for address in other:
                ns.ip("route", "add", address, "dev", device)
        wait_until("the link", lambda: "UP" in self.client.ip("link", "show", "p0").stdout)
        return self

    def __exit__(self, *_):
        for ns in (self.client, self.server):
            ns.delete()
