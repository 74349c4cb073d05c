# SPDX-License-Identifier: Apache-2.0
"""Servers in the internet namespace: nginx, a byte-counting TLS origin, and sinks that misbehave."""
import os
import socket
import struct
import threading

from . import hello
from .families import PLAYED, bracketed, family_of
from .process import Process
from .waiting import wait_until


class Nginx:
    """TLS sites, each on its own address; the access log says who asked for what."""

    label, log_format = "nginx", '$remote_addr:$remote_port $ssl_server_name "$request" $status $body_bytes_sent'

    def __init__(self, lab, sites, port=443):
        self.lab, self.port = lab, port
        self.log = lab.path(f"{self.label}-access.log")
        errors = lab.path(f"{self.label}-error.log")
        root = lab.path("www")
        os.makedirs(root, exist_ok=True)
        blocks = "\n".join(self._site(root, name, address) for name, address in sites.items())
        config = lab.path(f"{self.label}.conf")
        with open(config, "w") as f:
            f.write(f"""
daemon off; master_process off; user root; pid {lab.path(self.label + '.pid')};
error_log {errors} info; worker_rlimit_nofile 20000;
events {{ worker_connections 16384; }}
http {{
  log_format origin '{self.log_format}';
  access_log {self.log} origin;
  ssl_protocols TLSv1.2 TLSv1.3;
  client_body_temp_path {lab.path('tmp-body')}; proxy_temp_path {lab.path('tmp-proxy')};
  fastcgi_temp_path {lab.path('tmp-fcgi')}; uwsgi_temp_path {lab.path('tmp-uwsgi')};
  scgi_temp_path {lab.path('tmp-scgi')};
{blocks}
}}
""")
        self.process = Process(["nginx", "-c", config, "-e", errors],
                               log=lab.path(f"{self.label}.out"), ns=lab.wire.internet)
        for address in sites.values():
            wait_for_listener(lab.wire.internet, address, port)

    def _site(self, root, name, address):
        certificate, key = self.lab.authority.certificate(name)
        return f"""
  server {{
    listen {bracketed(address)}:{self.port} ssl; server_name {name};
    ssl_certificate {certificate}; ssl_certificate_key {key};
    location / {{ default_type text/plain; return 200 "hello from {name}\\n"; }}
  }}"""

    def requests(self):
        """Log lines so far, as written by the origin."""
        if not os.path.exists(self.log):
            return []
        with open(self.log) as f:
            return f.read().splitlines()


class BulkOrigin:
    """A TLS server of its own process: GET /bytes/N, PUT (answers the SHA-256 of the body)."""

    def __init__(self, lab, name, address, port=443, extra=()):
        certificate, key = lab.authority.certificate(name)
        self.process = Process(
            ["/usr/bin/python3", os.path.join(os.path.dirname(__file__), "bulk_origin.py"), address,
             port, certificate, key, *extra], log=lab.path(f"bulk-{address}-{port}.log"),
            ns=lab.wire.internet)
        self.process.wait_for_text("listening")

    def log(self):
        return self.process.text().splitlines()


class OpensslServer:
    """openssl s_server, for TLS options that other servers do not offer."""

    def __init__(self, lab, name, address, port=443, extra=()):
        certificate, key = lab.authority.certificate(name)
        self.process = Process(
            ["openssl", "s_server", "-accept", f"{bracketed(address)}:{port}", "-cert", certificate, "-key", key,
             "-www", *extra], log=lab.path(f"s_server-{address}-{port}.log"), ns=lab.wire.internet)
        self.process.wait_for_text("ACCEPT")


class SinkConnection:
    """One accepted connection: what came in, and how it ended."""

    def __init__(self, sock, local, peer):
        self.sock, self.local, self.peer = sock, local, peer
        self.received = b""
        self.end = None  # "fin", "reset" or None while open


class Sink:
    """Accepts on every server address, records each octet, and answers a complete ClientHello.

    `answer` is called once the first record is complete; the default sends a ServerHello. A test
    that needs another behaviour passes its own answer(connection), and is_complete(octets) for
    another protocol. `every`: the address that stands for all of a family.
    """

    def __init__(self, lab, port=443, answer=None, close_after_answer=False, is_complete=hello.is_complete, every=PLAYED.every):
        self.connections = []
        self._is_complete = is_complete
        self._answer = answer or (lambda c: c.sock.sendall(hello.SERVER_HELLO))
        self._close_after_answer = close_after_answer
        with lab.wire.internet.inside():
            self._listener = socket.socket(family_of(every), socket.SOCK_STREAM)
        self._listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._listener.bind((every, port))
        self._listener.listen(512)
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            try:
                sock, peer = self._listener.accept()
            except OSError:
                return
            connection = SinkConnection(sock, sock.getsockname()[0], peer)
            self.connections.append(connection)
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, c):
        answered = False
        try:
            while data := c.sock.recv(65536):
                c.received += data
                if not answered and self._is_complete(c.received):
                    answered = True
                    self._answer(c)
                    if self._close_after_answer:
                        break
            c.end = "fin"
        except OSError:
            c.end = "reset"
        finally:
            c.sock.close()

    def of(self, address):
        return [c for c in list(self.connections) if c.local == address]

    def wait_for(self, address, octets, seconds=5):
        """Waits until a connection to `address` has delivered exactly `octets`."""
        def delivered():
            return any(c.received == octets for c in self.of(address))
        wait_until(f"{len(octets)} octets at {address}, have "
                   f"{[len(c.received) for c in self.of(address)]}", delivered, seconds)

    def close_listener(self):
        # shutdown() wakes the accepting thread; close() alone would leave it in accept().
        if self._listener.fileno() >= 0:
            self._listener.shutdown(socket.SHUT_RDWR)
            self._listener.close()

    def close(self):
        self.close_listener()
        for c in self.connections:
            try:
                c.sock.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass  # It has ended already.

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


def reset(connection):
    """Closes with RST instead of FIN."""
    connection.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.sock.close()


def wait_for_listener(ns, address, port, seconds=5):
    def listening():
        with ns.inside(), socket.socket(family_of(address), socket.SOCK_STREAM) as s:
            s.settimeout(1)
            return s.connect_ex((address, port)) == 0
    wait_until(f"a listener on {address}:{port}", listening, seconds)


