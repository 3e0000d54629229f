"""The loader one would write in an afternoon: csv, json, so many POSTs at once; it keeps nothing."""

import asyncio
import sys

import aiohttp
from items import MAPPINGS, chunks


async def main(base, what, path, chunk, in_flight):
    accepted = 0
    refused = 0
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=in_flight)) as session:
        with open(path, newline="") as source:
            pending = chunks(MAPPINGS[what](source), chunk)

            async def work():
                nonlocal accepted, refused
                for items in pending:
                    url = base + "/v2/transactions/bulk"
                    async with session.post(url, json=items) as reply:
                        reply.raise_for_status()
                        for item in (await reply.json())["response"]:
                            if item["errors"]:
                                refused += 1
                            else:
                                accepted += 1

            await asyncio.gather(*(work() for _ in range(in_flight)))
    print(f"{accepted} accepted, {refused} refused", file=sys.stderr)


base, what, path, chunk, in_flight = sys.argv[1:]
asyncio.run(main(base, what, path, int(chunk), int(in_flight)))
