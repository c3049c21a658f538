#!/usr/bin/env python3
"""Makes a server on this machine as far away as one in another region: every byte comes some milliseconds later.

delay.py MILLISECONDS HOST PORT prints the port of 127.0.0.1 that leads to the server, and ends when its input closes.
The delay counts for one way there and back, half of it in each direction.
"""

import asyncio
import sys


async def carry(reader, writer, pause):
    """Carries bytes in one direction, each chunk after a pause, without holding up those behind it."""
    loop = asyncio.get_running_loop()
    queue = asyncio.Queue()

    async def deliver():
        while (item := await queue.get()) is not None:
            due, data = item
            await asyncio.sleep(max(0, due - loop.time()))
            writer.write(data)
            await writer.drain()
        writer.close()

    delivery = asyncio.create_task(deliver())
    try:
        while data := await reader.read(1 << 16):
            queue.put_nowait((loop.time() + pause, data))
    except ConnectionError:
        pass
    queue.put_nowait(None)
    await asyncio.gather(delivery, return_exceptions=True)


async def main():
    pause, host, port = float(sys.argv[1]) / 2000, sys.argv[2], int(sys.argv[3])

    async def serve(reader, writer):
        try:
            other_reader, other_writer = await asyncio.open_connection(host, port)
        except OSError:
            writer.close()
            return
        await asyncio.gather(carry(reader, other_writer, pause), carry(other_reader, writer, pause))

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)


asyncio.run(main())
