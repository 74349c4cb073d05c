# SPDX-License-Identifier: Apache-2.0
"""Python's own clients, a connection for each request: ADDRESS NAME CA COUNT OCTETS. Every second one is TLS.

Prints the SHA-256 of each body.
"""
import hashlib
import http.client
import socket
import ssl
import sys


class ToAddress(http.client.HTTPConnection):
    """Connects to `address`, whatever the name is; over TLS with a context."""

    def __init__(self, name, address, context=None):
        super().__init__(name, timeout=60)
        self._to, self._context = address, context

    def connect(self):
        self.sock = socket.create_connection((self._to, 443 if self._context else 80), self.timeout)
        if self._context:
            self.sock = self._context.wrap_socket(self.sock, server_hostname=self.host)


def main():
    address, name, ca, count, octets = sys.argv[1:]
    context = ssl.create_default_context(cafile=ca)
    for i in range(int(count)):
        connection = ToAddress(name, address, context if i % 2 else None)
        connection.request("GET", f"/bytes/{octets}", headers={"Connection": "close"})
        print(hashlib.sha256(connection.getresponse().read()).hexdigest())
        connection.close()


main()
