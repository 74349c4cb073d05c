# SPDX-License-Identifier: Apache-2.0
"""Packets of both families as the tests read and build them; every field may be set wrong on purpose."""
import socket
import struct

FIN, SYN, RST, PSH, ACK, URG = 1, 2, 4, 8, 16, 32
ARP, IPV4, IPV6 = 0x0806, 0x0800, 0x86DD
HOP_BY_HOP, FRAGMENT_HEADER, ICMPV6 = 0, 44, 58
SOLICITATION, ADVERTISEMENT = 135, 136  # of neighbors, ICMPv6 types
OF_THE_LINK = (*range(130, 138), 143)


def is_v6(address):
    return ":" in address


def address_octets(address):
    return socket.inet_pton(socket.AF_INET6 if is_v6(address) else socket.AF_INET, address)


def checksum(data):
    if len(data) % 2:
        data += b"\0"
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def flag_text(flags):
    return "".join(c for bit, c in zip((SYN, FIN, RST, PSH, ACK, URG), "SFRP.U") if flags & bit)


class Packet:
    """A captured frame. Fields that its protocol does not have are None; `payload` is TCP's."""

    __slots__ = ("time", "raw", "ethertype", "src", "dst", "proto", "sport", "dport", "seq", "ack",
                 "flags", "window", "options", "payload", "payload_length", "ttl", "ip_id")

    def __init__(self, raw, when=0.0):
        self.time, self.raw = when, raw
        self.src = self.dst = self.proto = self.sport = self.dport = None
        self.seq = self.ack = self.flags = self.window = self.ttl = self.ip_id = None
        self.options, self.payload, self.payload_length = b"", b"", 0
        self.ethertype = struct.unpack_from("!H", raw, 12)[0] if len(raw) >= 14 else None
        if self.ethertype == IPV4 and len(raw) >= 34:
            self._ipv4()
        if self.ethertype == IPV6 and len(raw) >= 54:
            self._ipv6()

    def _ipv4(self):
        raw = self.raw
        ihl = (raw[14] & 15) * 4
        total, self.ip_id = struct.unpack_from("!HH", raw, 16)
        self.ttl, self.proto = raw[22], raw[23]
        self.src, self.dst = socket.inet_ntoa(raw[26:30]), socket.inet_ntoa(raw[30:34])
        self._tcp(14 + ihl, 14 + total)

    def _ipv6(self):
        """`proto` is the next header; extension headers are not looked into."""
        raw = self.raw
        length, self.proto, self.ttl = struct.unpack_from("!HBB", raw, 18)
        self.src, self.dst = (socket.inet_ntop(socket.AF_INET6, raw[at:at + 16]) for at in (22, 38))
        self._tcp(54, 54 + length)

    def _tcp(self, at, end):
        raw = self.raw
        if self.proto != 6 or len(raw) < at + 20:
            return
        (self.sport, self.dport, self.seq, self.ack, offset, self.flags,
         self.window) = struct.unpack_from("!HHIIBBH", raw, at)
        header = (offset >> 4) * 4
        self.options = raw[at + 20:at + header]
        self.payload_length = max(0, end - at - header)
        self.payload = raw[at + header:end]

    def is_tcp(self):
        return self.flags is not None

    def is_of_the_link(self):
        """Neighbor discovery and MLD: what IPv6 has in place of ARP, never sent on by a router."""
        if self.ethertype != IPV6:
            return False
        proto, at = (self.raw[54], 62) if self.proto == HOP_BY_HOP else (self.proto, 54)  # of MLD with the router alert
        return proto == ICMPV6 and self.raw[at] in OF_THE_LINK

    def option(self, kind):
        """The value of a TCP option, b'' for one without, None when absent."""
        at, options = 0, self.options
        while at < len(options) and options[at] != 0:
            if options[at] == 1:
                at += 1
                continue
            if at + 1 >= len(options) or options[at + 1] < 2:
                return None
            if options[at] == kind:
                return options[at + 2:at + options[at + 1]]
            at += options[at + 1]
        return None

    def timestamps(self):
        value = self.option(8)
        return struct.unpack("!II", value) if value and len(value) == 8 else None

    def __str__(self):
        if not self.is_tcp():
            return f"{self.time:.6f} ethertype {self.ethertype:#06x} {self.src} > {self.dst} proto {self.proto}"
        return (f"{self.time:.6f} {self.src}:{self.sport} > {self.dst}:{self.dport} "
                f"[{flag_text(self.flags)}] seq {self.seq} ack {self.ack} win {self.window} "
                f"len {self.payload_length}")


