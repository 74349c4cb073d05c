# SPDX-License-Identifier: Apache-2.0
"""Applications at the other end of the connections of conformance rows: they answer an upgrade and then
do as they are told, or they call."""
import contextlib
import socket
import struct
import threading

from .families import family_of

NAME, PORT = "allowed.example", 80
REQUEST = (f"GET / HTTP/1.1\r\nHost: {NAME}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
           "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n").encode()
SWITCHED = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n"


class Application:
    """The other end of one connection: takes the upgrade, then does as it is told."""

    def __init__(self, sock):
        self.sock, self.received, self.end = sock, b"", "open"
        self.may_read = threading.Event()
        self.may_read.set()
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self):
        head = b""
        try:
            while not head.endswith(b"\r\n\r\n"):
                if not (octet := self.sock.recv(1)):
                    self.end = "fin"
                    return
                head += octet
            self.sock.sendall(SWITCHED)
            while True:
                self.may_read.wait()
                if not (data := self.sock.recv(4096)):
                    self.end = "fin"
                    return
                self.received += data
        except OSError as error:
            self.end = "reset" if isinstance(error, ConnectionResetError) else self.end

    def write(self, octets):
        threading.Thread(target=self._write, args=(octets,), daemon=True).start()

    def _write(self, octets):
        with contextlib.suppress(OSError):
            self.sock.sendall(bytes(octets))

    def act(self, verb, argument):
        with contextlib.suppress(OSError):
            if verb == "write":
                self.write(int(argument))
            elif verb == "shut":
                self.sock.shutdown(socket.SHUT_WR)
            elif verb == "close":
                self.sock.shutdown(socket.SHUT_RDWR)
                self.sock.close()
            elif verb == "abort":
                self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                self.sock.shutdown(socket.SHUT_RD)
                self.sock.close()
            elif verb == "stop":
                self.may_read.clear()
            elif verb == "go":
                self.may_read.set()
            else:
                raise AssertionError(f"unknown step {verb!r}")


class Origin:
    """Accepts on every server address; which row a connection belongs to, its address says."""

    def __init__(self, ns, family):
        self.of = {}
        with ns.inside():
            self._listener = socket.socket(family.kind, socket.SOCK_STREAM)
        self._listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._listener.bind((family.every, PORT))
        self._listener.listen(512)
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            try:
                sock, _ = self._listener.accept()
            except OSError:
                return
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.of[sock.getsockname()[0]] = Application(sock)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for application in self.of.values():
            application.may_read.set()
            application.act("abort", "")


class Callers:
    """Applications in a namespace that connect and ask, whatever becomes of it."""

    def __init__(self, ns):
        self.ns, self.of, self._sockets = ns, {}, []

    def call(self, address):
        with self.ns.inside():
            sock = socket.socket(family_of(address), socket.SOCK_STREAM)
        self._sockets.append(sock)
        threading.Thread(target=self._ask, args=(sock, address), daemon=True).start()

    @staticmethod
    def _ask(sock, address):
        with contextlib.suppress(OSError):
            sock.connect((address, PORT))
            sock.sendall(REQUEST)
            while sock.recv(4096):
                pass

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for sock in self._sockets:
            with contextlib.suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)
            sock.close()
