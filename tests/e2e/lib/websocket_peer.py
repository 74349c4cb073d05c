# SPDX-License-Identifier: Apache-2.0
"""Websockets on both ends: "serve ADDRESS PORT", or "talk ADDRESS NAME PATH" which prints "echoed: N"."""
import asyncio
import os
import sys

import websockets

MESSAGES = [b"", b"x", os.urandom(125), os.urandom(126), os.urandom(65536), os.urandom(3_000_000)]


async def echo(connection):
    async for message in connection:
        await connection.send(message)


async def serve(address, port):
    async with websockets.serve(echo, address, int(port), max_size=None, compression=None):
        print("listening", flush=True)
        await asyncio.Future()


async def talk(address, name, path):
    async with websockets.connect(f"ws://{name}{path}", host=address, port=80, max_size=None,
                                  compression=None, open_timeout=5, close_timeout=5) as connection:
        for message in MESSAGES:
            await connection.send(message)
            assert await connection.recv() == message, f"{len(message)} octets came back changed"
        await connection.ping()
    print("echoed:", len(MESSAGES))


asyncio.run({"serve": serve, "talk": talk}[sys.argv[1]](*sys.argv[2:]))
