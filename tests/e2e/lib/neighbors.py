# SPDX-License-Identifier: Apache-2.0
"""How a raw host finds its neighbours and is found by them: ARP, and neighbor discovery of IPv6."""
import socket
import struct

from . import packet as wire

BROADCAST = b"\xff" * 6
SOLICITED, OVERRIDE = 0x40000000, 0x20000000


class Arp:
    def __init__(self, host):
        self._host = host
        self.replies = []  # (address, MAC)

    def question(self, address):
        """A frame that asks for the MAC."""
        body = wire.arp(1, self._host.mac, self._host.address, b"\0" * 6, address)
        return wire.ethernet(BROADCAST, self._host.mac, wire.ARP, body)

    def take(self, p):
        """Answers questions, remembers answers. False when the packet is none of its own."""
        if p.ethertype != wire.ARP:
            return False
        host, operation = self._host, struct.unpack_from("!H", p.raw, 20)[0]
        sender_mac, sender_ip = p.raw[22:28], socket.inet_ntoa(p.raw[28:32])
        if operation == 1 and socket.inet_ntoa(p.raw[38:42]) == host.address:
            body = wire.arp(2, host.mac, host.address, sender_mac, sender_ip)
            host.send_frame(wire.ethernet(sender_mac, host.mac, wire.ARP, body))
        elif operation == 2 and p.raw[:6] == host.mac:
            self.replies.append((sender_ip, sender_mac))
        return True


class NeighborDiscovery:
    def __init__(self, host):
        self._host = host
        self.replies = []

    def question(self, address):
        last = wire.address_octets(address)[-3:]
        group = socket.inet_ntop(socket.AF_INET6, socket.inet_pton(socket.AF_INET6, "ff02::1:ff00:0")[:13] + last)
        message = wire.neighbor_message(wire.SOLICITATION, self._host.address, group, address, self._host.mac)
        return wire.ethernet(b"\x33\x33\xff" + last, self._host.mac, wire.IPV6, message)

    def take(self, p):
        if p.ethertype != wire.IPV6 or p.proto != wire.ICMPV6 or p.raw[54] not in (wire.SOLICITATION, wire.ADVERTISEMENT):
            return False
        host, target = self._host, socket.inet_ntop(socket.AF_INET6, p.raw[62:78])
        if p.raw[54] == wire.ADVERTISEMENT:
            if p.raw[:6] == host.mac:
                self.replies.append((target, p.raw[80:86]))
        elif target == host.address and p.src != "::":
            message = wire.neighbor_message(wire.ADVERTISEMENT, host.address, p.src, target, host.mac, SOLICITED | OVERRIDE)
            host.send_frame(wire.ethernet(p.raw[6:12], host.mac, wire.IPV6, message))
        return True


def neighbors_of(host):
    """Those of the family of its address."""
    return (NeighborDiscovery if wire.is_v6(host.address) else Arp)(host)
