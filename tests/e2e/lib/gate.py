# SPDX-License-Identifier: Apache-2.0
"""The gate under test, driven as an operator drives it: a file, a control socket, a log."""
import contextlib
import http.client
import json
import os
import re
import signal
import socket
import time

from .families import PLAYED, V4, V6
from .process import Process, run
from .waiting import wait_until

WEB = "{name: web, hosts: [allowed.example, '*.wild.example'], protocols: [tls/443]}"

HTTP = "{name: web, hosts: [allowed.example, '*.wild.example'], protocols: [http/80]}"
# For a second after its start the gate makes sure that nobody else has its IPv6 addresses, and opens nothing.
QUICK = f"tcp: {{connect_timeout: {1 if PLAYED is V4 else 2}s, setup_timeout: 3s, hello_timeout: 1s}}\n"
# What nobody holds any more once the last connection is closed. A record of it is kept for 10 s
# (relays_in_use, session_slots_used): its ends may send their last segments again.
POOLS = ("sessions_active", "setups_in_use", "hold_chunks_in_use", "requests_in_use", "relay_chunks_in_use",
         "frames_parked")

_FIELDS = ("start request code flags details termination upstream_failure bytes_received bytes_sent "
           "duration service_time forwarded_for user_agent request_id authority upstream_host "
           "upstream_cluster upstream_local downstream_local downstream_remote sni route").split()


def anywhere(rule):
    """The rule for a test whose point is not binding: its names may have any address."""
    if "hosts:" not in rule or "destination:" in rule or "action: deny" in rule:
        return rule
    return f"{rule[:-1]}, destination: original, networks: [0.0.0.0/0, '::/0'], wide: true}}"


def config(lab, rules=(WEB,), workers=1, extra="", inside_extra="", policy="action: deny, answer: alert",
           ipv6=PLAYED is V6):
    """A configuration file for the wire of the tests; `extra` is further YAML at the top level. Names
    are bound to addresses only where it has a resolver. `ipv6`: with addresses of both families."""
    def own(role, with_length=False):
        addresses = [getattr(family, role) + f"/{family.length}" * with_length for family in ((V4, V6) if ipv6 else (V4,))]
        return "[" + ", ".join(f"'{a}'" if ":" in a else a for a in addresses) + "]"
    if "resolver:" not in extra:
        rules = [anywhere(rule) for rule in rules]
    listed = "".join(f"    - {rule}\n" for rule in rules)
    return f"""apiVersion: sallyport/v1
gateway: {{name: e2e}}
workers: {{count: {workers}}}
ports:
  inside:  {{{lab.wire.port("inside")}, addresses: {own("gate_inside", True)}{inside_extra}}}
  outside: {{{lab.wire.port("outside")}, addresses: {own("gate_outside", True)}, next_hop: {own("next_hop")}}}
egress:
  - {{name: public, addresses: {own("public")}}}
policy:
  default: {{{policy}}}
  rules:
{listed}control: {{socket: {lab.path('control.sock')}, state: {lab.path('state')}}}
log: {{access: {{path: {lab.path('access.log')}}}}}
{extra}"""


def parse_line(line):
    """One line of the access log in Istio's 2024 text form as a dict."""
    match = re.match(r"^\[([^\]]*)\] (.*)$", line)
    assert match, f"not an access log line: {line!r}"
    values = re.findall(r'"([^"]*)"|(\S+)', match.group(2))
    values = [match.group(1)] + [quoted or bare for quoted, bare in values]
    assert len(values) == len(_FIELDS), f"{len(values)} fields instead of {len(_FIELDS)}: {line!r}"
    return dict(zip(_FIELDS, values))


def check_entry(entry, **fields):
    """Compares some fields of a parsed line."""
    found = {k: entry[k] for k in fields}
    assert found == fields, f"log line: {found} instead of {fields}"


class _UnixConnection(http.client.HTTPConnection):
    def __init__(self, path, timeout):
        super().__init__("localhost", timeout=timeout)
        self._path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self._path)


