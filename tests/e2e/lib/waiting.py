# SPDX-License-Identifier: Apache-2.0
"""Waiting for a condition with a deadline; no test waits for a length of time instead."""
import time


class DeadlineError(AssertionError):
    """The awaited condition did not come true in time."""


def wait_until(what, condition, seconds=5.0, interval=0.01):
    """Returns the first true value of condition(); raises DeadlineError naming `what` otherwise."""
    deadline = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise DeadlineError(f"not within {seconds:g} s: {what}")
        time.sleep(interval)
