# SPDX-License-Identifier: Apache-2.0
"""Transfers at once, one connection each: http|https down|up ADDRESS NAME CA FLOWS OCTETS [PORT].

A small one goes first, so that neighbours, names and caches on the way are known to both paths alike. Prints the
seconds that each of the others took, from its connect to its last octet (up: to the server's answer), as JSON. A
single one comes from PORT.
"""
import concurrent.futures
import hashlib
import json
import os
import socket
import ssl
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "e2e", "lib"))

from bulk_origin import body, body_sha256  # noqa: E402

FIRST_OCTETS = 1000


def connect(scheme, address, name, ca, port):
    plain = socket.create_connection((address, 443 if scheme == "https" else 80), timeout=300, source_address=("", port))
    if scheme == "http":
        return plain
    return ssl.create_default_context(cafile=ca).wrap_socket(plain, server_hostname=name)


def fetch(connection, name, octets):
    connection.sendall(f"GET /bytes/{octets} HTTP/1.1\r\nHost: {name}\r\nConnection: close\r\n\r\n".encode())
    return hashlib.sha256(read_body(connection)).hexdigest()


def put(connection, name, octets):
    connection.sendall(f"PUT /up HTTP/1.1\r\nHost: {name}\r\nContent-Length: {octets}\r\n\r\n".encode())
    for block in body(octets):
        connection.sendall(block)
    return read_body(connection).decode()


def read_body(connection):
    reader = connection.makefile("rb")
    status, length = reader.readline(), 0
    while line := reader.readline().strip().lower():
        if line.startswith(b"content-length:"):
            length = int(line.split(b":")[1])
    assert b" 200 " in status, status
    octets = reader.read(length)
    assert len(octets) == length, f"{len(octets)} of {length} octets"
    return octets


def transfer(scheme, way, address, name, ca, octets, port):
    begun = time.monotonic()
    with connect(scheme, address, name, ca, port) as connection:
        digest = (fetch if way == "down" else put)(connection, name, octets)
    seconds = time.monotonic() - begun
    assert digest == body_sha256(octets), "the octets are not those that were sent"
    return seconds


def main():
    scheme, way, address, name, ca, flows, octets, *port = sys.argv[1:]
    transfer(scheme, "down", address, name, ca, FIRST_OCTETS, 0)
    with concurrent.futures.ThreadPoolExecutor(int(flows)) as pool:
        running = [pool.submit(transfer, scheme, way, address, name, ca, int(octets), int(*port)) for _ in range(int(flows))]
        print(json.dumps([r.result() for r in running]))


if __name__ == "__main__":
    main()
