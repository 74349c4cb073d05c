# SPDX-License-Identifier: Apache-2.0
"""Plays rows against a TCP on the client link: all of them at once, step by step, in one thread.

A round is one step of each row, a barrier, a pause longer than any delayed acknowledgement, and a
barrier again: whatever the peer had to say at once has arrived then, however busy the machine is.
The connection is an upgraded HTTP one, so that the same octets pass in both directions whether the
application sits behind the TCP under test directly or behind a relay.
"""
import itertools
import struct
import time

from .conformance_applications import PORT, REQUEST, SWITCHED
from .conformance_transcript import line_text, merged, offered, rhythm, signed
from .packet import ACK, FIN, RST, SYN
from .raw_host import RawConnection
from .waiting import wait_until

BATCH, FILLING = 100, 1200  # segments, octets in each
LATE = 0.15        # seconds after the first answer; what comes then is a timer's
QUIET = 0.12       # seconds; delayed acknowledgements take 40 ms here and there
TICK = 10          # our TSval grows by this in each round
FIRST_TICK = 1_000_000


class Player(RawConnection):
    """One row on one connection."""

    def __init__(self, row, host, port, server, origin):
        marks = row.marks
        super().__init__(host, port, server, PORT, mss=int(marks.get("mss", 536)), sack="nosack" not in marks,
                         timestamps="nots" not in marks, window_scale=None if "noscale" in marks else 0)
        self.row, self.origin = row, origin
        self.ours = self.theirs = 0  # octets of the set-up
        self.tick = FIRST_TICK
        self.steps = itertools.chain(row.steps)
        self.transcript, self.highest, self.repeated, self.edge = [], 0, set(), None
        self.read_from = 0           # packets of the transcript so far
        self.fine = True
        self.rest_until = 0.0        # of a step that takes several rounds
        self.late = LATE
        self.filling, self.filled = False, 0
        self.called = None           # the SYN of the peer
        self.reaction = None         # (octets that must have been received, segments)

    # ---- the set-up, in parts, so that all rows do it together ----

    def _now(self):
        return self.tick

    def begins_open(self):
        return not {"closed", "calls"} & set(self.row.marks)

    def ask(self):
        self.data(0, REQUEST)

    def settle(self):
        """The answer has come; what follows counts from here."""
        assert self.received == SWITCHED, f"row {self.row.name}: the set-up brought {self.received!r}"
        self.acknowledge = False
        self.ours, self.theirs = len(REQUEST), len(SWITCHED)

    # ---- a step ----

    def step(self):
        """False when there is none left."""
        if time.monotonic() < self.rest_until or self.filling and self.fill():
            return True
        self.collect()
        step = next(self.steps, None)
        if step is None:
            return False
        self.tick += TICK
        self.rest_until = time.monotonic() + step.seconds
        self.late = max(LATE, step.seconds)
        if step.reaction:
            self.reaction = (len(self.received) + step.octets, step.reaction)
        if step.verb == ">":
            for segment in step.segments:
                self.inject(segment)
        elif step.verb == "fill":
            self.filling, self.read_from = True, len(self.packets)
            self.fill()
        elif step.verb == "call":
            self.origin.call(self.host.address)
        elif step.verb == "request":
            self.ask()
        elif step.verb == "syn":
            self.syn(**({"flags": SYN | 0xC0} if step.argument == "ecn" else {}))
        elif step.verb != "wait":
            self.origin.of[self.server].act(step.verb, step.argument)
        return True

    def inject(self, segment):
        told = segment.fields
        octets = told.get("octet", "a").encode() * segment.length
        fields = {"flags": segment.flags, "payload": octets, "options": self._options(told),
                  "bad_checksum": "badsum" in told}
        fields["ack"] = self._ack(told.get("ack"))
        for word, field in (("win", "window"), ("urg", "urgent"), ("offset", "data_offset")):
            if word in told:
                fields[field] = int(told[word])
        if "ttl" in told:
            fields["ip"] = {"ttl": int(told["ttl"])}
        if segment.flags & SYN and (self.irs is None or "calls" in self.row.marks) and "options" not in told:
            fields["options"] = self.syn_options()
        self.raw(seq=self.iss + 1 + self.ours + segment.seq, **fields)

    def _ack(self, told):
        if told is None:
            return self.expected()
        return (self.irs or 0) + 1 + self.theirs + int(told)

    def _options(self, told):
        out = b""
        if self.timestamps and told.get("ts") != "none":
            value = self.tick + int(told.get("ts", 0)) * TICK
            out += b"\x01\x01" + struct.pack("!BBII", 8, 10, value & 0xFFFFFFFF, self.ts_recent)
        if "sack" in told:
            blocks = [tuple(int(n) for n in block.split("-")) for block in told["sack"].split(",")]
            out += b"\x01\x01" + struct.pack("!BB", 5, 2 + 8 * len(blocks))
            for block in blocks:
                out += struct.pack("!II", *(self._ack(n) & 0xFFFFFFFF for n in block))
        if "md5" in told:
            out += b"\x13\x12" + b"\x5a" * 16
        return out + bytes.fromhex(told.get("options", ""))

    def fill(self):
        """Sends a batch into the window that was promised last. False when it is closed: then the
        answer is the last one, and offsets count from the edge."""
        begin = self.iss + 1 + self.sent
        room = signed(self.edge - begin)
        if room <= 0:
            closed = [p for p in self.packets[self.read_from:] if p.window == 0][-1:]
            self.packets[self.read_from:] = closed
            self.filled += self.sent - self.ours
            self.ours, self.filling = self.sent, False
            return False
        for _ in range(BATCH):
            octets = min(FILLING, signed(self.edge - self.iss - 1 - self.sent))
            if octets > 0:
                self.data(self.sent, b"a" * octets)
        return True

    # ---- what came ----

    def take(self, p):
        if p.flags & (SYN | ACK) == SYN and self.irs is None:
            self.irs, self.server, self.server_port, self.called = p.seq, p.src, p.sport, p
        super().take(p)
        if p.flags & SYN and not p.flags & RST:
            value = p.option(3)
            self.scale = 0 if self.window_scale is None or value is None else value[0]
            return
        if p.flags & RST or self.irs is None:
            return
        if self.reaction and len(self.received) >= self.reaction[0]:
            segments, self.reaction = self.reaction[1], None
            for segment in segments:
                self.inject(segment)
        edge = (p.ack + (p.window << self.scale)) & 0xFFFFFFFF
        # RFC 7323 section 2.4 allows a window that seems to shrink by less than a unit of its scale.
        if self.edge is not None and 1 << self.scale <= (self.edge - edge) & 0xFFFFFFFF < 1 << 31:
            self.fine = False
        if self.edge is None or (edge - self.edge) & 0xFFFFFFFF < 1 << 31:
            self.edge = edge

    def collect(self):
        """Puts what has come since the last step into the transcript."""
        packets, self.read_from = self.packets[self.read_from:], len(self.packets)
        lines = []  # (line, when each of its repetitions came)
        for p in packets:
            if self._is_noise(p) or p.time - packets[0].time > self.late:
                continue
            line = self._line(p)
            joined = merged(lines[-1][0], line) if lines else None
            if joined:
                lines[-1] = (joined, lines[-1][1])
            elif lines and line == lines[-1][0] and "tail" in self.row.marks:
                lines[-1][1].append(p.time)
            else:
                lines.append((line, [p.time]))
        if "last" in self.row.marks:
            lines = lines[-1:]
        self.transcript.append(" | ".join(line_text(line) + rhythm(when) for line, when in lines) or "nothing")

    def _is_noise(self, p):
        """The peer's own retransmissions: when they come is not what most rows are about. A tail is
        probed early or late as the round trip was measured."""
        length = p.payload_length + (p.flags & FIN)
        if p.flags & (SYN | ACK) == SYN and p is not self.called:
            return "tail" not in self.row.marks
        if not length or self.irs is None or "tail" in self.row.marks:
            return False
        end = (p.seq + length - self.irs) & 0xFFFFFFFF
        known, tail = end <= self.highest, end == self.highest
        self.highest = max(self.highest, end)
        if "again" not in self.row.marks:
            return known
        # A second repetition of one segment is a timeout's.
        repeated = known and p.seq in self.repeated
        self.repeated |= {p.seq} if known else set()
        return tail or repeated

    def _line(self, p):
        base = (self.irs + 1 + self.theirs if self.irs is not None else 0) & 0xFFFFFFFF
        seq, ack = signed(p.seq - base), signed(p.ack - self.iss - 1 - self.ours)
        if p.flags & RST and self.irs is None:
            seq = p.seq
        if abs(seq) > 1 << 24:
            seq = "far"
        more = ""
        if p.flags & SYN:
            seq, more = 0, offered(p)
        elif not p.flags & RST:
            blocks = p.option(5) or b""
            ranges = [f"{signed(a - self.iss - 1 - self.ours)}-{signed(b - self.iss - 1 - self.ours)}"
                      for a, b in struct.iter_unpack("!II", blocks)]
            more = (" sack " + ",".join(ranges) if ranges else "") + (" win 0" if p.window == 0 else "")
            if self.timestamps != (p.timestamps() is not None):
                more += " wrong timestamps"
            elif self.timestamps and "stamps" in self.row.marks:
                more += f" echo {(p.timestamps()[1] - FIRST_TICK) // TICK}"
        return [p.flags, seq, len(p.payload), ack if p.flags & ACK else None, more]

    def end(self):
        """What the application got; then the connection is no more."""
        application = self.origin.of.get(self.server)
        got = "nothing, open"  # as far as it knows, if there is no application yet
        if application:
            rest = application.received[self.filled:]
            runs = [f"{len(list(run))}{chr(octet)}" for octet, run in itertools.groupby(rest)]
            got = f"{' '.join(runs) or 'nothing'}, {application.end}"
        self.transcript.append(got if self.fine else got + ", the window shrank")
        if self.server is None:
            return
        expected = [p.ack for p in self.packets if p.flags & ACK][-1:]
        for seq in {self.iss + 1 + self.ours, *expected}:
            self.raw(seq=seq, flags=RST, ack=0, options=b"")


