# SPDX-License-Identifier: Apache-2.0
"""A bad network on one side of the gate: tests/impairment between the gate and its link."""
import json
import os
import random
import signal

from .process import Process
from .waiting import wait_until

# A setting -> the count that shows that it happened.
_SHOWN_BY = {"loss": "lost", "burst": "lost_in_bursts", "corrupt": "corrupted", "duplicate": "duplicated",
             "reorder": "overtaken", "delay": "left", "rate": "left"}


def chosen_seed():
    """SALLYPORT_SEED, to see a run again; else a new one."""
    return int(os.environ.get("SALLYPORT_SEED") or random.randrange(1 << 32))


class Impaired:
    """To be entered before the gate starts. `up` is what happens towards the server, in the words of
    impairment.h; `down`, the other way, is the same unless said. At the end of a scenario that has passed
    so far, everything that was asked for must really have happened."""

    def __init__(self, lab, up, down=None, side="outside", seed=None):
        self.lab, self.side, self.up, self.down = lab, side, up, up if down is None else down
        self.seed = chosen_seed() if seed is None else seed
        self.program = os.path.join(lab.build, "tests", "impairment", "impair")

    def __enter__(self):
        ns = self.lab.wire.splice_in(self.side)
        towards_gate, away = "b0", "b1"
        ends = (away, towards_gate) if self.side == "inside" else (towards_gate, away)
        self.process = Process([self.program, "--seed", self.seed, "--up", self.up, "--down", self.down, *ends],
                               log=self.lab.path("impair.log"), ns=ns)
        self.process.wait_for_text("seed")
        return self

    def __exit__(self, kind, value, trace):
        status = self.process.stop()
        if kind:
            print(f"        impaired {self.side} with seed {self.seed}: {self.process.text()}", flush=True)
            return
        assert status == 0, f"impair ended with {status}: {self.process.text()}"
        self.check_happened()

    def counts(self):
        """What really happened so far, by direction: see WayCounts of tests/impairment."""
        if not self.process.running():
            return json.loads(self.process.text().splitlines()[-1])
        lines = len(self.process.text().splitlines())
        self.process.popen.send_signal(signal.SIGUSR1)
        wait_until("the counts of the bad network", lambda: len(self.process.text().splitlines()) > lines)
        return json.loads(self.process.text().splitlines()[-1])

    def check_happened(self):
        counts = self.counts()
        asked = {setting.split("=")[0] for text in (self.up, self.down) for setting in text.split(",")}
        for setting in asked & set(_SHOWN_BY):
            shown = _SHOWN_BY[setting]
            assert counts["up"][shown] + counts["down"][shown] > 0, f"{setting} never happened: {counts}"
