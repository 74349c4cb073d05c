# SPDX-License-Identifier: Apache-2.0
"""Clients during reloads, until SIGTERM: CA new|long|kept|either ALLOWED FIRST SECOND (addresses).

new     TLS connections to allowed.example one after the other; each has to succeed
long    one TLS connection, requests on it one after the other; it has to live to the end
kept    the same with plain HTTP
either  TLS connections to first.example and second.example; refused ones are no failure
Prints "running" after the first success and "done: N right, N failed" at the end.
"""
import http.client
import signal
import socket
import ssl
import sys

stopping = False


def stop(*_):
    global stopping
    stopping = True


def connect(context, address, name):
    raw = socket.create_connection((address, 443), timeout=20)
    return context.wrap_socket(raw, server_hostname=name)


def ask(sock, name, path):
    sock.sendall(f"GET {path} HTTP/1.1\r\nHost: {name}\r\n\r\n".encode())
    response = http.client.HTTPResponse(sock)
    response.begin()
    body = response.read()
    assert response.status == 200 and body, response.status
    return response.will_close


def rounds(kind, context, allowed, first, second):
    """One round for each next(); True: it was right, None: it was refused as it may be."""
    if kind in ("long", "kept"):
        while True:
            sock = (connect(context, allowed, "allowed.example") if kind == "long"
                    else socket.create_connection((allowed, 80), timeout=20))
            # A server may say that a connection has lasted for long enough.
            while not ask(sock, "allowed.example", "/bytes/20000" if kind == "long" else "/"):
                yield True
            yield True
    turn = 0
    while True:
        turn += 1
        name, address = (("allowed.example", allowed) if kind == "new" else
                         ("first.example", first) if turn % 2 else ("second.example", second))
        try:
            with connect(context, address, name) as sock:
                ask(sock, name, "/bytes/100" if kind == "new" else "/")
            yield True
        except ssl.SSLError as error:
            if kind == "new" or "UNRECOGNIZED_NAME" not in str(error).upper():
                raise
            yield None


def main():
    ca, kind, *addresses = sys.argv[1:]
    signal.signal(signal.SIGTERM, stop)
    context = ssl.create_default_context(cafile=ca)
    right = failed = 0
    source = rounds(kind, context, *addresses)
    while not stopping:
        try:
            right += 1 if next(source) else 0
            if right == 1:
                print("running", flush=True)
        except Exception as error:  # any way of failing counts
            failed += 1
            print(f"failed after {right}: {error!r}", flush=True)
            if kind in ("long", "kept"):
                break
            source = rounds(kind, context, *addresses)
    print(f"done: {right} right, {failed} failed", flush=True)


main()
