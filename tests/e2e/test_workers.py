# SPDX-License-Identifier: Apache-2.0
"""Two workers on devices with one queue: one polls, both own, and frames are handed over."""
from lib.bulk_origin import body_sha256
from lib.gate import Gate
from lib.netns import server
from lib.origin import BulkOrigin
from lib.scenario import equal, scenario
from lib.waiting import wait_until
from test_pressure import run_clients
from test_transfer import sha256_of


def per_worker(gate, name):
    return [w["counters"][name] for w in gate.get("/v1/workers")["workers"]]


@scenario
def two_workers_own_half_each(lab):
    count = 200
    BulkOrigin(lab, "allowed.example", server(10))
    # A server that resets behind its FIN, which the client has not acknowledged yet, leaves the session
    # transitory: four minutes by default.
    with Gate(lab, workers=2, extra="tcp: {transitory_timeout: 3s}\n") as gate:
        run_clients(lab, count, 100_000)
        spliced = per_worker(gate, "sessions_spliced")
        equal("sum", sum(spliced), count)
        # 200 fair coins: fewer than 60 on one side happens once in 10^8 runs.
        assert min(spliced) >= 60, f"sessions of the workers: {spliced}"
        assert sum(per_worker(gate, "handed_over_in")) > 0, "nothing was handed over"
        gate.wait_counter("sessions_active", 0, 10)
        wait_until("each frame given to be taken, once", lambda: sum(per_worker(gate, "handed_over_in")) ==
                   sum(per_worker(gate, "handed_over_out")))


@scenario
def bulk_over_two_workers(lab):
    BulkOrigin(lab, "allowed.example", server(10))
    with Gate(lab, workers=2) as gate:
        for index in range(4):
            file = lab.path("down")
            done = lab.curl("https://allowed.example/bytes/10000000", "-o", file, server=server(10), seconds=30)
            equal("curl", (done.returncode, done.stderr), (0, ""))
            equal(f"sha256 of {index}", sha256_of(file), body_sha256(10_000_000))
        equal("spliced", gate.counter("sessions_spliced"), 4)
