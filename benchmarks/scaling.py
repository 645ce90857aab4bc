"""How throughput grows with processes on one durable, and what a model of it says for more of them."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Sequence
from dataclasses import dataclass

from benchmarks import streams
from benchmarks.measure import Contestant, cpu_seconds, started
from benchmarks.server import Job, fill, make_streams, publish, server

PROCESSES = (1, 2, 4, 8)
_FAR = "2100-01-01T00:00:00Z"


@dataclass(frozen=True)
class Scaled:
    """rate: inputs a second, of all processes. worker_cpu, server_cpu: microseconds for each input, of all workers and of the server."""

    processes: int
    rate: float
    worker_cpu: float
    server_cpu: float
    complete: bool


async def scaled(contestant: Contestant, processes: int, job: Job) -> Scaled:
    """All processes are up and pull before the first event is handed out: the consumer is paused until then."""
    async with server() as (running, client):
        await make_streams(client)
        with started(contestant, running.url):
            await streams.pulled(client, 1)  # its consumer is made
        await streams.pulled(client, 0)
        await streams.pause(client, _FAR)
        await publish(client, job)
        with started(contestant, running.url, processes) as workers:
            await streams.pulled(client, processes)
            pids = [worker.pid for worker in workers]
            before = sum(map(cpu_seconds, pids)), cpu_seconds(running.pid)
            await streams.pause(client, "")
            complete = await streams.outputs(client, job.valid * contestant.fan_out)
            after = sum(map(cpu_seconds, pids)), cpu_seconds(running.pid)
            first, last = await streams.span(client)
            settled = await streams.settled(client)
    worker, of_server = ((late - early) / job.count * 1e6 for early, late in zip(before, after, strict=True))
    return Scaled(processes, job.count / (last - first), worker, of_server, complete and settled)


async def shares(several: Contestant, job: Job) -> dict[str, float]:
    """How much of its events each worker of one process had settled when the first of them had settled half."""
    async with server() as (running, client):
        await fill(client, job)
        with started(several, running.url):
            while True:
                found = await streams.consumers(client)
                settled = {each["name"]: each["ack_floor"]["stream_seq"] / job.count for each in found}
                if max(settled.values(), default=0.0) >= 0.5:
                    return settled
                await asyncio.sleep(0.01)


@dataclass(frozen=True)
class Model:
    """Workers and the server share the machine: an event costs both of them CPU, and one worker uses one core at most.

    Fitted: the CPU of both for an event, as medians of what was measured. Assumed: neither grows with the number of workers, the
    network is no limit, and events are independent.
    """

    cores: int
    worker_cpu: float
    server_cpu: float

    @classmethod
    def of(cls, measured: Sequence[Scaled]) -> Model:
        middle = len(measured) // 2
        worker = sorted(each.worker_cpu for each in measured)[middle]
        return cls(os.cpu_count() or 1, worker, sorted(each.server_cpu for each in measured)[middle])

    def rate(self, processes: int) -> float:
        """Events a second of so many processes beside the server, on this machine."""
        return min(processes / self.worker_cpu, self.cores / (self.worker_cpu + self.server_cpu)) * 1e6

    def ceiling(self, cores: int) -> float:
        """Events a second that a server with so many cores for itself can serve, whoever asks, on any number of machines."""
        return cores / self.server_cpu * 1e6

    def workers(self, cores: int) -> int:
        """How many busy workers, each on a core of its own, it takes to reach that."""
        return max(1, round(self.ceiling(cores) * self.worker_cpu / 1e6))
