# SPDX-License-Identifier: Apache-2.0
"""sallyctl suggest: from what was denied to rules that a configuration takes and that allow it."""
import json

from lib.dns import DNS, Dnsmasq, resolver
from lib.gate import WEB, Gate, config
from lib.netns import CLIENT, server
from lib.origin import Sink
from lib.process import run
from lib.scenario import equal, scenario
from test_replay import recorded


def with_rules(lab, name, rules):
    """A configuration with the suggested rules behind its own."""
    text = config_text(lab)
    assert rules.startswith("policy:\n  rules:\n"), rules
    with open(lab.path(name), "w") as f:
        f.write(text.replace("control:", rules.removeprefix("policy:\n  rules:\n") + "control:"))
    return lab.path(name)


def config_text(lab):
    return config(lab, (WEB,), inside_extra=", networks: [10.20.0.0/24]")


def suggest(lab, *args, data=None):
    return run([lab.sallyctl, "suggest", *args], data=data)


def check(lab, file):
    """The configuration is one that explain takes: no finding is an error."""
    done = run([lab.sallyctl, "explain", "-c", file, "--source", CLIENT, "--sni", "allowed.example"],
               check=False)
    equal("findings", (done.returncode, done.stderr), (0, ""))


@scenario
def suggest_from_a_replay(lab):
    """What a replay denies is suggested; with the rules added, the same replay allows it."""
    capture = recorded(lab)
    with open(lab.path("policy.yaml"), "w") as f:
        f.write(config_text(lab))
    before = run([lab.sallyctl, "replay", capture, "-c", lab.path("policy.yaml"), "-o", "ndjson"]).stdout
    with open(lab.path("records.ndjson"), "w") as f:
        f.write(before)
    done = suggest(lab, "--from", lab.path("records.ndjson"))
    assert "denied.example" in done.stdout and "no_sni" in done.stderr, done
    file = with_rules(lab, "with-rules.yaml", done.stdout)
    check(lab, file)
    after = [json.loads(r) for r in run([lab.sallyctl, "replay", capture, "-c", file, "-o", "ndjson"])
             .stdout.splitlines()]
    for record in after:
        if "10.20.0.2" in record["client"] and record["name"]:
            equal(f"{record}", record["verdict"], "allow")
    again = suggest(lab, "--from", lab.path("records.ndjson"), "-c", file)
    assert "10.20.0.0/24" not in again.stdout, "what the configuration allows by now is left out"


@scenario
def suggest_from_the_access_log(lab):
    log = "".join(
        f'[2026-11-22T20:33:36.412Z] "- - -" 0 NR sni_not_allowed - "-" 517 0 0 - "-" "-" "-" "-" "-" - - '
        f'198.51.100.11:443 10.10.0.2:40112 {name} default-deny\n'
        for name in [f"n{i}.cdn.example.co.uk" for i in range(9)] + ["one.github.io", "two.github.io"])
    done = suggest(lab, "--from", "-", data=log)
    assert '"*.example.co.uk"' in done.stdout, done.stdout
    for line in ('hosts: ["one.github.io"]', 'hosts: ["two.github.io"]',
                 "# 9 times, 2026-11-22T20:33:36Z to 2026-11-22T20:33:36Z: sni_not_allowed 9"):
        assert line in done.stdout, (line, done.stdout)
    check(lab, with_rules(lab, "with-rules.yaml", done.stdout))
    rules = json.loads(suggest(lab, "--from", "-", "-o", "json", data=log).stdout)
    equal("rules", sorted(r["count"] for r in rules), [1, 1, 9])
    many = suggest(lab, "--from", "-", "--wildcard-above", "9", data=log).stdout
    assert '"*.' not in many and '"n8.cdn.example.co.uk"' in many, many


@scenario
def suggest_as_istio_objects(lab):
    """The objects open the names when they are loaded beside a configuration."""
    log = ('[2026-11-22T20:33:36.412Z] "- - -" 0 NR sni_not_allowed - "-" 517 0 0 - "-" "-" "-" "-" "-" - - '
           '198.51.100.11:443 10.10.0.2:40112 denied.example default-deny\n'
           '[2026-11-22T20:33:36.412Z] "GET / HTTP/1.1" 403 NR host_not_allowed - "-" 0 0 0 - "10.10.0.2" '
           '"curl" "-" "plain.example" "-" - - 198.51.100.11:80 10.10.0.2:40113 - default-deny\n')
    with open(lab.path("objects.yaml"), "w") as f:
        f.write(suggest(lab, "--from", "-", "-o", "istio", data=log).stdout)
    with open(lab.path("native.yaml"), "w") as f:
        f.write(config_text(lab))
    for asked in (["--sni", "denied.example"], ["--host", "plain.example"]):
        both = ["-c", lab.path("native.yaml"), "-c", lab.path("objects.yaml"), "--source", CLIENT, *asked]
        done = run([lab.sallyctl, "explain", *both], check=False)
        equal(f"{asked}", (done.returncode, done.stderr), (0, ""))


@scenario
def suggest_from_the_running_gate(lab):
    """What the gate denied is suggested; the rules are put into force, and it passes."""
    with Dnsmasq(lab, {"denied.example": [server(10)]}), Sink(lab), \
            Gate(lab, extra=resolver(DNS)) as gate:
        lab.curl("https://denied.example/", server=server(10), seconds=2)
        gate.wait_entry(sni="denied.example", details="sni_not_allowed")
        rules = gate.sallyctl("suggest").stdout
        assert 'hosts: ["denied.example"]' in rules, rules
        with open(gate.file) as f:
            text = f.read()
        with open(gate.file, "w") as f:
            f.write(text.replace("control:", rules.removeprefix("policy:\n  rules:\n") + "control:", 1))
        gate.sallyctl("config", "apply", gate.file)
        gate.sallyctl("explain", "--source", CLIENT, "--sni", "denied.example")
        lab.curl("https://denied.example/", server=server(10), seconds=2)
        gate.wait_entry(sni="denied.example", upstream_host=f"{server(10)}:443")
