# SPDX-License-Identifier: Apache-2.0
"""Clients that ask for much over HTTP and read nothing: ADDRESS NAME COUNT OCTETS SOURCE...

Each source address has its part of them. Prints "stopped: COUNT" once all have asked; they stay until standard
input ends.
"""
import resource
import socket
import sys

from families import family_of


def stopped(address, name, octets, source):
    s = socket.socket(family_of(address))
    s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    s.bind((source, 0))
    s.connect((address, 80))
    s.sendall(f"GET /bytes/{octets} HTTP/1.1\r\nHost: {name}\r\n\r\n".encode())
    return s


def main():
    address, name, count, octets, *sources = sys.argv[1:]
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    kept = [stopped(address, name, octets, sources[i % len(sources)]) for i in range(int(count))]
    print("stopped:", len(kept), flush=True)
    sys.stdin.read()


main()
