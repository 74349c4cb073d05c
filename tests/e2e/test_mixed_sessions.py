# SPDX-License-Identifier: Apache-2.0
"""500 sessions of six kinds of clients at 1 % loss, half of them over IPv6: all complete, and everything is given
back."""
import collections
import concurrent.futures
import hashlib
import os
import subprocess

from lib import process
from lib.bulk_origin import body, body_sha256
from lib.families import bracketed
from lib.gate import Gate
from lib.http_origins import HttpPython
from lib.impaired import Impaired
from lib.netns import server, server6
from lib.origin import BulkOrigin
from lib.scenario import equal, long_scenario, scenario
from lib.waiting import wait_until

NAME = "allowed.example"
RULE = "{name: web, hosts: [allowed.example], protocols: [tls/443, http/80]}"
LIB = os.path.join(os.path.dirname(__file__), "lib")
OCTETS = 20_000
ADDRESSES = (server(10), server6(10))
BODY = b"".join(body(OCTETS))
AT_ONCE = 12
# A client that has left meets late segments with a reset: that ends a session transitory. Of the SYNs to so many
# servers three in a row may be lost.
SETTINGS = "tcp: {transitory_timeout: 3s, connect_timeout: 30s, setup_timeout: 60s}\n"
SECONDS = 90  # of one client; a session that waits for several timeouts of TCP still ends well before
# Gauges that are back at once, and those that remember an ended session for as long as it can matter.
LASTING = ("tombstones_in_use", "names_in_use")


class Clients:
    """Each method runs one client against the address and returns the digests of what its sessions brought. Python's
    TLS server closes without close_notify: openssl and gnutls-cli call that an error, so that only what they received
    counts."""

    def __init__(self, lab, address):
        self.lab, self.address, self.ca = lab, address, lab.authority.ca

    def _run(self, *argv):
        return process.run(argv, ns=self.lab.wire.client, seconds=SECONDS, text=False).stdout

    def _talk(self, *argv):
        """Sends a request and returns what comes, up to the server's close. At the end of its input a client would
        close at once, and a server that has closed already answers that with a reset, which overtakes its
        own last octets."""
        command = ["ip", "netns", "exec", self.lab.wire.client.name, "timeout", str(SECONDS), *argv]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as program:
            program.stdin.write(f"GET /bytes/{OCTETS} HTTP/1.0\r\nHost: {NAME}\r\n\r\n".encode())
            program.stdin.flush()
            out = program.stdout.read()
            program.stdin.close()
        # Around the body stand the head of the response and what the client itself has to say.
        assert BODY in out, f"{argv[0]}: {len(out)} octets: {out[:300]} ... {out[-300:]}"
        return [hashlib.sha256(BODY).hexdigest()]

    def curl(self, scheme, port):
        out = self._run("curl", "-sS", "--noproxy", "*", "--cacert", self.ca, "--resolve", f"{NAME}:{port}:{self.address}",
                        f"{scheme}://{NAME}/bytes/{OCTETS}")
        return [hashlib.sha256(out).hexdigest()]

    def curl_tls(self):
        return self.curl("https", 443)

    def curl_http(self):
        return self.curl("http", 80)

    def wget(self):
        out = self._run("wget", "-q", "-O", "-", "--no-proxy", "--tries=1", f"--header=Host: {NAME}",
                        f"http://{bracketed(self.address)}/bytes/{OCTETS}")
        return [hashlib.sha256(out).hexdigest()]

    def openssl(self, version):
        return self._talk("openssl", "s_client", "-quiet", version, "-connect", f"{bracketed(self.address)}:443", "-servername",
                          NAME, "-CAfile", self.ca, "-verify_return_error")

    def openssl_tls12(self):
        return self.openssl("-tls1_2")

    def openssl_tls13(self):
        return self.openssl("-tls1_3")

    def gnutls(self):
        return self._talk("gnutls-cli", "--x509cafile", self.ca, "--sni-hostname", NAME, "--verify-hostname", NAME, "-p", "443",
                          self.address)

    def node(self):
        return self._run("node", os.path.join(LIB, "many_sessions.js"), self.address, NAME, self.ca, 10, OCTETS).decode().split()

    def python(self):
        return self._run("/usr/bin/python3", os.path.join(LIB, "many_sessions.py"), self.address, NAME, self.ca, 10,
                         OCTETS).decode().split()


# Client -> (processes, sessions of each over TLS, over HTTP): 500 sessions. Every second process goes to IPv6.
MIX = {"curl_tls": (80, 1, 0), "curl_http": (60, 0, 1), "wget": (50, 0, 1), "openssl_tls12": (30, 1, 0),
       "openssl_tls13": (40, 1, 0), "gnutls": (40, 1, 0), "node": (10, 5, 5), "python": (10, 5, 5)}


def run_mix(families):
    """Starts the kinds in turn, some at once; returns the digests of all sessions. `families`: Clients of each."""
    order = sorted((i / count, kind, i) for kind, (count, _, _) in MIX.items() for i in range(count))
    with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
        running = [(kind, pool.submit(getattr(families[i % len(families)], kind))) for _, kind, i in order]
        return [(kind, digest) for kind, done in running for digest in done.result()]


def gauges(gate):
    """Everything that is of a present number: tables, pools, what is under way."""
    return {c["name"]: c["value"] for c in gate.get("/v1/counters")["counters"] if c["kind"] == "gauge"}


def wait_as_before(gate, before, seconds, without=()):
    def differing():
        return {k: v for k, v in gauges(gate).items() if v != before[k] and k not in without}
    wait_until(f"everything given back, differing: {differing()}", lambda: not differing(), seconds, 0.2)


def family_of(entry):
    """That of both connections of the session."""
    inside, outside = ("IPv6" if entry[key].startswith("[") else "IPv4" for key in ("downstream_local", "upstream_local"))
    return inside if inside == outside else f"{inside} to {outside}"


def mixed_sessions(lab, after):
    lab.wire.add_ipv6()
    for address in ADDRESSES:
        BulkOrigin(lab, NAME, address)
        HttpPython(lab, address)
    with Gate(lab, rules=(RULE,), extra=SETTINGS, ipv6=True) as gate:
        before = gauges(gate)
        digests = run_mix([Clients(lab, address) for address in ADDRESSES])
        equal("sessions", len(digests), 500)
        equal("wrong", [kind for kind, digest in digests if digest != body_sha256(OCTETS)], [])
        sessions = {kind: sum(count * part[which] for count, *part in MIX.values()) for which, kind in enumerate(("spliced", "relayed"))}
        equal("sessions of the gate", {kind: gate.counter(f"sessions_{kind}") for kind in sessions}, sessions)
        wait_until("a line for each", lambda: len(gate.entries()) == 500, 10, 0.1)
        equal("of each family", collections.Counter(map(family_of, gate.entries())), {"IPv4": 250, "IPv6": 250})
        after(gate, before)


def back_soon(gate, before):
    wait_as_before(gate, before, 40, LASTING)


def back_at_the_start(gate, before):
    """A tombstone is kept for as long as its cookie could be valid: two ticks of 32 s."""
    wait_as_before(gate, before, 180)


@scenario
def five_hundred_at_one_percent_loss(lab):
    with Impaired(lab, "loss=1%,delay=2ms"):
        mixed_sessions(lab, back_soon)


@long_scenario
def five_hundred_at_one_percent_loss_on_either_side(lab):
    for side in ("outside", "inside"):
        with Impaired(lab, "loss=1%,delay=10ms", side=side):
            mixed_sessions(lab, back_at_the_start)
        lab.wire.delete()
        lab.wire.create()
