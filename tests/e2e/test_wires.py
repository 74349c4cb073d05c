# SPDX-License-Identifier: Apache-2.0
"""What is special to a kind of wire: tags, offloads of the kernel, a switch that restarts."""
import os
import signal
import socket
import struct

from lib import packet
from lib.capture import Capture, read
from lib.gate import Gate, config
from lib.netns import CLIENT, GATE_INSIDE, PUBLIC, server
from lib.origin import BulkOrigin, Nginx
from lib.process import run
from lib.scenario import equal, no_packet_of, on_own_wire, scenario
from lib.transfers import both_ways
from lib.waiting import wait_until
from lib.wires import OneArm
from test_start_stop import refuses

SIZE = 20_000_000
NAME = "allowed.example"
TAG, SERVICE_TAG = 0x8100, 0x88A8


def works(lab):
    return lab.curl(f"https://{NAME}/", server=server(10), seconds=3).returncode == 0


def exact_both_ways(lab):
    BulkOrigin(lab, NAME, server(10))
    with Gate(lab) as gate:
        both_ways(lab, "https", NAME, server(10), SIZE)
        equal("spliced", gate.counter("sessions_spliced"), 2)


@scenario
@on_own_wire("tap")
def offloads_of_the_hosts_stay_on(lab):
    """The kernel completes checksums and cuts what is too large before it gives a frame to a tap."""
    for side in ("inside", "outside"):
        ns, device = lab.wire.devices(side)[0]
        run(["ethtool", "-K", device, "tx", "on", "tso", "on", "gso", "on", "gro", "on"], ns=ns)
    exact_both_ways(lab)


@scenario
@on_own_wire("tap")
def jumbo_frames_are_refused_where_a_tap_cannot_send_them(lab):
    refuses(lab, "ports.inside.mtu", "9000", text=config(lab, inside_extra=", mtu: 9000"))


@scenario
@on_own_wire("one_arm")
def both_vlans_of_one_device(lab):
    exact_both_ways(lab)


@scenario
@on_own_wire("one_arm")
def ports_in_vlans_say_so(lab):
    with Gate(lab) as gate:
        ports = {p["port"]: p for p in gate.get("/v1/ports")["ports"]}
        equal("VLANs", {name: p["vlan"] for name, p in ports.items()}, OneArm.VLANS)
        equal("MACs", ports["inside"]["mac"], ports["outside"]["mac"])
        table = gate.sallyctl("ports").stdout
        assert "VLAN" in table and "4094" in table, table


class Trunk:
    """Frames on the trunk, with any tags, from a host that asks for the gate's inside address."""
    MAC = b"\x02\x77\0\0\0\x01"

    def __init__(self, lab):
        with lab.wire.gate.inside():
            self.socket = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
            self.socket.bind((OneArm.TRUNK, 0))

    def ask(self, address, *tags):
        """An ARP request from CLIENT's network; a tag is (EtherType, value)."""
        body = packet.arp(1, self.MAC, "10.10.0.77", b"\0" * 6, address)
        head = b"\xff" * 6 + self.MAC + b"".join(struct.pack("!HH", *tag) for tag in tags)
        self.socket.send((head + struct.pack("!H", packet.ARP) + body).ljust(60, b"\0"))


@scenario
@on_own_wire("one_arm")
def only_frames_of_a_vlan_of_the_gate_are_heard(lab):
    inside, outside = OneArm.VLANS["inside"], OneArm.VLANS["outside"]
    with Gate(lab) as gate, Capture(lab, lab.wire.client, "c0") as near:
        trunk = Trunk(lab)
        trunk.ask(GATE_INSIDE)
        for vlan in (0, 1, inside + 1, outside - 1, 4095):
            trunk.ask(GATE_INSIDE, (TAG, vlan))
        trunk.ask(GATE_INSIDE, (TAG, 0x7000))  # a priority, and no VLAN
        gate.wait_counter("wrong_vlan", 7)
        trunk.ask(GATE_INSIDE, (TAG, inside), (TAG, inside))
        trunk.ask(GATE_INSIDE, (TAG, inside), (SERVICE_TAG, inside))
        gate.wait_counter("vlan_tagged", 2)
        trunk.ask(GATE_INSIDE, (TAG, outside))  # the address of the other side
        gate.wait_counter("arp_ignored", 1)
        trunk.ask(GATE_INSIDE, (TAG, 0xE000 | inside))  # in order, and with a priority
        wait_until("the answer to it", lambda: answers(read(near.path)), 5)
        equal("answers", len(answers(near.stop())), 1)


