# SPDX-License-Identifier: Apache-2.0
"""Changing the configuration of a running gate: all or nothing, under load, and with a way back."""
import json
import os
import signal
import socket
import statistics
import time

from lib import hello
from lib.capture import Capture
from lib.gate import WEB, Gate, config
from lib.netns import GATE_OUTSIDE, PUBLIC, server
from lib.origin import Nginx, Sink
from lib.process import run
from lib.raw_host import RawHost
from lib.reloading import RELOADS, Load, check_rules, two_policies
from lib.scenario import equal, scenario
from lib.waiting import wait_until

OTHER = "{name: other, hosts: [other.example], protocols: [tls/443]}"


def write(gate, text):
    with open(gate.file, "w") as f:
        f.write(text)


def sallyctl(gate, *args):
    """The command as an operator runs it; exit code, standard output, standard error."""
    done = run([gate.lab.sallyctl, "-s", gate.socket, *args], check=False)
    return done.returncode, done.stdout, done.stderr


def generation(gate):
    return gate.get("/v1/status")["generation"]


@scenario
def apply_takes_effect_at_once_and_keeps_sessions(lab):
    with Gate(lab) as gate, Sink(lab), RawHost(lab, "10.10.0.11") as host:
        kept = host.connect(server(20))
        kept.data(0, hello.client_hello("allowed.example"))
        kept.wait_received(hello.SERVER_HELLO)
        write(gate, config(lab, rules=[OTHER]))
        code, out, err = sallyctl(gate, "config", "apply", gate.file)
        equal("exit", (code, err), (0, ""))
        assert "removed  policy.rules[web]" in out and "added    policy.rules[other]" in out, out
        equal("generation", generation(gate), 2)
        equal("after", lab.curl("https://allowed.example/", server=server(10)).returncode, 35)
        gate.wait_entry(sni="allowed.example", flags="NR")
        equal("sessions", [s["name"] for s in gate.sessions() if s["state"] == "spliced"], ["allowed.example"])


@scenario
def recheck_ends_what_is_no_longer_allowed_within_a_second(lab):
    with Gate(lab, rules=[WEB, OTHER]) as gate, Sink(lab), RawHost(lab, "10.10.0.11") as host, \
            RawHost(lab, "10.10.0.12") as other:
        ended, stays = host.connect(server(20)), other.connect(server(20))
        for connection, name in ((ended, "allowed.example"), (stays, "other.example")):
            connection.data(0, hello.client_hello(name))
            connection.wait_received(hello.SERVER_HELLO)
        write(gate, config(lab, rules=[OTHER]))
        equal("exit", sallyctl(gate, "config", "apply", "--sessions", "recheck", gate.file)[0], 0)
        begun = time.monotonic()
        gate.wait_entry(sni="allowed.example", termination="policy_recheck", route="web", seconds=5)
        took = time.monotonic() - begun
        assert took < 1, f"the session ended {took:.2f} s after the reload"
        ended.wait_closed()
        equal("sessions", [s["name"] for s in gate.sessions() if s["state"] == "spliced"], ["other.example"])


@scenario
def a_thousand_reloads_under_load(lab):
    """No session is dropped, none fails, and each verdict is of one of the two policies."""
    first, second = two_policies(lab)
    with Load(lab) as load, Gate(lab, text=first) as gate:
        paths = [lab.path("a.yaml"), lab.path("b.yaml")]
        for path, text in zip(paths, (first, second)):
            with open(path, "w") as f:
                f.write(text)
        load.start()
        publish = []
        for i in range(RELOADS):
            report = gate.post("/v1/config/apply", {"paths": [paths[(i + 1) % 2]]})
            assert report["changed"] and not report["degraded"], report
            publish.append(1000 * report["publish_seconds"])
        load.stop()
        equal("generation", generation(gate), RELOADS + 1)
        check_rules(gate.entries())
        load.check()
        print(f"        {RELOADS} reloads, {load.summary()}, publish {statistics.median(publish):.1f} ms, "
              f"at most {max(publish):.1f} ms")


@scenario
def bad_file_by_sighup_changes_nothing(lab):
    Nginx(lab, {"allowed.example": server(10)})
    with Gate(lab) as gate:
        write(gate, config(lab).replace("hosts:", "hosst:"))
        gate.process.popen.send_signal(signal.SIGHUP)
        wait_until("the refusal", lambda: gate.get("/v1/status")["config_last_change_failed"], 10)
        assert "unknown key 'hosst'" in gate.log() and "sallyport.yaml:" in gate.log(), gate.log()[-1500:]
        equal("generation", generation(gate), 1)
        equal("curl", lab.curl("https://allowed.example/", server=server(10)).returncode, 0)
        write(gate, config(lab, rules=[WEB, OTHER]))
        gate.process.popen.send_signal(signal.SIGHUP)
        wait_until("the new generation", lambda: generation(gate) == 2, 10)
        wait_until("the end of the change", lambda: not gate.get("/v1/status")["config_last_change_failed"], 5)


