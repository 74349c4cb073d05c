# SPDX-License-Identifier: Apache-2.0
"""UDP servers and clients of the kernel, in a namespace."""
import select
import socket
import threading

from .families import family_of


class UdpEcho:
    """Sends each datagram back to where it came from, and remembers who that was."""

    def __init__(self, ns, address, port):
        with ns.inside():
            self._socket = socket.socket(family_of(address), socket.SOCK_DGRAM)
        self._socket.bind((address, port))
        self.peers = set()
        self._open = True
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self):
        while self._open:
            if not select.select([self._socket], [], [], 0.1)[0]:
                continue
            data, peer = self._socket.recvfrom(65536)
            self.peers.add(peer)
            self._socket.sendto(data, peer)

    def send(self, data, peer):
        self._socket.sendto(data, peer)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._open = False
        self._thread.join()
        self._socket.close()


def udp_client(ns, address, port, source_port=0):
    """A connected socket: it takes only what comes from there, and hears of ICMP errors."""
    with ns.inside():
        s = socket.socket(family_of(address), socket.SOCK_DGRAM)
    s.settimeout(5)
    s.bind(("", source_port))
    s.connect((address, port))
    return s


def exchange(s, data):
    s.send(data)
    return s.recv(65536)
