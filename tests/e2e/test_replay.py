# SPDX-License-Identifier: Apache-2.0
"""sallyctl replay against tshark: the same sessions, names and protocols, whatever the capture's form."""
import json

from lib import capture_forms as forms
from lib.capture import Capture
from lib.plain_link import CLIENT4, CLIENT6, SERVER4, SERVER6, PlainLink
from lib.process import Process, run
from lib.scenario import equal, scenario
from lib.waiting import wait_until

NAMES = ("allowed.example", "denied.example", "www.wild.example", "audited.example")
POLICY = """apiVersion: sallyport/v1
ports:
  inside:  {device: net_null0, addresses: [10.10.0.1/24]}
  outside: {device: net_null1, addresses: [203.0.113.2/24], next_hop: [203.0.113.1]}
egress: [{name: public, addresses: [203.0.113.7]}]
policy:
  rules:
    - {name: web, hosts: [allowed.example, "*.wild.example"], protocols: [tls/443, http/80]}
    - {name: watched, hosts: [audited.example], protocols: [tls/443, http/80], mode: audit}
    - {name: clock, networks: [198.51.100.80/32], protocols: [udp/123]}
"""


def servers(lab, link):
    """nginx on both families with TLS and plain HTTP."""
    certificate, key = lab.authority.certificate(*NAMES)
    config = lab.path("nginx.conf")
    with open(config, "w") as f:
        f.write(f"""
daemon off; master_process off; user root; pid {lab.path('nginx.pid')};
error_log {lab.path('nginx-error.log')} info;
events {{ worker_connections 512; }}
http {{
  access_log off; ssl_protocols TLSv1.2 TLSv1.3;
  client_body_temp_path {lab.path('tmp-body')}; proxy_temp_path {lab.path('tmp-proxy')};
  fastcgi_temp_path {lab.path('tmp-fcgi')}; uwsgi_temp_path {lab.path('tmp-uwsgi')};
  scgi_temp_path {lab.path('tmp-scgi')};
  server {{
    listen {SERVER4}:80; listen [{SERVER6}]:80;
    listen {SERVER4}:443 ssl; listen [{SERVER6}]:443 ssl;
    ssl_certificate {certificate}; ssl_certificate_key {key};
    location / {{ default_type text/plain; return 200 "hello\\n"; }}
  }}
}}
""")
    nginx = Process(["nginx", "-c", config, "-e", lab.path("nginx-error.log")],
                    log=lab.path("nginx.out"), ns=link.server)
    wait_until("nginx", lambda: run(["curl", "-sS", "-o", "/dev/null", f"http://{SERVER4}/"],
                                    ns=link.client, check=False).returncode == 0)
    return nginx


def traffic(lab, link):
    """Real clients, several versions of TLS, requests on kept connections, both families."""
    ca = lab.authority.ca

    def curl(*args):
        run(["curl", "-sS", "--noproxy", "*", "--cacert", ca, "-o", "/dev/null", *args], ns=link.client)

    def at(name, address, port):
        return ["--resolve", f"{name}:{port}:{address}"]

    for address in (SERVER4, f"[{SERVER6}]"):
        for name in NAMES:
            curl(*at(name, address, 443), f"https://{name}/")
        curl("--tls-max", "1.2", *at(NAMES[0], address, 443), f"https://{NAMES[0]}/")
        curl(*at(NAMES[0], address, 80), *at(NAMES[1], address, 80), f"http://{NAMES[0]}/one",
             "-o", "/dev/null", f"http://{NAMES[0]}/two")
        curl("-H", f"Host: {NAMES[0]}", f"http://{address}/one", "--next", "-sS", "-o", "/dev/null",
             "-H", f"Host: {NAMES[1]}", f"http://{address}/two")
        curl("--data", "x" * 5000, *at(NAMES[3], address, 80), f"http://{NAMES[3]}/form")
        curl("-H", "Transfer-Encoding: chunked", "--data", "y" * 3000, *at(NAMES[2], address, 80),
             f"http://{NAMES[2]}/chunks")
        run(["openssl", "s_client", "-connect", f"{address}:443", "-servername", "www.wild.example",
             "-CAfile", ca], ns=link.client, data="")
        run(["openssl", "s_client", "-connect", f"{address}:443", "-noservername", "-CAfile", ca],
            ns=link.client, data="", check=False)
        run(["gnutls-cli", "--sni-hostname", "denied.example", "--no-ca-verification", "-p", "443",
             address.strip("[]")], ns=link.client, data="", check=False)