def ipv4(src, dst, proto, body, *, ttl=64, ident=0, flags_fragment=0x4000, options=b""):
    ihl = 5 + len(options) // 4
    head = struct.pack("!BBHHHBBH4s4s", 0x40 | ihl, 0, ihl * 4 + len(body), ident, flags_fragment, ttl,
                       proto, 0, socket.inet_aton(src), socket.inet_aton(dst)) + options
    return head[:10] + struct.pack("!H", checksum(head)) + head[12:] + body


def ipv6(src, dst, next_header, body, *, ttl=64):
    """`ttl` is its hop limit."""
    head = struct.pack("!IHBB", 6 << 28, len(body), next_header, ttl)
    return head + address_octets(src) + address_octets(dst) + body


def ip(src, dst, proto, body, **fields):
    """A packet of the family of its addresses."""
    return (ipv6 if is_v6(src) else ipv4)(src, dst, proto, body, **fields)


def fragment(src, dst, proto, ident, offset, body, more):
    """The octets from `offset` on of the payload of a datagram; `more`: they are not its last."""
    if not is_v6(src):
        return ipv4(src, dst, proto, body, ident=ident, flags_fragment=(0x2000 if more else 0) | offset // 8)
    return ipv6(src, dst, FRAGMENT_HEADER, struct.pack("!BBHI", proto, 0, offset | more, ident) + body)


def pseudo_header(src, dst, proto, length):
    form = "!II" if is_v6(src) else "!HH"
    numbers = (length, proto) if is_v6(src) else (proto, length)
    return address_octets(src) + address_octets(dst) + struct.pack(form, *numbers)


def tcp(src, dst, sport, dport, *, seq, ack=0, flags=ACK, window=64240, options=b"", payload=b"",
        urgent=0, data_offset=None, bad_checksum=False):
    """A TCP segment. `data_offset` in 32-bit words overrides the true one."""
    options += b"\0" * (-len(options) % 4)
    words = 5 + len(options) // 4 if data_offset is None else data_offset
    head = struct.pack("!HHIIBBHHH", sport, dport, seq & 0xFFFFFFFF, ack & 0xFFFFFFFF, words << 4, flags,
                       window, 0, urgent)
    segment = head + options + payload
    value = checksum(pseudo_header(src, dst, 6, len(segment)) + segment) ^ (0x5555 if bad_checksum else 0)
    return segment[:16] + struct.pack("!H", value) + segment[18:]


def arp(operation, sender_mac, sender_ip, target_mac, target_ip):
    return struct.pack("!HHBBH6s4s6s4s", 1, IPV4, 6, 4, operation, sender_mac,
                       socket.inet_aton(sender_ip), target_mac, socket.inet_aton(target_ip))


def neighbor_message(kind, src, dst, target, mac, flags=0):
    """A solicitation, or an advertisement with the flags; `mac` is the sender's."""
    body = struct.pack("!BBHI", kind, 0, 0, flags) + address_octets(target)
    body += bytes([1 if kind == SOLICITATION else 2, 1]) + mac
    value = checksum(pseudo_header(src, dst, ICMPV6, len(body)) + body)
    return ipv6(src, dst, ICMPV6, body[:2] + struct.pack("!H", value) + body[4:], ttl=255)


def ethernet(dst, src, ethertype, body):
    return dst + src + struct.pack("!H", ethertype) + body
