# SPDX-License-Identifier: Apache-2.0
"""Clients at once, each with REQUESTS on one connection: ADDRESS NAME COUNT REQUESTS OCTETS.

Prints how many were right.
"""
import asyncio
import hashlib
import sys

from bulk_origin import body_sha256


async def fetch(address, name, requests, octets):
    reader, writer = await asyncio.open_connection(address, 80)
    for _ in range(requests):
        writer.write(f"GET /bytes/{octets} HTTP/1.1\r\nHost: {name}\r\n\r\n".encode())
        head = await reader.readuntil(b"\r\n\r\n")
        digest = hashlib.sha256(await reader.readexactly(octets)).hexdigest()
        if not head.startswith(b"HTTP/1.1 200") or digest != body_sha256(octets):
            return head
    writer.close()
    return True


async def main():
    address, name, count, requests, octets = sys.argv[1:6]
    tasks = [fetch(address, name, int(requests), int(octets)) for _ in range(int(count))]
    results = await asyncio.gather(*tasks, return_exceptions=True)
    for error in {repr(r) for r in results if r is not True}:
        print(error)
    print("right:", sum(r is True for r in results))


asyncio.run(asyncio.wait_for(main(), 60))
