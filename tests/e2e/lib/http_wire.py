# SPDX-License-Identifier: Apache-2.0
"""A client that writes the octets a test gives it, and reads responses as RFC 9112 frames them."""
import dataclasses
import socket
import struct
import time

from .families import family_of


@dataclasses.dataclass
class Response:
    status: int
    head: str
    body: bytes

    def field(self, name):
        """The value of a header field, or None."""
        for line in self.head.split("\r\n")[1:]:
            key, _, value = line.partition(":")
            if key.lower() == name.lower():
                return value.strip()
        return None


class HttpConnection:
    """One TCP connection from a namespace. Every read ends at `seconds` with TimeoutError."""

    def __init__(self, ns, address, port=80, seconds=5, source=None):
        with ns.inside():
            self.sock = socket.socket(family_of(address), socket.SOCK_STREAM)
        if source:
            self.sock.bind((source, 0))
        self.seconds = seconds
        self.sock.settimeout(seconds)
        self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.sock.connect((address, port))
        self.port = self.sock.getsockname()[1]
        self.buffer = b""
        self.ended = None  # "fin" or "reset" once the peer has ended it

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.sock.close()

    def reset(self):
        """Closes with RST instead of FIN."""
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.sock.close()

    def send(self, octets):
        """A peer that has closed takes nothing more; the reader will find that."""
        try:
            self.sock.sendall(octets)
        except (ConnectionResetError, BrokenPipeError):
            pass

    def fill(self):
        try:
            data = self.sock.recv(1 << 16)
            self.ended = self.ended if data else "fin"
        except ConnectionResetError:
            data, self.ended = b"", "reset"
        self.buffer += data
        return bool(data)

    def until(self, mark):
        while mark not in self.buffer:
            if not self.fill():
                raise ConnectionError(f"{self.ended} after {self.buffer[-200:]!r}")
        octets, _, self.buffer = self.buffer.partition(mark)
        return octets + mark

    def exactly(self, count):
        while len(self.buffer) < count:
            if not self.fill():
                raise ConnectionError(f"{self.ended} after {len(self.buffer)} of {count} octets")
        octets, self.buffer = self.buffer[:count], self.buffer[count:]
        return octets

    def response(self, to_head=False):
        """The next response; interim ones are responses too."""
        head = self.until(b"\r\n\r\n").decode("latin-1")
        found = Response(int(head.split(" ", 2)[1]), head, b"")
        if to_head or found.status < 200 or found.status in (204, 304):
            return found
        if (found.field("Transfer-Encoding") or "").lower() == "chunked":
            found.body = self._chunks()
        elif found.field("Content-Length") is not None:
            found.body = self.exactly(int(found.field("Content-Length")))
        else:
            found.body = self.rest()
        return found

    def _chunks(self):
        body = b""
        while length := int(self.until(b"\r\n").split(b";")[0], 16):
            body += self.exactly(length)
            self.exactly(2)
        while self.until(b"\r\n") != b"\r\n":
            pass
        return body

    def rest(self):
        """Everything up to the end of the connection, which must come within `seconds`."""
        deadline = time.monotonic() + self.seconds
        while self.ended is None:
            if time.monotonic() > deadline:
                raise TimeoutError("the connection does not end")
            self.fill()
        octets, self.buffer = self.buffer, b""
        return octets


def request(name, path="/", *fields, method="GET"):
    """A request without a body."""
    return "\r\n".join([f"{method} {path} HTTP/1.1", f"Host: {name}", *fields, "", ""]).encode()


def exchange(ns, address, octets, **options):
    """One request on a connection of its own."""
    with HttpConnection(ns, address, **options) as connection:
        connection.send(octets)
        return connection.response()
