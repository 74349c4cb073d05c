# SPDX-License-Identifier: Apache-2.0
"""Octet streams out of captured packets: what one host sent another, whatever was sent twice."""
from .packet import SYN


class Stream:
    """One direction of one connection."""

    def __init__(self, isn):
        self.isn, self.octets, self._early = isn, b"", {}

    def take(self, p):
        offset = (p.seq - self.isn - 1) & 0xFFFFFFFF
        self._early[offset] = max(self._early.get(offset, b""), p.payload, key=len)
        while fitting := [o for o in self._early if o <= len(self.octets)]:
            offset = fitting[0]
            payload = self._early.pop(offset)
            known = self.octets[offset:offset + len(payload)]
            assert payload.startswith(known), "the same sequence numbers with other octets"
            self.octets += payload[len(known):]


def streams(packets, source, destination):
    """Source port -> octets, of every connection from `source` to `destination`, in order of its SYN."""
    found = {}
    for p in packets:
        if not p.is_tcp() or (p.src, p.dst) != (source, destination):
            continue
        if p.flags & SYN:
            found[p.sport] = Stream(p.seq)
        elif p.payload and p.sport in found:
            found[p.sport].take(p)
    return {port: s.octets for port, s in found.items()}
