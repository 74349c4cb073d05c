# SPDX-License-Identifier: Apache-2.0
"""sallyctl explain: the verdict that the gate gives, and why."""
import json

from lib.gate import WEB, Gate, config
from lib.netns import CLIENT, server
from lib.origin import Sink
from lib.process import run
from lib.scenario import equal, scenario


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
    equal("egress", got["egress"], {"set": "public", "addresses": ["203.0.113.7"]})
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
