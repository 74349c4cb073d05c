# SPDX-License-Identifier: Apache-2.0
"""TLS to servers that lack what the client was promised: relayed instead of spliced, byte-exact."""
from lib.gate import Gate
from lib.netns import server
from lib.origin import BulkOrigin
from lib.scenario import equal, scenario
from lib.transfers import both_ways

SIZE = 100_000_000
NAME, ADDRESS = "allowed.example", server(10)


def relayed(lab, key, cause):
    """100 MB each way."""
    BulkOrigin(lab, NAME, ADDRESS)
    lab.wire.internet.sysctl(key, 0)
    with Gate(lab) as gate:
        both_ways(lab, "https", NAME, ADDRESS, SIZE)
        counters = gate.counters()
        equal("why", {k: counters[k] for k in ("relays_no_sack", "relays_no_timestamps")},
              {"relays_no_sack": 0, "relays_no_timestamps": 0} | {cause: 2})
        equal("kinds", (counters["sessions_relayed"], counters["sessions_spliced"]), (2, 0))
        gate.wait_pools_empty()
        for entry in gate.entries():
            equal("line", (entry["flags"], entry["sni"], entry["request"], entry["route"]), ("-", NAME, "- - -", "web"))
        equal("lines", len(gate.entries()), 2)
        sent, received = (max(int(e[k]) for e in gate.entries()) for k in ("bytes_sent", "bytes_received"))
        assert SIZE < sent < SIZE * 1.01 and SIZE < received < SIZE * 1.01, (sent, received)


@scenario
def server_without_sack(lab):
    relayed(lab, "net.ipv4.tcp_sack", "relays_no_sack")


@scenario
def server_without_timestamps(lab):
    relayed(lab, "net.ipv4.tcp_timestamps", "relays_no_timestamps")


@scenario
def denied_name_stays_denied(lab):
    """The verdict comes before the server is asked for anything."""
    BulkOrigin(lab, "denied.example", server(11))
    lab.wire.internet.sysctl("net.ipv4.tcp_sack", 0)
    with Gate(lab) as gate:
        done = lab.curl("https://denied.example/bytes/1", server=server(11))
        equal("curl's exit", done.returncode, 35)
        equal("relays", gate.counter("sessions_relayed"), 0)