def recorded(lab):
    """The capture of the traffic, made once in each scenario."""
    with PlainLink(lab.wire.prefix) as link:
        nginx = servers(lab, link)
        with Capture(lab, link.client, "p0") as capture:
            traffic(lab, link)
            capture.stop()
        nginx.stop()
    return capture.path


def policy(lab, text=POLICY):
    with open(lab.path("policy.yaml"), "w") as f:
        f.write(text)
    return lab.path("policy.yaml")


def replay(lab, capture, *args, text=POLICY, code=0):
    done = run([lab.sallyctl, "replay", capture, "--config", policy(lab, text), "-o", "ndjson", *args],
               check=False)
    equal("exit code", (done.returncode, done.stderr if done.returncode != code else ""), (code, ""))
    return [json.loads(line) for line in done.stdout.splitlines()]


def tshark(capture):
    """What tshark says: client -> (server, protocol, names)."""
    fields = ["tcp.stream", "ip.src", "ipv6.src", "tcp.srcport", "ip.dst", "ipv6.dst", "tcp.dstport",
              "tls.handshake.extensions_server_name", "http.host", "tls.handshake.type"]
    options = [o for f in fields for o in ("-e", f)]
    # With a body of chunks in segments of one octet tshark never comes to tell of the head.
    lines = run(["tshark", "-n", "-r", capture, "-o", "tcp.reassemble_out_of_order:TRUE",
                 "-o", "http.desegment_body:FALSE",
                 "-Y", "tls.handshake.type == 1 or http.request", "-T", "fields",
                 "-E", "occurrence=a", "-E", "aggregator=,", *options], seconds=120).stdout.splitlines()
    sessions = {}
    for line in lines:
        _, src4, src6, sport, dst4, dst6, dport, sni, host, hello = line.split("\t")
        client, server = end_text(src4 or src6, sport), end_text(dst4 or dst6, dport)
        protocol = "tls" if hello else "http"
        known = sessions.setdefault(client, (server, protocol, []))
        known[2].extend(n for n in (sni or host).split(",") if n)
    return sessions


def end_text(address, port):
    return f"[{address}]:{port}" if ":" in address else f"{address}:{port}"


def as_tshark(records):
    """The same of our records."""
    out = {}
    for r in records:
        names = [q["host"] for q in r["requests"]] if r["protocol"] == "http" else [r["name"]]
        out[r["client"]] = (r["server"], r["protocol"], [n for n in names if n])
    return out


EXPECTED = {"allowed.example": ("allow", "-", "web"), "www.wild.example": ("allow", "-", "web"),
            "denied.example": ("deny", None, "default-deny"),
            "audited.example": ("would_deny", None, "watched")}


def check_verdicts(records):
    for r in records:
        hosts = [q["host"] for q in r.get("requests", [])] or [r["name"]]
        order = ("deny", "would_deny", "allow")
        if r["name"]:
            want = min((EXPECTED[h][0] for h in hosts), key=order.index)
            equal(f"verdict of {r}", r["verdict"], want)
        else:
            equal(f"a hello without a name: {r}", (r["verdict"], r["reason"]), ("deny", "no_sni"))
        for q in r.get("requests", []):
            equal(f"request {q}", (q["verdict"], q["rule"]), EXPECTED[q["host"]][::2])
        equal("binding", r["binding"], "-" if r["verdict"] == "deny" else "not_checked")


@scenario
def replay_agrees_with_tshark(lab):
    """Real clients over both families; the sessions, names and protocols are those of tshark."""
    capture = recorded(lab)
    records = replay(lab, capture)
    oracle = tshark(capture)
    assert len(oracle) >= 20, oracle
    equal("sessions", as_tshark(records), oracle)
    equal("order", [r["packet"] for r in records], sorted(r["packet"] for r in records))
    equal("reasons", {r["reason"] for r in records},
          {"-", "no_sni", "sni_not_allowed", "host_not_allowed"})
    check_verdicts(records)
    for family in (CLIENT4, CLIENT6):
        assert any(family in r["client"] for r in records), f"no session of {family}"


