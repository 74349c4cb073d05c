# SPDX-License-Identifier: Apache-2.0
"""One test run: its directory, its wire, its certificates and its programs."""
import functools
import os
import shutil
import tempfile

from . import process
from .certificates import Authority
from .process import run
from .wires import KINDS

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))


class Lab:
    def __init__(self, build, directory=None, prefix=None, wire="af_packet"):
        self.build = os.path.abspath(build)
        self.directory = directory or tempfile.mkdtemp(prefix="sallyport-e2e-")
        self.prefix = prefix or f"sp{os.getpid()}"
        self.use_wire(wire)
        self.daemon = os.path.join(self.build, "control", "sallyport")
        self.sallyctl = os.path.join(self.build, "tools", "sallyctl", "sallyctl")
        self.scenario = None

    def use_wire(self, kind):
        """The wire that is made next; the present one must be gone."""
        self.wire = KINDS[kind](self, self.prefix)

    def path(self, name):
        """A file of this scenario."""
        directory = os.path.join(self.directory, self.scenario or "")
        os.makedirs(directory, exist_ok=True)
        return os.path.join(directory, name)

    @functools.cached_property
    def authority(self):
        return Authority(os.path.join(self.directory, "ca"))

    def helper(self, source):
        """Compiles a C program of lib/ once and returns its path."""
        program = os.path.join(self.directory, os.path.splitext(source)[0])
        if not os.path.exists(program):
            run(["cc", "-O2", "-Wall", "-o", program, os.path.join(os.path.dirname(__file__), source)])
        return program

    def close(self, keep_files=False):
        process.stop_all()
        self.wire.delete()
        if not keep_files:
            shutil.rmtree(self.directory, ignore_errors=True)

    # ---- a client's tools ----

    def curl(self, url, *args, server=None, seconds=10, ns=None):
        """curl in the client namespace; `server` is where the URL's name is said to be."""
        name, port = url.split("/")[2], "80" if url.startswith("http:") else "443"
        if ":" in name.rpartition("]")[2]:
            name, port = name.rsplit(":", 1)
        resolve = ["--resolve", f"{name}:{port}:{server}"] if server and not name.startswith("[") else []
        return run(["curl", "-sS", "--noproxy", "*", "--cacert", self.authority.ca, "--max-time", seconds,
                    *resolve, *args, url], ns=ns or self.wire.client, check=False, seconds=seconds + 10)