class Gate:
    def __init__(self, lab, text=None, **settings):
        self.lab = lab
        self.file = lab.path("sallyport.yaml")
        self.socket = lab.path("control.sock")
        self.access_log = lab.path("access.log")
        with open(self.file, "w") as f:
            f.write(text or config(lab, **settings))
        self.arguments = []  # of the daemon, further ones
        self.process, self.ready_seconds = None, None

    def __enter__(self):
        return self.start()

    def __exit__(self, kind, value, trace):
        if self.process and self.process.running():
            if kind is None:
                self.check_nothing_leaked()
            status = self.stop()
            if kind is None:
                assert status == 0, f"the gate ended with {status}: {self.log()[-1500:]}"

    # ---- life ----

    def launch(self):
        """Starts the daemon without waiting for it."""
        if os.path.exists(self.access_log):
            os.remove(self.access_log)
        self.process = Process([self.lab.daemon, "--config", self.file, *self.arguments], log=self.lab.path("gate.log"),
                               ns=self.lab.wire.gate)
        return self

    def start(self):
        begun = time.monotonic()
        self.launch()

        def ready():
            if not self.process.running():
                raise AssertionError(f"the gate did not start: {self.log()[-2000:]}")
            return self.answers()
        wait_until("the gate to answer on its control socket", ready, 20)
        self.ready_seconds = time.monotonic() - begun
        self.buffers_at_start = self._settled_buffers()
        return self

    def _settled_buffers(self):
        """Workers and devices stock up on buffers once they run, which may be after the first answer."""
        seen = []

        def settled():
            seen.append(self.buffers_in_use())
            return len(seen) > 4 and len(set(seen[-4:])) == 1
        wait_until("the stocks of buffers to be filled", settled, 10, 0.03)
        return seen[-1]

    def answers(self):
        try:
            return self.get("/v1/status") is not None
        except (OSError, http.client.HTTPException):
            return False

    def stop(self, sig=signal.SIGTERM):
        return self.process.stop(sig)

    def log(self):
        """What the daemon itself printed since its start."""
        return self.process.text()

    # ---- control ----

    def get(self, path, seconds=5):
        return self._ask("GET", path, None, seconds)

    def post(self, path, body, seconds=60):
        return self._ask("POST", path, json.dumps(body), seconds)

    def _ask(self, method, path, sent, seconds):
        connection = _UnixConnection(self.socket, seconds)
        try:
            connection.request(method, path, sent)
            reply = connection.getresponse()
            body = reply.read()
            assert reply.status == 200, f"{method} {path}: {reply.status} {body[:300]}"
            return json.loads(body)
        finally:
            connection.close()

    def sallyctl(self, *args):
        return run([self.lab.sallyctl, "-s", self.socket, *args])

    def counters(self):
        """Counters, gauges and reasons by name, summed over the workers."""
        return _flat(self.get("/v1/counters"))

    def counter(self, name):
        return self.counters().get(name, 0)

    def wait_counter(self, name, value, seconds=5):
        """Waits until a counter or gauge has exactly the value."""
        wait_until(f"{name} to be {value}, is {self.counter(name)}",
                   lambda: self.counter(name) == value, seconds, 0.05)

    def wait_pools_empty(self, seconds=10):
        """Waits until no session, request or chunk is in use: the pools are at their start."""
        def used():
            counters = self.counters()
            return {name: counters[name] for name in POOLS if counters[name]}
        wait_until(f"empty pools, still used: {used()}", lambda: not used(), seconds, 0.05)

    def mac(self, port):
        """The MAC address of one of its ports, as octets."""
        macs = {p["port"]: p["mac"] for p in self.get("/v1/ports")["ports"]}
        return bytes.fromhex(macs[port].replace(":", ""))

    def buffers_in_use(self):
        status = self.get("/v1/status")
        return status["mbufs_total"] - status["mbufs_free"]

    def check_nothing_leaked(self, seconds=10):
        """True at the end of every scenario: no more packet buffers are in use than at the start, but those
        that wait for a neighbour or for other fragments; and without a session nothing of sessions is."""
        def left():
            counters = self.counters()
            waiting = counters["frames_parked"] + counters["fragments_in_use"] + self.lab.wire.buffers_kept
            more = self.buffers_in_use() - self.buffers_at_start - waiting
            found = {"packet buffers": more} if more > 0 else {}
            if counters["sessions_active"] == 0:
                found |= {name: counters[name] for name in POOLS if counters[name] and name != "frames_parked"}
            return found
        try:
            wait_until("nothing left in use", lambda: not left(), seconds, 0.05)
        except AssertionError as error:
            raise AssertionError(f"{error}; leaked: {left()}") from None

    def sessions(self):
        return self.get("/v1/sessions")["sessions"]

    # ---- the access log ----

    def entries(self):
        if not os.path.exists(self.access_log):
            return []
        with open(self.access_log) as f:
            return [parse_line(line) for line in f.read().splitlines() if line.startswith("[")]

    def wait_entry(self, seconds=5, **wanted):
        """Waits for one line whose fields have the wanted values; returns it."""
        def found():
            return [e for e in self.entries() if all(e[k] == v for k, v in wanted.items())]
        try:
            return wait_until(f"an access log line with {wanted}", found, seconds, 0.05)[0]
        except AssertionError as error:
            raise AssertionError(f"{error}; the log has {self.entries()}") from None


def _flat(node, into=None):
    """Name -> number out of nested objects and of lists of {name, value}; equal names add up."""
    into = {} if into is None else into
    if isinstance(node, dict):
        if "name" in node and isinstance(node.get("value"), int):
            into[node["name"]] = into.get(node["name"], 0) + node["value"]
            return into
        for key, value in node.items():
            if isinstance(value, int) and not isinstance(value, bool):
                into[key] = into.get(key, 0) + value
            else:
                _flat(value, into)
    elif isinstance(node, list):
        for item in node:
            _flat(item, into)
    return into


@contextlib.contextmanager
def http_gate(lab, rules=(HTTP,), **settings):
    """A gate for HTTP whose pools must be empty again at the end."""
    with Gate(lab, rules=rules, **settings) as gate:
        yield gate
        gate.wait_pools_empty()
