# SPDX-License-Identifier: Apache-2.0
"""The wires between the hosts and the gate. Scenarios see the same hosts on each kind of wire.

  client ns            gate ns                     internet ns
  c0 10.10.0.2/24 ---- inside, the gate, outside ---- s0 203.0.113.1/24, lo 198.51.100.0/24

  af_packet     c0 --veth-- gi, and sockets of the gate on gi
  tap           c0 --veth-- ci ==> gi, a tap of the gate (==>: whatever comes in here goes out there)
  virtio_user   c0 --veth-- ci ==> gi, a tap of dpdk-testpmd, which is the switch; a vhost-user socket
                from there to the gate
  one_arm       c0 --veth-- ci, s0 --veth-- so, both through a program that tags frames and a trunk to
                the one device of the gate

The outside is alike: s0, so, go. None of the gate's devices has an address, IPv6 or forwarding: the kernel
must not be a second way round the gate. TX offload is off at the hosts' ends, because the kernel leaves
checksums partial on veth, and because captures there are to show frames as they are on a wire.
"""
import subprocess

from .families import FAMILIES, PLAYED, V4, V6
from .netns import Namespace, delete_namespaces
from .process import Process, run

# Enough to see each kind at work: set-up and denial, both ways in bulk, relays, links, flows, loss. A name or
# the beginning of some.
QUICK = ("curl.allowed_name", "curl.denied_name", "curl.answer_drop", "curl.udp_443", "link.ping", "link.gratuitous",
         "link.link_down", "http_clients.python_client", "http_clients.hundred_megabytes_up_with_a_length",
         "http_denials.second_request", "fragments.", "icmp.a_relay", "impaired.mixed_impairment_inside", "mtu.", "start_stop.sigterm",
         "start_stop.nothing_crosses", "start_stop.nothing_but", "tls_relay.server_without_sack",
         "transfer.hundred_megabytes_down", "translate.udp_there", "translate.ping", "translate.a_smaller_mtu",
         "workers.two_workers")


class Side:
    """One link: the host's end, the other end in the gate's namespace, and the gate's own device."""

    def __init__(self, number, host, cable, device):
        self.number, self.host, self.cable, self.device = number, host, cable, device


SIDES = {"inside": Side(0, "c0", "ci", "gi"), "outside": Side(1, "s0", "so", "go")}