@scenario
def bad_file_by_sallyctl_shows_every_finding(lab):
    with Gate(lab) as gate:
        write(gate, config(lab).replace("hosts:", "hosst:").replace("action: deny", "action: maybe"))
        code, out, err = sallyctl(gate, "config", "apply", gate.file)
        equal("exit", (code, out), (5, ""))
        assert "did you mean" in err and "^" in err and "maybe" in err and "2 errors" in err, err
        code, _, err = sallyctl(gate, "-o", "json", "config", "apply", gate.file)
        error = json.loads(err)
        equal("json", (code, error["code"], len(error["findings"])), (5, "config_invalid", 2))
        equal("generation", generation(gate), 1)


@scenario
def keys_that_need_a_restart_are_named_and_nothing_changes(lab):
    Nginx(lab, {"other.example": server(10)})
    with Gate(lab) as gate:
        text = config(lab, rules=[WEB, OTHER], workers=2, extra="memory: {sessions: 1024}\n")
        write(gate, text.replace(lab.wire.port("outside"), 'device: "net_tap7,iface=elsewhere"'))
        code, _, err = sallyctl(gate, "config", "apply", gate.file)
        equal("exit", code, 5)
        for needle in ("sallyport.yaml:3:", "workers.count", "memory.sessions", "elsewhere", "restart"):
            assert needle in err or needle.split(".")[-1] in err, err
        equal("generation", generation(gate), 1)
        equal("curl", lab.curl("https://other.example/", server=server(10)).returncode, 35)


@scenario
def unconfirmed_configuration_makes_way_by_itself(lab):
    Nginx(lab, {"allowed.example": server(10), "other.example": server(11)})
    with Gate(lab) as gate:
        write(gate, config(lab, rules=[OTHER]))
        code, out, _ = sallyctl(gate, "config", "apply", "--confirm-within", "2s", gate.file)
        equal("exit", code, 0)
        assert "on trial until" in out, out
        equal("state", gate.get("/v1/status")["config_state"], "on_trial")
        equal("on trial", lab.curl("https://other.example/", server=server(11)).returncode, 0)
        wait_until("the way back", lambda: generation(gate) == 3, 10)
        equal("state", gate.get("/v1/status")["config_state"], "stale")
        equal("the one before", lab.curl("https://allowed.example/", server=server(10)).returncode, 0)
        equal("refused again", lab.curl("https://other.example/", server=server(11)).returncode, 35)
        equal("confirm", sallyctl(gate, "config", "confirm")[0], 1)
        equal("apply", sallyctl(gate, "config", "apply", "--confirm-within", "1h", gate.file)[0], 0)
        equal("confirm", sallyctl(gate, "config", "confirm")[0], 0)
        equal("state", gate.get("/v1/status")["config_state"], "confirmed")
        equal("kept", lab.curl("https://other.example/", server=server(11)).returncode, 0)
        equal("rollback", sallyctl(gate, "config", "rollback")[0], 0)
        equal("history", len(json.loads(sallyctl(gate, "-o", "json", "config", "history")[1])["generations"]), 3)
        equal("the first", lab.curl("https://allowed.example/", server=server(10)).returncode, 0)


@scenario
def killed_on_trial_starts_from_the_confirmed_one(lab):
    Nginx(lab, {"allowed.example": server(10)})
    gate = Gate(lab).start()
    write(gate, config(lab, rules=[OTHER]))
    equal("exit", sallyctl(gate, "config", "apply", "--confirm-within", "1h", gate.file)[0], 0)
    gate.stop(signal.SIGKILL)
    with gate:
        status = gate.get("/v1/status")
        equal("state", status["config_state"], "stale")
        assert "on trial" in status["config_note"] and status["health"] == "degraded", status
        equal("curl", lab.curl("https://allowed.example/", server=server(10)).returncode, 0)


@scenario
def killed_and_broken_starts_from_the_last_good_one(lab):
    Nginx(lab, {"allowed.example": server(10), "other.example": server(11)})
    gate = Gate(lab).start()
    write(gate, config(lab, rules=[OTHER]))
    equal("exit", sallyctl(gate, "config", "apply", gate.file)[0], 0)
    gate.stop(signal.SIGKILL)
    write(gate, "nonsense: [")
    done = run([lab.daemon, "--config", gate.file], ns=lab.wire.gate, check=False, seconds=15)
    equal("without being asked", done.returncode, 5)
    gate.arguments = [f"--last-good={lab.path('state')}"]
    with gate:
        assert "the last good configuration" in gate.log() and "error[" in gate.log(), gate.log()[-1500:]
        equal("state", gate.get("/v1/status")["config_state"], "stale")
        equal("curl", lab.curl("https://other.example/", server=server(11)).returncode, 0)


