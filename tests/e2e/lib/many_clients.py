# SPDX-License-Identifier: Apache-2.0
"""CLIENTS at once, each with its own TLS connection: ADDRESS NAME CA COUNT OCTETS. Prints how many were right."""
import asyncio
import hashlib
import ssl
import sys

from bulk_origin import body_sha256


async def fetch(address, name, context, octets):
    reader, writer = await asyncio.open_connection(address, 443, ssl=context, server_hostname=name)
    writer.write(f"GET /bytes/{octets} HTTP/1.1\r\nHost: {name}\r\nConnection: close\r\n\r\n".encode())
    head = await reader.readuntil(b"\r\n\r\n")
    digest = hashlib.sha256(await reader.readexactly(octets)).hexdigest()
    writer.close()
    return head.startswith(b"HTTP/1.1 200") and digest == body_sha256(octets)


async def main():
    address, name, ca, count, octets = sys.argv[1:6]
    context = ssl.create_default_context(cafile=ca)
    tasks = [fetch(address, name, context, int(octets)) for _ in range(int(count))]
    results = await asyncio.gather(*tasks, return_exceptions=True)
    for error in {repr(r) for r in results if r is not True}:
        print(error)
    print("right:", sum(r is True for r in results))


asyncio.run(asyncio.wait_for(main(), 60))