class Wire:
    """The three namespaces and what connects them. Where the kernel could stand in the gate's place and
    route, `routable` is true."""
    routable = False
    buffers_kept = 0  # that the device of the gate may keep of what it has sent

    def __init__(self, lab, prefix):
        self.lab, self.prefix = lab, prefix
        self.client = Namespace(f"{prefix}-client")
        self.gate = Namespace(f"{prefix}-gate")
        self.internet = Namespace(f"{prefix}-internet")
        self.extra, self.families = {}, set()

    def all(self):
        return (self.client, self.gate, self.internet)

    def host_of(self, side):
        return {"inside": self.client, "outside": self.internet}[side]

    def create(self):
        for ns in self.all():
            ns.create()
            ns.sysctl("net.ipv4.ip_forward", 0)
            ns.sysctl("net.ipv6.conf.default.disable_ipv6", 1)
        self._connect()
        self.client.ip("link", "set", "c0", "up")
        self.internet.ip("link", "set", "s0", "up")
        self._add(V4)
        if PLAYED is V6:
            self.add_ipv6()
        return self

    def add_ipv6(self):
        """Addresses and routes of IPv6 for both hosts, in place at once; the gate's own devices stay without."""
        if V6 not in self.families:
            self._add(V6)
            # Of IPv4 a local route is enough for a server to have the address.
            self.internet.sysctl("net.ipv6.ip_nonlocal_bind", 1)
        return self

    def _add(self, family):
        self.families.add(family)
        for ns, device, address in ((self.client, "c0", family.client(2)), (self.internet, "s0", family.next_hop)):
            for name in ("lo", device):
                family.switch(ns, name, True)
            ns.ip("addr", "add", f"{address}/{family.length}", "dev", device)
        self.client.ip(family.option, "route", "add", "default", "via", family.gate_inside)
        self.internet.ip(family.option, "route", "add", "local", family.network(family.servers), "dev", "lo")

    def delete(self):
        delete_namespaces(self.prefix)
        self.extra.clear()
        self.families.clear()

    def _connect(self):
        for side, its in SIDES.items():
            self._veth(self.host_of(side), its.host, self.devices(side)[1][1])
            self.plug(side)

    def port(self, side):
        """The keys of a port of the gate that say where it is plugged in."""
        raise NotImplementedError

    def set_mtu(self, side, mtu):
        """For the host and for what lies between; the gate has its own setting."""
        for ns, device in self.devices(side):
            ns.ip("link", "set", device, "mtu", mtu)

    def devices(self, side):
        """(namespace, device) of the link, from the host to the gate."""
        return ((self.host_of(side), SIDES[side].host), (self.gate, SIDES[side].cable))

    def _veth(self, ns, device, gate_device):
        run(["ip", "link", "add", device, "netns", ns.name, "type", "veth",
             "peer", "name", gate_device, "netns", self.gate.name])
        run(["ethtool", "-K", device, "tx", "off", "tso", "off", "gso", "off", "gro", "off"], ns=ns)
        run(["ethtool", "-K", gate_device, "gro", "off"], ns=self.gate)
        self.gate.ip("link", "set", gate_device, "up")

    def splice_in(self, side):
        """A namespace between the gate and its link: b0 is the gate's new peer there, b1 has the old one.
        Whoever carries frames between the two decides what becomes of them."""
        ns = self.extra.get("between") or self.add_namespace("between")
        _, end = self.devices(side)[1]
        self.gate.ip("link", "set", end, "netns", ns.name, "name", "b1")
        ns.sysctl("net.ipv6.conf.default.disable_ipv6", 1)
        ns.sysctl("net.ipv6.conf.b1.disable_ipv6", 1)
        self._veth(ns, "b0", end)
        for device in ("b0", "b1"):
            ns.ip("link", "set", device, "up")
        self.plug(side)
        return ns

    def plug(self, side):
        """Joins the end of the link in the gate's namespace to what port() names."""

    def unplug(self, side):
        """The end of the link is an ordinary device then, for the kernel."""

    def add_namespace(self, role):
        ns = self.extra[role] = Namespace(f"{self.prefix}-{role}")
        ns.create()
        return ns

    def add_client_address(self, address):
        family = FAMILIES["v6" if ":" in address else "v4"]
        self.client.ip("addr", "add", f"{address}/{family.length}", "dev", "c0")


class AfPacket(Wire):
    routable = True

    def devices(self, side):
        return ((self.host_of(side), SIDES[side].host), (self.gate, SIDES[side].device))

    def port(self, side):
        return f'device: "net_af_packet{SIDES[side].number},iface={SIDES[side].device}"'


class Tap(Wire):
    """The taps outlive the gate, as a cable outlives what it is plugged into."""

    def _connect(self):
        for its in SIDES.values():
            self.gate.ip("tuntap", "add", "dev", its.device, "mode", "tap", "multi_queue")
        super()._connect()

    def plug(self, side):
        self._patch(SIDES[side].cable, SIDES[side].device)
        self._patch(SIDES[side].device, SIDES[side].cable)

    def unplug(self, side):
        run(["tc", "qdisc", "del", "dev", SIDES[side].cable, "clsact"], ns=self.gate)

    def _patch(self, into, out_of):
        run(["tc", "qdisc", "del", "dev", into, "clsact"], ns=self.gate, check=False)
        run(["tc", "qdisc", "add", "dev", into, "clsact"], ns=self.gate)
        run(["tc", "filter", "add", "dev", into, "ingress", "protocol", "all", "u32", "match", "u32", "0", "0",
             "action", "mirred", "egress", "redirect", "dev", out_of], ns=self.gate)

    def devices(self, side):
        return (*super().devices(side), (self.gate, SIDES[side].device))

    def port(self, side):
        return f'device: "net_tap{SIDES[side].number},iface={SIDES[side].device}"'


