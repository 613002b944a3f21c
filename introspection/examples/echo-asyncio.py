#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
#
# echo-asyncio.py: a server that sends back what it gets, and a client, both
# with asyncio's own readers and writers
#
# usage: echo-asyncio.py serve [PORT [COUNT]]
#        echo-asyncio.py call HOST[:PORT] TEXT…
#
# With a COUNT the server ends after so many connections.

import asyncio
import sys

import gi

gi.require_version('Srudp', '1.0')
from gi.repository import Srudp


async def serve(port=12345, count=0):
    finished = asyncio.Semaphore(0)

    async def answer(reader, writer):
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
        writer.close()
        await writer.wait_closed()
        finished.release()

    async with await Srudp.start_server(answer, int(port)) as server:
        print('ready', flush=True)
        if int(count) == 0:
            await server.serve_forever()
        for _ in range(int(count)):
            await finished.acquire()


async def call(peer, *words):
    host, _, port = peer.partition(':')
    reader, writer = await Srudp.open_connection(host, int(port or 12345))
    writer.write(' '.join(words).encode())
    # That was all; the server sees the end, and the answer still comes.
    writer.write_eof()
    print((await reader.read()).decode())
    writer.close()
    await writer.wait_closed()


if __name__ == '__main__':
    if sys.argv[1:2] == ['serve']:
        asyncio.run(serve(*sys.argv[2:]))
    elif sys.argv[1:2] == ['call'] and len(sys.argv) > 3:
        asyncio.run(call(*sys.argv[2:]))
    else:
        sys.exit('usage: echo-asyncio.py serve [PORT [COUNT]] | call HOST[:PORT] TEXT…')
