# SPDX-License-Identifier: Apache-2.0
"""Octets that curl fetches from and sends to the origins of this folder, compared with what should have arrived."""
import os

from .bulk_origin import body_sha256, sha256_of, write_body
from .process import Process
from .scenario import equal


class Transfer:
    """One curl, running: `way` is "down" or "up", `scheme` http or https, `address` of either family."""

    def __init__(self, lab, scheme, way, name, address, octets, seconds=60):
        self.what, self.way, self.octets, self.seconds = f"{scheme} {way}, {address}", way, octets, seconds
        self.answer = lab.path(f"{scheme}-{way}-{address}")
        port = {"http": 80, "https": 443}[scheme]
        url, arguments = f"{scheme}://{name}/bytes/{octets}", []
        if way == "up":
            # curl would wait a second for a 100 (Continue) that is late on a slow path; a body needs none.
            url, arguments = f"{scheme}://{name}/up", ["-T", _body(lab, octets), "-H", "Expect:"]
        self.process = Process(["curl", "-sS", "--noproxy", "*", "--cacert", lab.authority.ca, "--max-time", seconds,
                                "--resolve", f"{name}:{port}:{address}", "-o", self.answer, *arguments, url],
                               log=lab.path(f"curl-{scheme}-{way}-{address}"), ns=lab.wire.client)

    def check(self):
        """Waits for its end: everything has arrived, and each octet is what it was."""
        equal(f"{self.what}: curl", (self.process.wait(self.seconds + 10), self.process.text()), (0, ""))
        got = sha256_of(self.answer)
        if self.way == "up":
            with open(self.answer) as f:
                got = f.read()
        equal(f"{self.what}: sha256", got, body_sha256(self.octets))
        os.remove(self.answer)


def _body(lab, octets):
    """A file of so many octets, the same for all scenarios."""
    file = os.path.join(lab.directory, f"body-{octets}")
    if not os.path.exists(file):
        write_body(file, octets)
    return file


def both_ways(lab, scheme, name, address, octets):
    """Down, then up."""
    for way in ("down", "up"):
        Transfer(lab, scheme, way, name, address, octets).check()
