# SPDX-License-Identifier: Apache-2.0
"""HTTP servers in the internet namespace, each with a configuration of its own for the tests.

All of them answer any path for any Host. What they log is how they read a request; the octets
themselves are in the capture of the outside link (streams.py).
"""
import os

from .families import bracketed
from .origin import Nginx, Sink, wait_for_listener
from .process import Process
from .waiting import wait_until

HTTP_PORT = 80


class _Logged:
    """A server whose log, or whose standard output, has one line for each request."""

    log = None  # a file; None: what the process prints

    def requests(self):
        """Lines about requests so far, as the server wrote them."""
        if self.log is None:
            text = self.process.text()
        else:
            with open(self.log) as f:
                text = f.read()
        return [line for line in text.splitlines() if " HTTP/" in line]

    def wait_requests(self, count, seconds=5):
        """Waits for exactly so many lines; a server writes its log after its answer."""
        wait_until(f"{count} requests at {type(self).__name__}, has {self.requests()[-5:]}",
                   lambda: len(self.requests()) == count, seconds)


class HttpNginx(_Logged, Nginx):
    """GET of a file below /files/, PUT to /put/NAME; any other path says hello."""

    label = "nginx-http"
    log_format = '$remote_addr:$remote_port "$http_host" "$request" $status $body_bytes_sent $connection_requests'

    def __init__(self, lab, sites, port=HTTP_PORT):
        super().__init__(lab, sites, port)

    def _site(self, root, name, address):
        self.root, self.uploads = root, os.path.join(root, "put")
        os.makedirs(self.uploads, exist_ok=True)
        return f"""
  server {{
    listen {bracketed(address)}:{self.port} backlog=4096; server_name {name}; default_type text/plain;
    client_max_body_size 0; keepalive_timeout 300s; root {root};
    location / {{ return 200 "hello from {name}\\n"; }}
    location /files/ {{ }}
    location /put/ {{ dav_methods PUT; }}
  }}"""

    def file(self, name):
        """Where the file of /files/NAME is."""
        os.makedirs(os.path.join(self.root, "files"), exist_ok=True)
        return os.path.join(self.root, "files", name)


class HttpApache(_Logged):
    def __init__(self, lab, address, port=HTTP_PORT):
        self.log = lab.path("apache-access.log")
        page = lab.path("apache.html")
        with open(page, "w") as f:
            f.write("hello from apache\n")
        config = lab.path("apache.conf")
        os.chmod(lab.directory, 0o711)  # Apache does not serve as root, so its user must get there.
        with open(config, "w") as f:
            f.write(f"""
ServerRoot {lab.directory}
ServerName origin
Listen {bracketed(address)}:{port}
PidFile {lab.path('apache.pid')}
User nobody
Group nogroup
LoadModule mpm_event_module /usr/lib/apache2/modules/mod_mpm_event.so
LoadModule authz_core_module /usr/lib/apache2/modules/mod_authz_core.so
LoadModule alias_module /usr/lib/apache2/modules/mod_alias.so
ErrorLog {lab.path('apache-error.log')}
LogFormat "%a:%{{remote}}p \\"%{{Host}}i\\" \\"%r\\" %>s %B" origin
CustomLog {self.log} origin
AliasMatch ^/.* {page}
""")
        self.process = Process(["apache2", "-X", "-f", config], log=lab.path("apache.out"), ns=lab.wire.internet)
        wait_for_listener(lab.wire.internet, address, port)


class HttpNode(_Logged):
    def __init__(self, lab, address, port=HTTP_PORT):
        script = os.path.join(os.path.dirname(__file__), "http_origin.js")
        self.process = Process(["node", script, address, port], log=lab.path("node.log"), ns=lab.wire.internet)
        self.process.wait_for_text("listening")


class HttpPython(_Logged):
    """See http_origin.py for its paths."""

    def __init__(self, lab, address, port=HTTP_PORT):
        script = os.path.join(os.path.dirname(__file__), "http_origin.py")
        self.process = Process(["/usr/bin/python3", script, address, port],
                               log=lab.path(f"python-{address}-{port}.log"), ns=lab.wire.internet)
        self.process.wait_for_text("listening")


class HttpHaproxy(_Logged):
    """In front of a server on the loopback, as it stands in front of most."""

    def __init__(self, lab, address, port=HTTP_PORT):
        self.behind = HttpPython(lab, "127.0.0.1", 8080)
        config = lab.path("haproxy.conf")
        with open(config, "w") as f:
            f.write(f"""
global
    log stdout format raw local0 info
    maxconn 4096
defaults
    mode http
    log global
    log-format "%ci:%cp %{{+Q}}r %ST"
    timeout connect 5s
    timeout client 30s
    timeout server 30s
frontend origin
    bind {address}:{port}
    default_backend behind
backend behind
    server one 127.0.0.1:8080
""")
        self.process = Process(["haproxy", "-db", "-f", config], log=lab.path("haproxy.log"), ns=lab.wire.internet)
        wait_for_listener(lab.wire.internet, address, port)


class WebsocketEcho:
    """Websockets on any path, answered message by message."""

    def __init__(self, lab, address, port=HTTP_PORT):
        script = os.path.join(os.path.dirname(__file__), "websocket_peer.py")
        self.process = Process(["/usr/bin/python3", script, "serve", address, port],
                               log=lab.path("websocket.log"), ns=lab.wire.internet)
        self.process.wait_for_text("listening")


class ScriptedOrigin(Sink):
    """Plays script(connection) on each connection it accepts, and records each octet that arrives.

    A script reads with until() or octets() and writes with connection.sock.sendall(). What comes after
    it has returned is recorded as well, unless it closed the socket.
    """

    def __init__(self, lab, script, port=HTTP_PORT):
        self._script = script
        super().__init__(lab, port)

    def _serve(self, c):
        try:
            self._script(c)
            while c.sock.fileno() >= 0 and more(c):
                pass
            c.end = c.end or "fin"
        except OSError:
            c.end = "reset"
        finally:
            c.sock.close()


def more(connection):
    """Waits for some octets and records them; b"" when the peer has closed."""
    data = connection.sock.recv(65536)
    connection.received += data
    return data


def until(connection, mark, count=1):
    """Reads on until the mark has come so often; returns everything so far."""
    while connection.received.count(mark) < count and more(connection):
        pass
    return connection.received


def head(connection, count=1):
    return until(connection, b"\r\n\r\n", count)


def answer(body, *fields, status="200 OK"):
    """A response with Content-Length."""
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *fields]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


SERVERS = {"nginx": lambda lab, address: HttpNginx(lab, {"nginx": address}), "haproxy": HttpHaproxy,
           "apache": HttpApache, "node": HttpNode, "python": HttpPython}
