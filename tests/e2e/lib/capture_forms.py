# SPDX-License-Identifier: Apache-2.0
"""A capture of Ethernet frames rewritten into other forms of the same traffic: cuts, orders, links.

A capture is a list of (seconds, octets). Every function returns a new one and leaves what the
sessions say as it was.
"""
import random
import struct

ETHERNET, RAW, SLL, SLL2 = 1, 101, 113, 276
IPV4, IPV6, TCP = 0x0800, 0x86DD, 6


def read(path):
    with open(path, "rb") as f:
        data = f.read()
    order = "<" if data[:4] in (b"\xd4\xc3\xb2\xa1", b"\x4d\x3c\xb2\xa1") else ">"
    at, frames = 24, []
    while at + 16 <= len(data):
        seconds, micros, length, _ = struct.unpack_from(order + "IIII", data, at)
        frames.append((seconds + micros / 1e6, data[at + 16:at + 16 + length]))
        at += 16 + length
    return [f for f in frames if struct.unpack_from("!H", f[1], 12)[0] in (IPV4, IPV6)]


def write(path, frames, link=ETHERNET):
    with open(path, "wb") as f:
        f.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 262144, link))
        for time, octets in frames:
            f.write(struct.pack("<IIII", int(time), int(time % 1 * 1e6), len(octets), len(octets)))
            f.write(octets)
    return path


def write_pcapng(path, frames, link=ETHERNET, interfaces=1):
    """The frames in turn on several interfaces."""
    def block(kind, body):
        body += b"\0" * (-len(body) % 4)
        return struct.pack("<II", kind, len(body) + 12) + body + struct.pack("<I", len(body) + 12)

    with open(path, "wb") as f:
        f.write(block(0x0A0D0D0A, struct.pack("<IHHq", 0x1A2B3C4D, 1, 0, -1)))
        for _ in range(interfaces):
            f.write(block(1, struct.pack("<HHI", link, 0, 262144)))
        for number, (time, octets) in enumerate(frames):
            micros = int(time * 1e6)
            head = struct.pack("<IIIII", number % interfaces, micros >> 32, micros & 0xFFFFFFFF,
                               len(octets), len(octets))
            f.write(block(6, head + octets))
    return path


# ---- other links ----

def vlan(frames, *tags):
    """Behind 802.1Q tags; of two the outer one is 802.1ad."""
    kinds = [0x88A8] * (len(tags) - 1) + [0x8100]
    head = b"".join(struct.pack("!HH", k, t) for k, t in zip(kinds, tags))
    return [(t, f[:12] + head + f[12:]) for t, f in frames]


def raw(frames):
    return [(t, f[14:]) for t, f in frames]


def sll(frames):
    return [(t, struct.pack("!HHH", 0, 1, 6) + f[6:12] + b"\0\0" + f[12:]) for t, f in frames]


def sll2(frames):
    return [(t, f[12:14] + struct.pack("!HIHBB", 0, 2, 1, 0, 6) + f[6:12] + b"\0\0" + f[14:])
            for t, f in frames]


# ---- other packets ----

def _checksum(octets):
    total = sum(struct.unpack(f"!{len(octets) // 2}H", octets))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def _ip_with(frame, payload, **fields):
    """The frame with another payload behind its IP header."""
    ethernet, ip = frame[:14], bytearray(frame[14:])
    if frame[12:14] == b"\x08\x00":
        head = ip[:20]
        struct.pack_into("!H", head, 2, 20 + len(payload))
        struct.pack_into("!H", head, 6, fields.get("fragment", 0))
        struct.pack_into("!H", head, 4, fields.get("id", struct.unpack_from("!H", head, 4)[0]))
        struct.pack_into("!H", head, 10, 0)
        struct.pack_into("!H", head, 10, _checksum(bytes(head)))
    else:
        head = ip[:40]
        struct.pack_into("!H", head, 4, len(payload))
        head[6] = fields.get("next_header", head[6])
    return ethernet + bytes(head) + payload


def _payload_of_ip(frame):
    if frame[12:14] == b"\x08\x00":
        return frame[34:14 + struct.unpack_from("!H", frame, 16)[0]]
    return frame[54:54 + struct.unpack_from("!H", frame, 18)[0]]


def _is_tcp(frame):
    return frame[23 if frame[12:14] == b"\x08\x00" else 20] == TCP


def segments(frames, size):
    """Every TCP segment cut into segments of at most `size` octets."""
    out = []
    for time, frame in frames:
        packet = _payload_of_ip(frame)
        head = (packet[12] >> 4) * 4 if _is_tcp(frame) else 0
        data = packet[head:]
        if not _is_tcp(frame) or len(data) <= size:
            out.append((time, frame))
            continue
        sequence, flags = struct.unpack_from("!I", packet, 4)[0], packet[13]
        for at in range(0, len(data), size):
            last = at + size >= len(data)
            part = bytearray(packet[:head])
            struct.pack_into("!I", part, 4, (sequence + at) & 0xFFFFFFFF)
            part[13] = flags if last else flags & ~0x09  # neither FIN nor PSH before the last
            out.append((time, _ip_with(frame, bytes(part) + data[at:at + size])))
    return out


def overlapping(frames):
    """Every segment of data twice, the second time one octet longer than what is left of it."""
    out = []
    for time, frame in frames:
        packet = _payload_of_ip(frame)
        head = (packet[12] >> 4) * 4 if _is_tcp(frame) else 0
        out.append((time, frame))
        if _is_tcp(frame) and len(packet) > head + 2:
            half = (len(packet) - head) // 2
            part = bytearray(packet[:head])
            struct.pack_into("!I", part, 4,
                             (struct.unpack_from("!I", packet, 4)[0] + half) & 0xFFFFFFFF)
            out.append((time, _ip_with(frame, bytes(part) + packet[head + half:])))
    return out


def fragments(frames, size=64):
    """Every IP packet in fragments of `size` octets, the last one first."""
    out = []
    for number, (time, frame) in enumerate(frames):
        data = _payload_of_ip(frame)
        pieces = []
        for at in range(0, len(data), size):
            more = at + size < len(data)
            piece = data[at:at + size]
            if frame[12:14] == b"\x08\x00":
                pieces.append(_ip_with(frame, piece, id=number & 0xFFFF,
                                       fragment=at // 8 | (0x2000 if more else 0)))
            else:
                head = struct.pack("!BBHI", frame[20], 0, at | more, number)
                pieces.append(_ip_with(frame, head + piece, next_header=44))
        out += [(time, p) for p in reversed(pieces)]
    return out


def extended(frames):
    """IPv6 packets behind hop-by-hop and destination options."""
    out = []
    for time, frame in frames:
        if frame[12:14] == b"\x86\xdd":
            options = bytes([60, 0, 1, 4, 0, 0, 0, 0, frame[20], 0, 1, 4, 0, 0, 0, 0])
            frame = _ip_with(frame, options + _payload_of_ip(frame), next_header=0)
        out.append((time, frame))
    return out


# ---- other orders ----

def reversed_order(frames):
    return [(t, f) for (t, _), (_, f) in zip(frames, reversed(frames))]


def shuffled(frames, seed):
    mixed = list(frames)
    random.Random(seed).shuffle(mixed)
    return [(t, f) for (t, _), (_, f) in zip(frames, mixed)]


def one_way(frames, port):
    """Only packets to one of the server's ports."""
    def to_server(frame):
        packet = _payload_of_ip(frame)
        return _is_tcp(frame) and struct.unpack_from("!H", packet, 2)[0] == port
    return [(t, f) for t, f in frames if to_server(f)]