@scenario
def diff_counts_the_sessions_that_would_be_touched(lab):
    rules = [WEB, OTHER]
    with Gate(lab, rules=rules) as gate, Sink(lab), RawHost(lab, "10.10.0.11") as host:
        for name in ("allowed.example", "allowed.example", "other.example"):
            connection = host.connect(server(20))
            connection.data(0, hello.client_hello(name))
            connection.wait_received(hello.SERVER_HELLO)
        write(gate, config(lab, rules=[OTHER], workers=2))
        code, out, err = sallyctl(gate, "config", "diff", gate.file)
        equal("exit", (code, err), (1, ""))
        for line in ("removed  policy.rules[web]", "changed  workers.count: 1 -> 2   (needs a restart)",
                     "2 of 3 live sessions would no longer be allowed", "2 of rule web"):
            assert line in out, out
        write(gate, config(lab, rules=rules))
        equal("no difference", sallyctl(gate, "config", "diff", gate.file)[0], 0)
        equal("generation", generation(gate), 1)


@scenario
def sighup_opens_the_log_anew(lab):
    Nginx(lab, {"allowed.example": server(10)})
    with Gate(lab) as gate:
        os.rename(gate.access_log, gate.access_log + ".1")
        gate.process.popen.send_signal(signal.SIGHUP)
        wait_until("a new file", lambda: os.path.exists(gate.access_log), 10)
        equal("curl", lab.curl("https://allowed.example/", server=server(10)).returncode, 0)
        gate.wait_entry(sni="allowed.example")
        equal("generation", generation(gate), 1)


@scenario
def egress_address_that_is_taken_away_drains(lab):
    """The session on it goes on, new ones take the other address, and it is announced."""
    new = PUBLIC.rsplit(".", 1)[0] + ".99"
    with Gate(lab) as gate, Sink(lab), RawHost(lab, "10.10.0.11") as host:
        kept = host.connect(server(20))
        kept.data(0, hello.client_hello("allowed.example"))
        kept.wait_received(hello.SERVER_HELLO)
        with Capture(lab, lab.wire.internet, "s0") as capture:
            write(gate, config(lab).replace(f"addresses: [{PUBLIC}]", f"addresses: [{new}]"))
            equal("exit", sallyctl(gate, "config", "apply", gate.file)[0], 0)
            second = host.connect(server(20))
            second.data(0, hello.client_hello("allowed.example"))
            second.wait_received(hello.SERVER_HELLO)
            # Sender and target of a gratuitous ARP are the address itself.
            announced = [p for p in capture.stop() if p.ethertype == 0x0806
                         and p.raw[28:32] == p.raw[38:42] == socket.inet_aton(new)]
        assert announced, "the new address was not announced"
        equal("addresses", sorted(s["egress"].rsplit(":", 1)[0] for s in gate.sessions()), sorted([PUBLIC, new]))
        outside = next(p for p in gate.get("/v1/ports")["ports"] if p["port"] == "outside")
        equal("at the port", outside["addresses"], [GATE_OUTSIDE, new, PUBLIC])


@scenario
def a_million_names_are_swapped_under_load(lab):
    first, second = two_policies(lab)
    paths = []
    for mark, text in (("a", first), ("b", second)):
        with open(lab.path(f"names-{mark}.txt"), "w") as f:
            f.writelines(f"host-{mark}-{i}.names.example\n" for i in range(1_000_000))
        many = f"    - {{name: many-{mark}, hosts_from: names-{mark}.txt, protocols: [tls/443]}}\n"
        paths.append(lab.path(f"{mark}.yaml"))
        with open(paths[-1], "w") as f:
            f.write(text.replace("  rules:\n", "  rules:\n" + many))
    with Load(lab) as load, Gate(lab, text=first) as gate:
        load.start()
        reports = [gate.post("/v1/config/apply", {"paths": [paths[i % 2]]}) for i in range(6)]
        load.stop()
        assert all(r["changed"] and not r["degraded"] for r in reports), reports
        check_rules(gate.entries())
        load.check()
        took = {key: [r[key] for r in reports] for key in
                ("read_seconds", "compile_seconds", "publish_seconds")}
        told = ", ".join(f"{key} {statistics.median(all_of):.4f} (at most {max(all_of):.4f})"
                         for key, all_of in took.items())
        print(f"        {told}, {gate.get('/v1/status')['policy_bytes'] / 1e6:.1f} bytes a name")
        # A worker takes it over at its next burst; the rest is what this machine makes it wait.
        assert statistics.median(took["publish_seconds"]) < 0.1, took
