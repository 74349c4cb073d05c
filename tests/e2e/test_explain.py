# SPDX-License-Identifier: Apache-2.0
"""sallyctl explain: the verdict that the gate gives, and why."""
import json
import socket

from lib import hello
from lib.dns import DNS, Dnsmasq, resolver
from lib.gate import WEB, Gate, config
from lib.netns import CLIENT, PUBLIC, server
from lib.origin import Sink
from lib.process import run
from lib.scenario import equal, scenario
from lib.waiting import wait_until


def explain(lab, policy, *args):
    done = run([lab.sallyctl, "explain", "--config", policy, "-o", "json", *args], check=False)
    assert done.returncode in (0, 1), done.stderr
    got = json.loads(done.stdout)
    equal("exit code", done.returncode, 1 if got["verdict"] == "deny" else 0)
    return got


def policy(lab, *rules):
    """Rules whose names are bound; nobody asks the resolver."""
    with open(lab.path("policy.yaml"), "w") as f:
        f.write(config(lab, rules or (WEB,), extra="resolver: {servers: [192.0.2.53]}\n"))
    return lab.path("policy.yaml")


@scenario
def explain_names_rule_place_and_pattern(lab):
    file = policy(lab)
    line = next(n for n, text in enumerate(open(file), 1) if "name: web" in text)
    asked = ("--source", CLIENT, "--port", "443")
    got = explain(lab, file, *asked, "--sni", "Allowed.Example.")
    equal("verdict", (got["verdict"], got["reason"], got["rule"]), ("allow", "-", "web"))
    equal("place", got["rule_at"], f"{file}:{line}")
    equal("matched", (got["matched"]["by"], got["matched"]["pattern"]),
          ("exact name", "allowed.example"))
    equal("egress", (got["egress"]["set"], got["egress"]["address"]), ("public", "203.0.113.7"))
    equal("binding", got["binding"], "not_checked")
    equal("by wildcard", explain(lab, file, *asked, "--sni", "a.b.wild.example")["matched"]["pattern"],
          "*.wild.example")
    near = explain(lab, file, *asked, "--sni", "alowed.example")
    equal("denied", (near["verdict"], near["reason"], near["rule"]),
          ("deny", "sni_not_allowed", "default-deny"))
    equal("nearest", (near["nearest"]["rule"], near["nearest"]["rule_at"], near["nearest"]["misses"]),
          ("web", f"{file}:{line}", ["name_differs_in_one_character"]))
    equal("other port", explain(lab, file, "--source", CLIENT, "--port", "8443",
                                "--sni", "allowed.example")["reason"], "port_not_allowed")
    equal("metadata", explain(lab, file, *asked, "--sni", "allowed.example",
                              "--address", "169.254.169.254")["reason"], "dst_reserved")
    text = run([lab.sallyctl, "explain", "-c", file, *asked, "--sni", "allowed.example"]).stdout
    assert text.startswith(f"ALLOW  web ({file}:{line})\n"), text
    for wrong in (["--source", "x", "--sni", "a.example"], ["--source", CLIENT],
                  ["--source", CLIENT, "--sni", "*.example"], ["--sni", "a.example"]):
        done = run([lab.sallyctl, "explain", "-c", file, *wrong], check=False)
        equal(f"usage {wrong}", done.returncode, 2)


@scenario
def explain_binds_with_answers(lab):
    with open(lab.path("answers"), "w") as f:
        f.write("allowed.example 198.51.100.10 198.51.100.11 10.0.0.1\n")
    asked = ("--source", CLIENT, "--sni", "allowed.example", "--answers", lab.path("answers"))
    got = explain(lab, policy(lab), *asked, "--address", "198.51.100.11")
    equal("verified", (got["binding"], got["verdict"]), ("verified", "allow"))
    equal("private", got["addresses"][2],
          {"address": "10.0.0.1", "may_be_dialled": False, "reason": "dst_not_public"})
    got = explain(lab, policy(lab), *asked, "--address", "198.51.100.99")
    equal("redirect", (got["binding"], got["redirected_to"]), ("mismatch", "198.51.100.10"))
    got = explain(lab, policy(lab), *asked)
    equal("without an address", got["binding"], "not_checked")


