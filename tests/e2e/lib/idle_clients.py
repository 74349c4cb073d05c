# SPDX-License-Identifier: Apache-2.0
"""Idle kept connections: ADDRESS NAME COUNT. One GET on each, then one more on a line from standard input.

Prints "idle: N" once N connections were answered and are kept, and "again: N" after the second round.
"""
import asyncio
import resource
import sys

AT_ONCE = 64


async def ask(reader, writer, name):
    writer.write(f"GET / HTTP/1.1\r\nHost: {name}\r\n\r\n".encode())
    head = await reader.readuntil(b"\r\n\r\n")
    length = int(head.lower().partition(b"content-length:")[2].split(b"\r\n")[0])
    await reader.readexactly(length)
    return head.startswith(b"HTTP/1.1 200")


async def connect(address, name, turn, kept):
    async with turn:
        reader, writer = await asyncio.open_connection(address, 80, limit=4096)
        kept.append((reader, writer))
        return await ask(reader, writer, name)


async def again(reader, writer, name, turn):
    async with turn:
        return await ask(reader, writer, name)


async def main():
    address, name, count = sys.argv[1], sys.argv[2], int(sys.argv[3])
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    turn, kept = asyncio.Semaphore(AT_ONCE), []
    right = await asyncio.gather(*(connect(address, name, turn, kept) for _ in range(count)))
    print("idle:", sum(right), flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.readline)
    right = await asyncio.gather(*(again(*pair, name, turn) for pair in kept))
    print("again:", sum(right), flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.readline)


asyncio.run(main())
