# SPDX-License-Identifier: Apache-2.0
"""Captures on a link: ready before the traffic, complete when read.

Complete means: a marker frame sent on the same device after the traffic is in the file, so every
frame before it is, and tcpdump says that the kernel dropped none.
"""
import itertools
import os
import re
import signal
import socket
import struct

from .packet import Packet
from .process import Process
from .waiting import wait_until

MARKER = 0x88B5  # an ethertype for local experiments (IEEE 802)


class Capture:
    _number = itertools.count(1)

    def __init__(self, lab, ns, device, snaplen=0):
        self.ns, self.device = ns, device
        name = f"{device}-{next(self._number)}"
        self.path = lab.path(f"{name}.pcap")
        self._scanned = 0
        self.process = Process(
            ["tcpdump", "-i", device, "-n", "-U", "--immediate-mode", "-Z", "root", "-B", "131072",
             "-s", snaplen, "-w", self.path], log=lab.path(f"{name}.tcpdump"), ns=ns)
        self.process.wait_for_text("listening on")

    def mark(self):
        """Sends a marker frame and waits for it in the file; returns its bytes."""
        token = os.urandom(16)
        with self.ns.inside(), socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0) as s:
            s.bind((self.device, 0))
            mac = s.getsockname()[4]
            s.send(b"\x02\0\0\0\0\x99" + mac + struct.pack("!H", MARKER) + token + b"\0" * 30)
        wait_until("the marker in the capture", lambda: self._find(token), 20)
        return token

    def _find(self, token):
        with open(self.path, "rb") as f:
            f.seek(max(0, self._scanned - 64))
            data = f.read()
            self._scanned = f.tell()
        return token in data

    def stop(self):
        """Ends the capture; returns its packets without the markers."""
        if self.process.running():
            self.mark()
            self.process.stop(signal.SIGINT)
            dropped = re.search(r"(\d+) packets? dropped by kernel", self.process.text())
            assert dropped and dropped.group(1) == "0", f"incomplete capture: {self.process.text()}"
        return [p for p in read(self.path) if p.ethertype != MARKER]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.stop(signal.SIGKILL)


def read(path):
    """Every frame of a pcap file as a Packet."""
    with open(path, "rb") as f:
        data = f.read()
    order = "<" if data[:4] in (b"\xd4\xc3\xb2\xa1", b"\x4d\x3c\xb2\xa1") else ">"
    at, head = 24, struct.Struct(order + "IIII")
    while at + 16 <= len(data):
        seconds, micros, length, _ = head.unpack_from(data, at)
        yield Packet(data[at + 16:at + 16 + length], seconds + micros / 1e6)
        at += 16 + length


def of_host(packets, *addresses):
    """The IP packets to or from any of the addresses."""
    return [p for p in packets if p.src in addresses or p.dst in addresses]
