"""Measures one contestant from outside: by the server's own timestamps, and the kernel's count of CPU time."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from nats.aio.client import Client

from benchmarks.server import fill, readings, server

_TICKS = os.sysconf("SC_CLK_TCK")
_STALLED = 45.0  # seconds without a new output, and the contestant has failed: longer than ack_wait, which a killed process's last take


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


async def throughput(contestant: Contestant, count: int, *, kill_at: float | None = None) -> Figures:
    """One round: a backlog of `count`, one process. kill_at: SIGKILL it at that share of the outputs, and start another."""
    async with server() as (url, client):
        await fill(client, count)
        process = start(contestant, url)
        try:
            expected = count * contestant.fan_out
            await _outputs(client, 1)
            cpu = cpu_seconds(process.pid)
            if kill_at is not None:
                await _outputs(client, int(expected * kill_at))
                process.send_signal(signal.SIGKILL)
                process.wait()
                process = start(contestant, url)
            complete = await _outputs(client, expected)
            cpu = cpu_seconds(process.pid) - cpu
            first, last = await _span(client)
            settled = await _settled(client)
            memory = peak_memory(process.pid)
        finally:
            process.kill()
            process.wait()
        return Figures(count / (last - first), cpu / count * 1e6, complete and settled, memory)


async def latencies(contestant: Contestant, count: int, *, pause: float = 0.005) -> list[float]:
    """Milliseconds from an input's storage to its output's, one at a time, by the server's clock."""
    async with server() as (url, client):
        await fill(client, 1)
        process = start(contestant, url)
        try:
            await _outputs(client, 1)
            streams = client.jetstream()
            for done, (subject, data) in enumerate(readings(count), 2):
                await streams.publish(subject, data)
                await _outputs(client, done)
                await asyncio.sleep(pause)
            stored = [
                [await _stored_at(client, name, at) for name in ("READINGS", "ALERTS")] for at in range(2, count + 2)
            ]
        finally:
            process.kill()
            process.wait()
        return [(out - into) * 1000 for into, out in stored]


def start(contestant: Contestant, url: str) -> subprocess.Popen[bytes]:
    environment = {**os.environ, **contestant.environment, "NATS_URL": url}
    return subprocess.Popen(
        contestant.command, cwd=contestant.folder, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )


def cpu_seconds(pid: int) -> float:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    except FileNotFoundError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / _TICKS


def peak_memory(pid: int) -> float:
    for line in Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) / 1024
    return 0.0


async def _info(client: Client, request: str) -> dict[str, Any]:
    answer = await client.request(f"$JS.API.{request}", b"", timeout=10)
    return dict(json.loads(answer.data))


async def _outputs(client: Client, wanted: int) -> bool:
    """Whether so many outputs come to stand, before they stop coming."""
    seen, since = -1, time.monotonic()
    while True:
        found = (await _info(client, "STREAM.INFO.ALERTS"))["state"]["messages"]
        if found >= wanted:
            return bool(found == wanted) or wanted == 1
        if found > seen:
            seen, since = found, time.monotonic()
        elif time.monotonic() - since > _STALLED:
            return False
        await asyncio.sleep(0.02 if wanted - found > 2000 or wanted < 10 else 0.002)


async def _span(client: Client) -> tuple[float, float]:
    state = (await _info(client, "STREAM.INFO.ALERTS"))["state"]
    return _seconds(state["first_ts"]), _seconds(state["last_ts"])


async def _settled(client: Client) -> bool:
    """Whether nothing of the consumer is pending or unacknowledged, within a minute: as long as ack_wait and a bit."""
    for _ in range(1200):
        consumers = (await _info(client, "CONSUMER.LIST.READINGS"))["consumers"]
        if all(each["num_ack_pending"] == 0 and each["num_pending"] == 0 for each in consumers):
            return True
        await asyncio.sleep(0.05)
    return False


async def _stored_at(client: Client, stream: str, sequence: int) -> float:
    answer = await client.request(f"$JS.API.STREAM.MSG.GET.{stream}", json.dumps({"seq": sequence}).encode())
    return _seconds(json.loads(answer.data)["message"]["time"])


def _seconds(text: str) -> float:
    """RFC 3339 with nanoseconds, as seconds."""
    head, _, fraction = text.rstrip("Z").partition(".")
    return datetime.fromisoformat(head + "+00:00").timestamp() + float(f"0.{fraction or 0}")
