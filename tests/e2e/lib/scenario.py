# SPDX-License-Identifier: Apache-2.0
"""Scenarios: functions that take a Lab, registered by @scenario in the order of their files."""

scenarios = []
DEFAULT_WIRE = "af_packet"


class Skip(Exception):
    """Raised by a scenario that this machine cannot run; the text says why."""


def scenario(function):
    scenarios.append(function)
    return function


def long_scenario(function):
    """A scenario that takes minutes: runs with --long only."""
    function.is_long = True
    return scenario(function)


def is_long(function):
    return getattr(function, "is_long", False)


def only_on(*wires, because):
    """A scenario for these kinds of wire alone; on the others it is skipped with the reason."""
    def mark(function):
        function.wires, function.because = wires, because
        return function
    return mark


def on_own_wire(kind):
    """A scenario about a kind of wire: it runs on that kind whatever the others run on, and once."""
    def mark(function):
        function.own_wire = kind
        return function
    return mark


def wire_for(function, kind):
    """The kind of wire that the scenario runs on when the others run on `kind`; Skip when on none."""
    own = getattr(function, "own_wire", None)
    if own and kind not in (own, DEFAULT_WIRE):
        raise Skip(f"it runs on {own}, with those on {DEFAULT_WIRE}")
    if not own and kind not in getattr(function, "wires", (kind,)):
        raise Skip(function.because)
    return own or kind


def title(function):
    topic = function.__module__.removeprefix("test_")
    return f"{topic}.{function.__name__}"


def equal(what, got, want):
    assert got == want, f"{what}: {got!r} instead of {want!r}"


def no_packet_of(packets, *addresses):
    """The leak check: nothing to or from the addresses was on the link, but to find neighbours."""
    leaked = [p for p in packets if (p.src in addresses or p.dst in addresses) and not p.is_of_the_link()]
    assert not leaked, f"{len(leaked)} packets of a denied session outside, first: {leaked[0]}"
