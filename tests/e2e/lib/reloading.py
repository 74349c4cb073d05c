# SPDX-License-Identifier: Apache-2.0
"""Two policies that must never mix, and clients that notice when a reload costs them anything."""
import os

from .gate import config
from .http_origins import HttpNginx
from .netns import server
from .origin import BulkOrigin, Nginx
from .process import Process, run

RELOADS = 1000
# Both policies allow allowed.example; of the two others, each allows the one that the other does not.
SITES = {"first.example": server(11), "second.example": server(12)}


def two_policies(lab):
    def policy(mark, own):
        return config(lab, rules=[
            f"{{name: web-{mark}, hosts: [allowed.example], protocols: [tls/443]}}",
            f"{{name: plain-{mark}, hosts: [allowed.example], protocols: [http/80]}}",
            f"{{name: own-{mark}, hosts: [{own}], protocols: [tls/443]}}"])
    return policy("a", "first.example"), policy("b", "second.example")


def check_rules(entries):
    """A verdict that took one thing from either policy would show as one of these."""
    for entry in entries:
        name, rule = entry["sni"] if entry["sni"] != "-" else entry["authority"], entry["route"]
        allowed = {"allowed.example": {"web-a", "web-b", "plain-a", "plain-b"},
                   "first.example": {"own-a", "default-deny"}, "second.example": {"own-b", "default-deny"}}
        assert rule in allowed[name], f"{name} was judged by {rule}: {entry}"
        denied = entry["flags"] == "NR"
        assert denied == (rule == "default-deny"), f"{name}: {entry}"


class Load:
    """New TLS connections without a pause, one long download, and kept connections of plain HTTP."""

    def __init__(self, lab):
        self.lab = lab

    def __enter__(self):
        Nginx(self.lab, SITES)
        HttpNginx(self.lab, {"allowed.example": server(10)})
        BulkOrigin(self.lab, "allowed.example", server(10))
        return self

    def __exit__(self, *_):
        pass

    def _client(self, *arguments):
        script = os.path.join(os.path.dirname(__file__), "reload_clients.py")
        return Process(["/usr/bin/python3", script, self.lab.authority.ca, *arguments],
                       log=self.lab.path(f"clients-{arguments[0]}.log"), ns=self.lab.wire.client)

    def start(self):
        self.clients = {kind: self._client(kind, server(10), *SITES.values())
                        for kind in ("new", "long", "kept", "either")}
        for client in self.clients.values():
            client.wait_for_text("running", 20)

    def stop(self):
        for client in self.clients.values():
            client.popen.terminate()
        for client in self.clients.values():
            client.wait(30)

    def check(self):
        """No client met a failure, and each did something."""
        for kind, client in self.clients.items():
            last = client.text().strip().splitlines()[-1]
            assert last.startswith("done: ") and int(last.split()[1]) > 0, f"{kind}: {client.text()[-800:]}"
            assert last.endswith(" 0 failed"), f"{kind}: {client.text()[-800:]}"

    def summary(self):
        return ", ".join(f"{kind} {client.text().strip().splitlines()[-1].split()[1]}"
                         for kind, client in self.clients.items())