def answers(packets):
    return [p for p in packets if p.raw[:6] == Trunk.MAC]


@scenario
@on_own_wire("one_arm")
def denied_sessions_leave_nothing_in_the_other_vlan(lab):
    Nginx(lab, {"denied.example": server(11)})
    with Gate(lab) as gate, Capture(lab, lab.wire.internet, "s0") as capture:
        done = lab.curl("https://denied.example/", server=server(11))
        equal("curl's exit", done.returncode, 35)
        no_packet_of(capture.stop(), server(11), CLIENT, PUBLIC)
        gate.wait_entry(sni="denied.example", details="sni_not_allowed")


@scenario
@on_own_wire("virtio_user")
def the_switch_may_restart(lab):
    Nginx(lab, {NAME: server(10)})
    with Gate(lab) as gate:
        def links():
            return [p["link_up"] for p in gate.get("/v1/ports")["ports"]]
        def told(state):
            return all(f'event="the link of a port is {state}" port={port} ' in gate.log() for port in ("inside", "outside"))
        assert works(lab), "before"
        equal("links", links(), [True, True])
        lab.wire.stop_switch()
        wait_until("both links to be down", lambda: links() == [False, False], 5)
        wait_until("that in the log", lambda: told("down"), 20)
        lab.wire.start_switch()
        wait_until("both links to be up", lambda: links() == [True, True], 20)
        wait_until("that in the log", lambda: told("up"), 20)
        wait_until("curl", lambda: works(lab), 20)


@scenario
@on_own_wire("virtio_user")
def a_gate_without_a_switch_waits_and_says_so(lab):
    Nginx(lab, {NAME: server(10)})
    lab.wire.stop_switch()
    gate = Gate(lab).launch()
    gate.process.wait_for_text("ports.inside.device: waiting for a switch to connect to")
    assert gate.stop() > 0, "it had started without a switch"
    assert "no switch has connected" in gate.log(), gate.log()
    gate.launch()
    lab.wire.start_switch()
    wait_until("the gate to start", gate.answers, 20)
    assert works(lab), "with a switch"
    equal("exit", gate.stop(), 0)


@scenario
@on_own_wire("virtio_user")
def a_gate_that_is_told_to_stop_before_it_waits_does_not_wait(lab):
    """The signal comes when the program has only begun, long before its driver waits for the switch."""
    lab.wire.stop_switch()
    gate = Gate(lab).launch()
    wait_until("the gate to catch SIGTERM", lambda: catches(gate.process.pid, signal.SIGTERM), 20, 0)
    gate.process.popen.send_signal(signal.SIGTERM)
    assert gate.process.wait(30) > 0, "it had started without a switch"
    assert "no switch has connected" in gate.log(), gate.log()
    assert not os.path.exists(gate.socket), "the control socket was left behind"
    assert not os.path.exists(lab.path("inside.vhost")), "the socket of the switch was left behind"


def catches(pid, number):
    with open(f"/proc/{pid}/status") as f:
        caught = next(line for line in f if line.startswith("SigCgt:"))
    return int(caught.split()[1], 16) >> (number - 1) & 1


@scenario
@on_own_wire("virtio_user")
def a_killed_gate_finds_its_switch_again(lab):
    """Its sockets are still there, and nobody listens on them."""
    Nginx(lab, {NAME: server(10)})
    gate = Gate(lab).start()
    assert works(lab), "before"
    gate.process.popen.kill()
    gate.process.wait()
    with gate:
        assert works(lab), "after"
