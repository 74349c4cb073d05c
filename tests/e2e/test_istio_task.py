# SPDX-License-Identifier: Apache-2.0
"""Istio's egress task with the gate in the place of the egress gateway: the objects as files, a DNS
server that knows edition.cnn.com, and the access log beside the lines that the task shows."""
import os
import re
import shutil

from lib.dns import Dnsmasq, resolver
from lib.gate import Gate, config, parse_line
from lib.http_origins import HttpNginx
from lib.lab import ROOT
from lib.netns import server
from lib.origin import Nginx
from lib.scenario import Skip, equal, scenario

NAME, ADDRESS = "edition.cnn.com", server(10)
NOWHERE = server(77)  # what the clients think: the gate resolves the name itself
TASK = os.path.join(os.path.dirname(ROOT), "shared", "istio-task")
ISTIO_ROUTE, API_ROUTE = "default.direct-cnn-through-egress-gateway.1", "default.forward-cnn-from-egress-gateway.0"

# The essential objects in words of our own, where the task's are not at hand.
OWN = f"""apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: {{name: cnn}}
spec:
  hosts: [{NAME}]
  ports: [{{number: 80, name: http, protocol: HTTP}}, {{number: 443, name: tls, protocol: TLS}}]
  resolution: DNS
---
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {{name: egress}}
spec:
  selector: {{istio: egressgateway}}
  servers:
  - {{port: {{number: 80, name: http, protocol: HTTP}}, hosts: [{NAME}]}}
  - {{port: {{number: 443, name: tls, protocol: TLS}}, hosts: [{NAME}], tls: {{mode: PASSTHROUGH}}}}
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {{name: cnn}}
spec:
  hosts: [{NAME}]
  gateways: [egress]
  http: [{{route: [{{destination: {{host: {NAME}, port: {{number: 80}}}}}}]}}]
  tls:
  - match: [{{sniHosts: [{NAME}]}}]
    route: [{{destination: {{host: {NAME}, port: {{number: 443}}}}}}]
"""


class Task:
    """A gate whose configuration is a directory: the native document, and objects beside it."""

    def __init__(self, lab, *files, text=None):
        self.lab, self.directory = lab, lab.path("configuration-" + "-".join(f[:2] for f in files))
        os.makedirs(self.directory)
        native = config(lab, rules=(), extra=resolver()).replace("  rules:\n", "")
        self.gate = Gate(lab, text=native)
        os.rename(self.gate.file, os.path.join(self.directory, "00-native.yaml"))
        self.gate.file = self.directory
        self.objects = []
        for name in files:
            shutil.copy(os.path.join(TASK, name), self.directory)
            self.objects.append(os.path.join(self.directory, name))
        if text:
            self.objects.append(os.path.join(self.directory, "50-own.yaml"))
            with open(self.objects[-1], "w") as f:
                f.write(text)

    def clean_up(self):
        """What the task's last step does: the objects go, and the running gate follows."""
        for path in self.objects:
            os.remove(path)
        self.gate.sallyctl("config", "apply", self.directory)
        equal("objects in force", self.gate.get("/v1/objects")["objects"], [])


def task_files(*numbers):
    if not os.path.isdir(TASK):
        raise Skip(f"the files of the task are not at {TASK}")
    return [next(f for f in sorted(os.listdir(TASK)) if f.startswith(number)) for number in numbers]


def samples():
    """The lines of the task in the present format, by protocol."""
    with open(os.path.join(TASK, "access-log-samples.txt")) as f:
        present = [parse_line(line) for line in f.read().splitlines() if line.startswith("[2024-")]
    return {"http": present[0], "tls": present[1]}


def origins(lab):
    sites = {NAME: ADDRESS, "www.example.com": server(11)}
    return HttpNginx(lab, sites), Nginx(lab, sites)


def dns(lab):
    return Dnsmasq(lab, {NAME: [ADDRESS], "www.example.com": [server(11)]})


