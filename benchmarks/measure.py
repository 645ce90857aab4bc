"""Measures one contestant from outside: by the server's own timestamps, and the kernel's count of CPU time."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks import streams
from benchmarks.server import Job, fill, readings, server

_OF_A_PROCESS = 2  # the CPU clock of a whole process, in the low bits of Linux's clock ids; the rest is the id of the process, inverted


@dataclass(frozen=True)
class Contestant:
    """command: the process; environment: what it needs beside NATS_URL. fan_out: outputs for each input."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str] = field(default_factory=dict)
    folder: Path = Path()
    fan_out: int = 1


@dataclass(frozen=True)
class Figures:
    """rate: inputs a second, from the first output stored to the last. cpu: microseconds of the process's CPU for each input. complete:
    whether every input's outputs stand once and every input is acknowledged. memory: its peak, in MB."""

    rate: float
    cpu: float
    complete: bool
    memory: float


async def throughput(contestant: Contestant, job: Job, *, kill_at: float | None = None) -> Figures:
    """One round: a backlog, one process. kill_at: SIGKILL it at that share of the outputs, and start another."""
    async with server() as (running, client):
        await fill(client, job)
        with started(contestant, running.url) as processes:
            expected = job.valid * contestant.fan_out
            await streams.outputs(client, 1)
            cpu = cpu_seconds(processes[0].pid)
            if kill_at is not None:
                await streams.outputs(client, int(expected * kill_at))
                processes[0].kill()
                processes[0].wait()
                processes[0] = start(contestant, running.url)
            complete = await streams.outputs(client, expected)
            cpu = cpu_seconds(processes[0].pid) - cpu
            first, last = await streams.span(client)
            settled = await streams.settled(client)
            memory = peak_memory(processes[0].pid)
        return Figures(job.count / (last - first), cpu / job.count * 1e6, complete and settled, memory)


async def latencies(contestant: Contestant, count: int, *, pause: float = 0.005) -> list[float]:
    """Milliseconds from an input's storage to its output's, one at a time, by the server's clock."""
    async with server() as (running, client):
        await fill(client, Job(1))
        with started(contestant, running.url):
            await streams.outputs(client, 1)
            jetstream = client.jetstream()
            for done, (subject, data) in enumerate(readings(Job(count)), 2):
                await jetstream.publish(subject, data)
                await streams.outputs(client, done)
                await asyncio.sleep(pause)
            stored = [
                [await streams.stored_at(client, name, at) for name in ("READINGS", "ALERTS")]
                for at in range(2, count + 2)
            ]
        return [(out - into) * 1000 for into, out in stored]


@contextmanager
def started(contestant: Contestant, url: str, count: int = 1) -> Iterator[list[subprocess.Popen[bytes]]]:
    """Some processes of a contestant; whatever stands in the list at the end is ended."""
    processes = [start(contestant, url) for _ in range(count)]
    try:
        yield processes
    finally:
        for process in processes:
            process.send_signal(signal.SIGKILL)
        for process in processes:
            process.wait()


def start(contestant: Contestant, url: str) -> subprocess.Popen[bytes]:
    environment = {**os.environ, **contestant.environment, "NATS_URL": url}
    return subprocess.Popen(
        contestant.command, cwd=contestant.folder, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )


def cpu_seconds(pid: int) -> float:
    """To the nanosecond: /proc counts in hundredths of a second, which is 33 us an event in a short run. 0 for a process that has ended."""
    try:
        return time.clock_gettime(~pid << 3 | _OF_A_PROCESS)
    except OSError:
        return 0.0


def peak_memory(pid: int) -> float:
    return _memory(pid, "VmHWM:")


def memory_now(pid: int) -> float:
    return _memory(pid, "VmRSS:")


def _memory(pid: int, name: str) -> float:
    """In MB."""
    for line in Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines():
        if line.startswith(name):
            return int(line.split()[1]) / 1024
    return 0.0
