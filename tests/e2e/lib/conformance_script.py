# SPDX-License-Identifier: Apache-2.0
"""The rows of conformance/*.rows, and the table of differences beside them.

    row NAME [mark ...]: what it is about
    > P. 0+100 | . 300+100 sack 0-10      segments back to back: flags, offset[+octets], fields
    write 100                             the application at the other end acts; also shut, abort, stop
                                          and go (reading), call (connects to us and sends a request)
    fill                                  octets, until the peer's window is closed; offsets count anew
    write 100 for 1.5                     the answers of so many seconds, not only the quick ones
    wait for 1.5
    write 100 then 50 > . 0 ack 0         what we send as soon as so many octets are here

Offsets count from the first octet after the set-up, ours in a segment and the peer's in `ack`. Flags
are tcpdump's: S F R P . (ACK) U E (ECE) W (CWR); "-" is none. A row begins on an open connection,
unless it is marked `closed`: then it says `syn` and what else it wants. `#` begins a comment.
"""
import dataclasses
import glob
import os
import re

HERE = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "conformance")
FLAGS = {"F": 1, "S": 2, "R": 4, "P": 8, ".": 16, "U": 32, "E": 64, "W": 128}
# closed: no set-up. calls: the peer connects, no set-up either. stamps: echoed timestamps are shown. last: of each answer only the last segment.
# again: the first repetition of each segment is shown, but not of the last; tail: all, with their rhythm.
# The others are options of the SYN.
MARKS = {"closed", "calls", "stamps", "last", "again", "tail", "nosack", "nots", "noscale", "mss"}


@dataclasses.dataclass
class Segment:
    flags: int
    seq: int
    length: int
    fields: dict


@dataclasses.dataclass
class Step:
    text: str
    verb: str
    argument: str = ""
    seconds: float = 0.0
    segments: tuple = ()
    octets: int = 0
    reaction: tuple = ()


@dataclasses.dataclass
class Row:
    name: str
    about: str
    marks: dict
    steps: list


def flags_of(text):
    return 0 if text == "-" else sum(FLAGS[letter] for letter in text)


def flag_text(flags):
    return "".join(letter for letter in "SFRPUEW." if flags & FLAGS[letter]) or "-"


def _segment(text):
    words = text.split()
    match = re.fullmatch(r"(-?\d+)(?:\+(\d+))?", words[1])
    fields = {}
    at = 2
    while at < len(words):
        bare = words[at] in ("badsum", "md5")
        fields[words[at]] = None if bare else words[at + 1]
        at += 1 if bare else 2
    return Segment(flags_of(words[0]), int(match.group(1)), int(match.group(2) or 0), fields)


def _segments(text):
    return tuple(_segment(part) for part in text.split("|") if part)


def _step(line):
    first, _, then = line.partition(" then ")
    acts, _, seconds = first.partition("for ")
    verb, _, argument = acts.strip().partition(" ")
    octets, _, answer = then.partition("> ")
    return Step(line, verb, argument, float(seconds or 0), _segments(argument if verb == ">" else ""),
                int(octets or 0), _segments(answer))


def _head(line):
    match = re.fullmatch(r"row (\w+)((?: [\w=]+)*): (.+)", line)
    assert match, f"not the head of a row: {line!r}"
    marks = dict(mark.partition("=")[::2] for mark in match.group(2).split())
    assert not set(marks) - MARKS, f"unknown mark in {line!r}"
    return Row(match.group(1), match.group(3), marks, [])


def _lines(path):
    with open(path) as f:
        for line in f:
            line = line.split("#")[0].strip()
            if line:
                yield line


def rows():
    """Every row of every topic, in the order of the files."""
    found = []
    for path in sorted(glob.glob(os.path.join(HERE, "*.rows"))):
        for line in _lines(path):
            if line.startswith("row "):
                found.append(_head(line))
            else:
                found[-1].steps.append(_step(line))
    names = [row.name for row in found]
    assert len(names) == len(set(names)), "two rows have one name"
    return found


# ---- the table ----

def differing(row, linux, gate):
    """What differs between two transcripts of a row, as the table says it."""
    lines = []
    for number, (a, b) in enumerate(zip(linux, gate, strict=True)):
        if a != b:
            lines += [f"at {'end' if number == len(row.steps) else row.steps[number].text}",
                      f"linux {a}", f"gate {b}"]
    return lines


def listed(family):
    """Row name -> (lines as differing() has them, why). `family`: v4 or v6."""
    table, name = {}, None
    for line in _lines(os.path.join(HERE, "linux_differences")):
        if line.startswith("row "):
            name = tuple(line.split()[1:])
            assert name not in table, f"{line} stands twice in the table"
            assert name[1:] in ((), ("v4",), ("v6",)), f"not a family: {line}"
            table[name] = ([], [])
        elif line.startswith("why "):
            table[name][1].append(line[4:])
        else:
            table[name][0].append(line)
    own = {name[0]: (lines, " ".join(why)) for name, (lines, why) in table.items() if name[1:] in ((), (family,))}
    twice = {name[0] for name in table if name[1:] and name[:1] in table}
    assert not twice, f"in the table for both families, and again for one: {twice}"
    return own


def unlisted(found, family):
    """Names of rows that differ otherwise than the table says. `found`: row name -> lines."""
    table = listed(family)
    return {name for name, lines in found.items() if lines != table.get(name, ([], ""))[0]}


def compare(found, family):
    """What the table does not say, or says and is no more."""
    table, problems = listed(family), []
    for name, lines in found.items():
        told, why = table.pop(name, ([], ""))
        if lines != told:
            problems.append(f"row {name} differs from Linux otherwise than the table says\n" +
                            "\n".join(f"  {line}" for line in lines or ["not at all"]))
        elif lines and not why:
            problems.append(f"row {name} differs without a reason")
    return problems + [f"the table has a row that does not exist: {name}" for name in table]
