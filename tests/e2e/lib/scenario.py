# SPDX-License-Identifier: Apache-2.0
"""Scenarios: functions that take a Lab, registered by @scenario in the order of their files."""

scenarios = []


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


def title(function):
    topic = function.__module__.removeprefix("test_")
    return f"{topic}.{function.__name__}"


def equal(what, got, want):
    assert got == want, f"{what}: {got!r} instead of {want!r}"


def no_packet_of(packets, *addresses):
    """The leak check: nothing to or from the addresses was on the link."""
    leaked = [p for p in packets if p.src in addresses or p.dst in addresses]
    assert not leaked, f"{len(leaked)} packets of a denied session outside, first: {leaked[0]}"