@scenario
def replay_reads_every_form_of_the_same_traffic(lab):
    """Links, cuts and orders; where tshark can read the form, it is asked again."""
    frames = forms.read(recorded(lab))
    plain = forms.write(lab.path("plain.pcap"), frames)
    records = replay(lab, plain)
    want = as_tshark(records)
    links = {
        "vlan": (forms.vlan(frames, 7), forms.ETHERNET),
        "qinq": (forms.vlan(frames, 7, 8), forms.ETHERNET),
        "raw": (forms.raw(frames), forms.RAW),
        "sll": (forms.sll(frames), forms.SLL),
        "sll2": (forms.sll2(frames), forms.SLL2),
        "fragments": (forms.fragments(frames), forms.ETHERNET),
        "extended": (forms.extended(frames), forms.ETHERNET),
        "octets": (forms.segments(frames, 1), forms.ETHERNET),
    }
    orders = {
        "overlapping": forms.overlapping(frames),
        "reversed": forms.reversed_order(frames),
        "octets-reversed": forms.reversed_order(forms.segments(frames, 1)),
        "fragments-shuffled": forms.shuffled(forms.fragments(frames), 1),
        **{f"shuffled-{seed}": forms.shuffled(forms.segments(frames, 100), seed) for seed in range(5)},
        "one-way": forms.one_way(frames, 443) + forms.one_way(frames, 80),
    }
    for name, (changed, link) in links.items():
        path = forms.write(lab.path(f"{name}.pcap"), changed, link)
        equal(name, as_tshark(replay(lab, path)), want)
        equal(f"tshark on {name}", tshark(path), want)
    for name, changed in orders.items():
        path = forms.write(lab.path(f"{name}.pcap"), changed)
        got = replay(lab, path)
        equal(name, as_tshark(got), want)
        check_verdicts(got)
    for interfaces in (1, 3):
        path = forms.write_pcapng(lab.path(f"{interfaces}.pcapng"), frames, interfaces=interfaces)
        equal(f"pcapng of {interfaces} interfaces", replay(lab, path), records)


@scenario
def replay_tells_what_a_capture_lacks(lab):
    """No SYN, cut packets, a missing segment, a file that ends early, a file of another kind."""
    frames = forms.read(recorded(lab))
    flow = forms.one_way(frames, 443)
    port = flow[0][1][34:36] if flow[0][1][12:14] == b"\x08\x00" else flow[0][1][54:56]
    one = [(t, f) for t, f in flow if port in (f[34:36], f[54:56])]
    late = replay(lab, forms.write(lab.path("late.pcap"), one[2:]))
    equal("no SYN", [(r["verdict"], r["reason"], r["notes"]) for r in late],
          [("deny", "no_session", ["mid_stream"])])
    short = replay(lab, forms.write(lab.path("short.pcap"), [(t, f[:120]) for t, f in one]))
    equal("cut packets", [(r["verdict"], "capture_gap" in r["notes"]) for r in short], [("deny", True)])
    with open(lab.path("late.pcap"), "rb") as f:
        data = f.read()
    with open(lab.path("ends.pcap"), "wb") as f:
        f.write(data[:-5])
    ends = run([lab.sallyctl, "replay", lab.path("ends.pcap"), "-c", policy(lab), "-o", "ndjson"],
               check=False)
    equal("a file that ends early", (ends.returncode, len(ends.stdout.splitlines())), (5, 1))
    done = run([lab.sallyctl, "replay", policy(lab), "--config", policy(lab)], check=False)
    equal("no capture", done.returncode, 5)
    assert "pcap" in done.stderr, done.stderr


@scenario
def replay_checks_the_binding_when_answers_are_given(lab):
    """An address of the name is verified; another is redirected, or denied where the rule says so."""
    capture = recorded(lab)

    def bindings(answers, text=POLICY):
        with open(lab.path("answers"), "w") as f:
            f.write(answers)
        records = replay(lab, capture, "--answers", lab.path("answers"), text=text)
        return {(r["verdict"], r["reason"], r["binding"], r.get("redirected_to"))
                for r in records if r["name"] == "allowed.example" and SERVER4 in r["server"]
                and r["protocol"] == "tls"}

    equal("verified", bindings(f"allowed.example {SERVER4} 198.51.100.81\n"),
          {("allow", "-", "verified", None)})
    equal("hosts order", bindings(f"{SERVER4} other.example allowed.example # both\n"),
          {("allow", "-", "verified", None)})
    equal("redirect", bindings("allowed.example 198.51.100.81\n"),
          {("allow", "-", "mismatch", "198.51.100.81")})
    equal("no answer", bindings("other.example 198.51.100.81\n"), {("allow", "-", "not_checked", None)})
    strict = POLICY.replace("{name: web,", "{name: web, on_mismatch: deny,")
    equal("deny", bindings("allowed.example 198.51.100.81\n", strict),
          {("deny", "dst_mismatch", "mismatch", None)})
    equal("private", bindings("allowed.example 10.0.0.1\n"), {("deny", "dns_failed", "mismatch", None)})
