"""What becomes of throughput and memory with larger events, with events that are refused, and with very many."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field

from benchmarks import streams
from benchmarks.measure import Contestant, memory_now, started
from benchmarks.server import Job, fill, server

SIZES = (Job(40_000), Job(20_000, size=4_000), Job(3_000, size=64_000), Job(300, size=900_000))
_EVERY = 1.0  # seconds between two looks


@dataclass
class Course:
    """A long run, looked at every second: seconds since the first output, outputs so far, and the memory of worker and server in MB."""

    events: int
    seconds: list[float] = field(default_factory=list)
    outputs: list[int] = field(default_factory=list)
    memory: list[float] = field(default_factory=list)
    server_memory: list[float] = field(default_factory=list)
    complete: bool = False

    def rate(self, begin: float, end: float) -> float:
        """Events a second between two shares of the run."""
        at = [int(share * (len(self.outputs) - 1)) for share in (begin, end)]
        elapsed = self.seconds[at[1]] - self.seconds[at[0]]
        return (self.outputs[at[1]] - self.outputs[at[0]]) / elapsed if elapsed else 0.0


async def course(contestant: Contestant, job: Job) -> Course:
    """A backlog of very many, one process."""
    run = Course(job.count)
    async with server() as (running, client):
        await fill(client, job)
        with started(contestant, running.url) as (worker,):
            await streams.outputs(client, 1)
            began = time.monotonic()
            while not run.outputs or run.outputs[-1] < job.valid:
                run.outputs.append(await streams.messages(client, "ALERTS"))
                run.seconds.append(time.monotonic() - began)
                run.memory.append(memory_now(worker.pid))
                run.server_memory.append(memory_now(running.pid))
                if len(run.outputs) > 60 and run.outputs[-1] == run.outputs[-60]:
                    return run
                await asyncio.sleep(min(_EVERY, job.count / 400_000))
            run.complete = await streams.settled(client) and run.outputs[-1] == job.valid
    return run