def play(chosen, host, origin, address):
    """Row name -> one line for each step and one for the end. `address`: of the n-th row's server."""
    players = []
    for number, row in enumerate(chosen):
        host._next_port += 1
        players.append(Player(row, host, host._next_port, address(number), origin))
        host._connections[players[-1].port] = players[-1]
    _set_up([p for p in players if p.begins_open()])
    return _play_all(players, host)


def play_calls(chosen, hosts, callers):
    """Likewise for rows in which the peer calls: the n-th row has the n-th host to itself."""
    players = []
    for row, host in zip(chosen, hosts):
        host.resolve()  # the peer knows its address from that
        players.append(Player(row, host, PORT, None, callers))
        host._connections[PORT] = players[-1]
    return _play_all(players, hosts[0])


def _play_all(players, host):
    for player in players:
        player.acknowledge, player.read_from = False, len(player.packets)
    active = players
    while active:
        active = [p for p in active if p.step()]
        _round(host)
    for player in players:
        player.end()
    return {player.row.name: player.transcript[1:] for player in players}


def _round(host):
    host.barrier()
    time.sleep(QUIET)
    host.barrier()


def _set_up(players):
    for player in players:
        player.open()
    for player in players:
        player.ask()
    for player in players:
        wait_until(f"the set-up of {player.row.name}", lambda p=player: len(p.received) >= len(SWITCHED), 10)
    for player in players:
        player.settle()
    if players:
        _round(players[0].host)