@scenario
def explain_says_what_the_gate_does(lab):
    """The same file in the gate and in explain; each name is asked of both."""
    with Gate(lab) as gate, Sink(lab):
        for index, name in enumerate(("allowed.example", "x.wild.example", "wild.example", "other.example")):
            explained = explain(lab, gate.file, "--source", CLIENT, "--port", "443", "--sni", name,
                                "--address", server(30 + index))
            lab.curl(f"https://{name}/", server=server(30 + index), seconds=2)
            entry = gate.wait_entry(sni=name)
            denied = entry["flags"] == "NR"
            equal(f"verdict on {name}", denied, explained["verdict"] == "deny")
            if denied:
                equal("reason", entry["details"], explained["reason"])
            equal("rule", entry["route"], explained["rule"])


def of_the_gate(gate, *args):
    """What the running gate says."""
    done = run([gate.lab.sallyctl, "-s", gate.socket, "explain", "-o", "json", *args], check=False)
    assert done.returncode in (0, 1), done.stderr
    return json.loads(done.stdout)


@scenario
def explain_asks_the_daemon(lab):
    with Dnsmasq(lab, {"allowed.example": [server(10), server(11)]}), Sink(lab), \
            Gate(lab, rules=(WEB,), extra=resolver(DNS)) as gate:
        asked = ("--source", CLIENT, "--sni", "allowed.example", "--address", server(10))
        got = of_the_gate(gate, *asked)
        equal("before", (got["verdict"], got["binding"], got["addresses"]), ("allow", "not_checked", []))
        lab.curl("https://allowed.example/", server=server(10), seconds=2)
        gate.wait_entry(sni="allowed.example")
        got = of_the_gate(gate, *asked)
        equal("binding", got["binding"], "verified")
        equal("addresses", {a["address"] for a in got["addresses"]}, {server(10), server(11)})
        equal("egress", got["egress"]["address"], PUBLIC)
        line = next(n for n, text in enumerate(open(gate.file), 1) if "name: web" in text)
        equal("place", got["rule_at"], f"{gate.file}:{line}")
        done = run([lab.sallyctl, "-s", gate.socket, "explain", *asked[:2], "--sni", "alowed.example"], check=False)
        equal("exit code of a denial", done.returncode, 1)
        assert done.stdout.startswith("DENY  default-deny\n") and "near" in done.stdout, done.stdout
        shown = gate.sallyctl("config", "show", "--running").stdout
        assert "name: web" in shown and "hello_timeout" in shown, shown
        status = gate.get("/v1/status")
        equal("patterns", status["policy_patterns"], 2)
        assert status["policy_bytes"] > 0, status


@scenario
def one_client_keeps_the_public_address_that_explain_names(lab):
    public = [f"203.0.113.{n}" for n in (7, 8, 9, 10)]
    clients = [f"10.10.0.{n}" for n in range(101, 109)]
    for address in clients:
        lab.wire.client.ip("addr", "add", f"{address}/24", "dev", "c0")
    text = config(lab, workers=2).replace(f"addresses: [{PUBLIC}]", f"addresses: [{', '.join(public)}]")
    with Gate(lab, text=text) as gate, Sink(lab):
        for address in clients:
            for _ in range(6):
                with lab.wire.client.inside():
                    s = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
                with s:
                    s.settimeout(20)
                    s.bind((address, 0))
                    s.connect((server(10), 443))
                    s.sendall(hello.client_hello("allowed.example"))
                    equal("answer", s.recv(1), hello.SERVER_HELLO[:1])
        used = {address: set() for address in clients}

        def logged():
            for entry in gate.entries():
                used[entry["downstream_remote"].split(":")[0]].add(entry["upstream_local"].split(":")[0])
            return len(gate.entries()) == 6 * len(clients)
        wait_until("all lines", logged, 20, 0.1)
        for address in clients:
            told = of_the_gate(gate, "--source", address, "--sni", "allowed.example")["egress"]
            equal("addresses", told["addresses"], public)
            equal(f"left by, client {address}", used[address], {told["address"]})
        assert len(set.union(*used.values())) > 1, used
        opened = [w["counters"]["sessions_opened"] for w in gate.get("/v1/workers")["workers"]]
        assert all(opened), opened