def passes(lab, scheme, name=NAME):
    done = lab.curl(f"{scheme}://{name}/politics", server=NOWHERE)
    return (done.returncode, done.stdout) == (0, f"hello from {name}\n")


def check_open(lab, http, https):
    """What passes, and that nothing else does."""
    equal("http", passes(lab, "http"), http)
    equal("https", passes(lab, "https"), https)
    for scheme in ("http", "https"):
        equal(f"{scheme} to another name", passes(lab, scheme, "www.example.com"), False)


def shape(value):
    """A value as a pattern: what differs from run to run is only its kind."""
    value = re.sub(r"^\d{1,3}(\.\d{1,3}){3}(:\d+)?$", lambda m: "ADDRESS:PORT" if m[2] else "ADDRESS", value)
    value = re.sub(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$", "TIME", value)
    return re.sub(r"^\d+$", "NUMBER", value)


def check_line(entry, sample, **differences):
    """Field by field: the same word, or the same kind of value; what is to differ is said."""
    for field, said in sample.items():
        if field in differences:
            equal(field, entry[field], differences[field])
        else:
            equal(field, shape(entry[field]), shape(said))


def check_http_line(gate, route):
    entry = gate.wait_entry(request="GET /politics HTTP/1.1", code="200")
    equal("server", entry["upstream_host"], f"{ADDRESS}:80")
    assert entry["user_agent"].startswith("curl/"), entry
    # An id is given to requests that the gate answers itself.
    check_line(entry, samples()["http"], user_agent=entry["user_agent"], request_id="-", route=route)


def check_tls_line(gate, route):
    entry = gate.wait_entry(sni=NAME, flags="-")
    equal("server", entry["upstream_host"], f"{ADDRESS}:443")
    # Istio has no route for TLS that passes through; this gate says which rule it was.
    check_line(entry, samples()["tls"], route=route)


def run_set(lab, numbers, http, route):
    task = Task(lab, *task_files(*numbers))
    with dns(lab) as names, task.gate as gate:
        check_open(lab, http, not http)
        (check_http_line if http else check_tls_line)(gate, route)
        equal("names that were asked for", set(names.questions()), {NAME})
        objects = {(o["kind"], o["name"]): o for o in gate.get("/v1/objects")["objects"]}
        equal("NetworkPolicy", objects["NetworkPolicy", "allow-egress-to-istio-system-and-kube-dns"]
              ["conditions"][0]["reason"], "NotOurs")
        task.clean_up()
        check_open(lab, False, False)


@scenario
def objects_of_istio_open_http(lab):
    origins(lab)
    run_set(lab, ("01", "02", "03", "08"), True, ISTIO_ROUTE)


@scenario
def objects_of_the_gateway_api_open_http(lab):
    origins(lab)
    run_set(lab, ("01", "04", "09"), True, API_ROUTE)


@scenario
def objects_of_istio_open_tls(lab):
    origins(lab)
    run_set(lab, ("05", "06", "09"), False, ISTIO_ROUTE)


@scenario
def objects_of_the_gateway_api_open_tls(lab):
    origins(lab)
    run_set(lab, ("05", "07", "08"), False, API_ROUTE)


@scenario
def objects_of_our_own_open_both_and_close_again(lab):
    http, tls = origins(lab)
    task = Task(lab, text=OWN)
    with dns(lab), task.gate as gate:
        check_open(lab, True, True)
        for port, entry in ((80, gate.wait_entry(code="200")), (443, gate.wait_entry(sni=NAME, flags="-"))):
            equal("cluster", entry["upstream_cluster"], f"outbound|{port}||{NAME}")
            equal("server", entry["upstream_host"], f"{ADDRESS}:{port}")
        task.clean_up()
        check_open(lab, False, False)
    equal("requests at the servers", (len(http.requests()), len(tls.requests())), (1, 1))
