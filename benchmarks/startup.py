"""How long it takes from the start of a process to its first settled event."""

from __future__ import annotations

import asyncio
import time

from benchmarks import streams
from benchmarks.measure import Contestant, started
from benchmarks.server import Job, fill, server

_WITHIN = 60.0


async def first_settled(contestant: Contestant) -> float:
    """Seconds; raises TimeoutError. One event waits in the stream; the consumer does not exist yet."""
    async with server() as (running, client):
        await fill(client, Job(1))
        began = time.monotonic()
        with started(contestant, running.url):
            async with asyncio.timeout(_WITHIN):
                while (await streams.consumer(client))["ack_floor"]["stream_seq"] < 1:
                    pass
            return time.monotonic() - began
