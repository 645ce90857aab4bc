"""Worker processes under a supervisor, which starts again whatever ended."""

from __future__ import annotations

import asyncio
import os
import resource
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

from typing_extensions import TypedDict, Unpack

from tests.faults.timeline import Timeline

_LOOK_EVERY = 0.02


class FleetOptions(TypedDict, total=False):
    """size: how many processes. memory: bytes of address space that each may have. environment: more variables."""

    size: int
    memory: int
    environment: Mapping[str, str]


class Fleet:
    """Processes of `streamworker run` on the project in `folder`. size: how many there are to be; may be changed at any time."""

    def __init__(self, folder: Path, url: str, timeline: Timeline, **options: Unpack[FleetOptions]) -> None:
        self.folder = folder
        self.url = url
        self.size = options.get("size", 1)
        self.exits: Counter[int] = Counter()
        self._timeline = timeline
        self._memory = options.get("memory", 0)
        self._environment = options.get("environment", {})
        self._members: list[subprocess.Popen[bytes]] = []
        self._supervising: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Fleet:
        self._supervising = asyncio.create_task(self._supervise())
        return self

    async def __aexit__(self, *_: object) -> None:
        self._leave_alone()
        for member in self._members:
            if member.poll() is None:
                member.kill()
            member.wait()

    @property
    def pids(self) -> list[int]:
        if self._supervising is not None and self._supervising.done() and not self._supervising.cancelled():
            self._supervising.result()  # a supervisor that failed starts nobody
        return [member.pid for member in self._members if member.poll() is None]

    @property
    def log(self) -> str:
        """What all of them printed."""
        path = self.folder / "workers.log"
        return path.read_text(errors="replace") if path.exists() else ""

    def signal(self, number: signal.Signals, pid: int) -> None:
        self._timeline.note(f"{number.name} to worker {pid}")
        os.kill(pid, number)

    async def stop(self, within: float = 40.0) -> list[int]:
        """SIGTERM to all; their exit codes."""
        self._leave_alone()
        for member in self._members:
            if member.poll() is None:
                member.send_signal(signal.SIGTERM)
        async with asyncio.timeout(within):
            codes = [await _ended(member) for member in self._members]
        self._members = []
        return codes

    def _leave_alone(self) -> None:
        if self._supervising is not None:
            self._supervising.cancel()

    async def _supervise(self) -> None:
        while True:
            for member in [each for each in self._members if each.poll() is not None]:
                self._members.remove(member)
                self.exits[member.returncode] += 1
                self._timeline.note(f"worker {member.pid} ended with {member.returncode}")
            while len(self._members) < self.size:
                self._members.append(self._start())
            while len(self._members) > self.size:
                surplus = self._members.pop()
                self._timeline.note(f"SIGTERM to worker {surplus.pid}")
                surplus.send_signal(signal.SIGTERM)  # nothing happens to one that has ended meanwhile
                self.exits[await _ended(surplus)] += 1
            await asyncio.sleep(_LOOK_EVERY)

    def _start(self) -> subprocess.Popen[bytes]:
        with (self.folder / "workers.log").open("ab") as log:
            member = subprocess.Popen(
                [sys.executable, "-m", "streamworker.cli", "run"],
                cwd=self.folder,
                env={
                    **os.environ,
                    "NATS_URL": self.url,
                    "STREAMWORKER_STATE": str(self.folder / "state"),
                    **self._environment,
                },
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                preexec_fn=self._bounded if self._memory else None,
            )
        self._timeline.note(f"worker {member.pid} started")
        return member

    def _bounded(self) -> None:
        resource.setrlimit(resource.RLIMIT_AS, (self._memory, self._memory))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


async def _ended(member: subprocess.Popen[bytes]) -> int:
    while (code := member.poll()) is None:  # noqa: ASYNC110 - a process outside asyncio has no event
        await asyncio.sleep(_LOOK_EVERY)
    return code