class VirtioUser(Tap):
    """The gate owns the sockets; the switch knocks until the gate is there, and again when it is back."""
    jumbo, switch = False, None
    buffers_kept = 2 * 1024  # a queue of each port, which is emptied when something else is to be sent

    def create(self):
        super().create()
        self.start_switch()
        return self

    def set_mtu(self, side, mtu):
        super().set_mtu(side, mtu)
        if mtu > 1500 and not self.jumbo:
            self.jumbo = True
            self.stop_switch()
            self.start_switch()

    def _link(self, its):
        """The taps of DPDK 22.11 send no jumbo frames; packet sockets do, but put IPv4 fragments together."""
        if self.jumbo:
            return f"net_af_packet{its.number},iface={its.cable},framesz=16384,blocksz=65536,framecnt=256"
        return f"net_tap{its.number},iface={its.device}"

    def start_switch(self):
        devices = []
        for side, its in SIDES.items():
            devices += ["--vdev", self._link(its),
                        "--vdev", f"net_vhost{its.number},iface={self._socket(side)},client=1"]
        # Ports forward in pairs: (0,1), (2,3).
        self.switch = Process(
            ["nice", "-n", "5", "stdbuf", "-oL", "dpdk-testpmd", "--lcores", "0@0,1@1", "--no-pci", "--no-huge", "-m", "256",
             "--no-shconf", "--no-telemetry", "--file-prefix", f"{self.prefix}-switch", *devices, "--", "--disable-link-check",
             "--total-num-mbufs=8192", "--mbuf-size=16640"],
            log=self.lab.path("switch.log"), ns=self.gate, stdin=subprocess.PIPE)
        self.switch.wait_for_text("Press enter to exit", 30)

    def stop_switch(self):
        self.switch.stop()

    def delete(self):
        if self.switch:
            self.stop_switch()
        super().delete()

    def _socket(self, side):
        return self.lab.path(f"{side}.vhost")

    def port(self, side):
        return (f'device: "net_virtio_user{SIDES[side].number},path={self._socket(side)},server=1,queues=1,'
                f'packed_vq=1"')


class OneArm(Wire):
    """A switch between the hosts and one device: inside and outside are VLANs of it."""
    TRUNK, DEVICE = "trunk", "ga"
    VLANS = {"inside": 10, "outside": 4094}
    switch = None

    def _connect(self):
        run(["ip", "link", "add", self.TRUNK, "type", "veth", "peer", "name", self.DEVICE], ns=self.gate)
        for device in (self.TRUNK, self.DEVICE):
            run(["ethtool", "-K", device, "gro", "off"], ns=self.gate)
            self.gate.ip("link", "set", device, "up")
        self.ends, self.mtus = {}, {}
        super()._connect()

    def delete(self):
        if self.switch:
            self.switch.stop()
        super().delete()

    def unplug(self, side):
        self.ends.pop(side, None)
        if self.switch:
            self.switch.stop()

    def plug(self, side):
        self.unplug(side)
        self.ends[side] = f"{self.VLANS[side]}:{SIDES[side].cable}"
        if len(self.ends) == len(SIDES):
            self.switch = Process([self.lab.helper("vlan_trunk.c"), self.TRUNK, *self.ends.values()],
                                  log=self.lab.path("switch.log"), ns=self.gate)
            self.switch.wait_for_text("ready")

    def set_mtu(self, side, mtu):
        super().set_mtu(side, mtu)
        self.mtus[side] = mtu
        for device in (self.TRUNK, self.DEVICE):
            self.gate.ip("link", "set", device, "mtu", max(self.mtus.values()))

    def port(self, side):
        return f'device: "net_af_packet0,iface={self.DEVICE}", vlan: {self.VLANS[side]}'


KINDS = {"af_packet": AfPacket, "tap": Tap, "virtio_user": VirtioUser, "one_arm": OneArm}
