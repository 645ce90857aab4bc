"""`GET /events`: every reader gets what is known when it connects, then what happens, until the feed ends."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from random import Random
from typing import Literal, TypeAlias

from tests.simulator import frames
from tests.simulator.faults import Faults
from tests.simulator.frames import Frame
from tests.simulator.http import Chunks, Dropped
from tests.simulator.journal import Journal

How: TypeAlias = Literal["in-order", "dropped", "by-reader"]

CHANNEL = 32  # frames that wait for one reader; a full channel holds up whoever emits
REGISTRY = 32  # readers that get live events; the next are connected and hear nothing of them
KEEPALIVE = 15.0  # seconds of silence before a comment
STALL = 60.0  # seconds that a stalled connection stays silent

Replay: TypeAlias = Callable[[], Sequence[Sequence[Frame]]]


class Feed:
    """All open connections. `emit` waits for the slowest of them, as mirakc's actors do.

    replay: what a new reader is told first, in groups whose order is kept while they interleave.
    """

    def __init__(self, replay: Replay, faults: Faults, journal: Journal, seed: int, limit: int | None) -> None:
        self._replay = replay
        self._faults = faults
        self._journal = journal
        self._random = Random(f"{seed}:feed")
        self._limit = limit
        self._channels: dict[int, asyncio.Queue[Frame | None]] = {}
        self._connections = 0
        self._writing: set[int] = set()
        self.sent = 0
        self.connected = asyncio.Event()
        self.full = asyncio.Event()
        self._ending = False
        self._closed = asyncio.Event()

    async def emit(self, frame: Frame) -> None:
        for channel in list(self._channels.values()):
            await channel.put(frame)

    async def end(self) -> None:
        """Close every connection in order, once all that is under way was sent.

        Returns when one was closed so; until then, who comes still gets the replay, and then the end.
        """
        self._ending = True
        for channel in list(self._channels.values()):
            await channel.put(None)
        await self._closed.wait()

    @property
    def ended(self) -> bool:
        """Whether a reader was told, in order, that there is no more."""
        return self._closed.is_set()

    @property
    def readers(self) -> int:
        return len(self._writing)

    async def serve(self, chunks: Chunks) -> None:
        """Write to one reader until the feed ends, or one of both sides gives up."""
        self._connections += 1
        number = self._connections
        self._journal.write("connected", connection=number)
        how: How = "by-reader"
        try:
            await self._write_all(number, chunks)
            how = "in-order"
            self._closed.set()
        except Dropped:
            how = "dropped"
            raise
        finally:
            self._leave(number)
            self._journal.write("closed", connection=number, how=how)

    async def _write_all(self, number: int, chunks: Chunks) -> None:
        backlog = _interleaved(self._random, self._replay())
        channel = self._join(number)
        if self._faults.strikes("byte-order-mark"):
            await chunks.write(frames.BYTE_ORDER_MARK)
        for frame in backlog:
            await self._write(number, chunks, frame)
        while not (self._ending and channel.empty()) and (live := await self._next(channel, chunks)) is not None:
            await self._write(number, chunks, live)

    def _join(self, number: int) -> asyncio.Queue[Frame | None]:
        channel: asyncio.Queue[Frame | None] = asyncio.Queue(CHANNEL)
        if len(self._channels) < REGISTRY:
            self._channels[number] = channel
        self._writing.add(number)
        self.connected.set()
        return channel

    def _leave(self, number: int) -> None:
        self._writing.discard(number)
        if not self._writing:
            self.connected.clear()
        channel = self._channels.pop(number, None)
        while channel and not channel.empty():  # whoever waits to put into it goes on
            channel.get_nowait()

    async def _next(self, channel: asyncio.Queue[Frame | None], chunks: Chunks) -> Frame | None:
        while True:
            try:
                return await asyncio.wait_for(channel.get(), KEEPALIVE)
            except TimeoutError:
                await chunks.write(frames.KEEPALIVE)

    async def _write(self, number: int, chunks: Chunks, frame: Frame) -> None:
        for strange in self._faults.strange_frames():
            await self._write_one(number, chunks, strange)
        await self._write_one(number, chunks, frame)
        if self._faults.strikes("stall"):
            await asyncio.sleep(STALL)
        if self._faults.strikes("drop"):
            raise Dropped

    async def _write_one(self, number: int, chunks: Chunks, frame: Frame) -> None:
        data = self._faults.encode(frame)
        if self._faults.strikes("cut"):
            await chunks.write(data[: len(data) // 2])
            self._log(number, Frame(frame.event, frame.data, "nothing"))
            raise Dropped
        for piece in self._pieces(data):
            await chunks.write(piece)
        self._log(number, frame)
        self.sent += 1
        if self._limit is not None and self.sent >= self._limit:
            self.full.set()

    def _pieces(self, data: bytes) -> list[bytes]:
        if not self._faults.strikes("split"):
            return [data]
        cuts = sorted(self._faults.dice("split").sample(range(1, len(data)), min(4, len(data) - 1)))
        return [data[start:end] for start, end in zip([0, *cuts], [*cuts, len(data)], strict=True)]

    def _log(self, number: int, frame: Frame) -> None:
        self._journal.write("frame", connection=number, event=frame.event, data=frame.data, reading=frame.reading)


def _interleaved(random: Random, groups: Sequence[Sequence[Frame]]) -> list[Frame]:
    left = [list(reversed(group)) for group in groups if group]
    mixed: list[Frame] = []
    while left:
        group = random.choice(left)
        mixed.append(group.pop())
        left = [group for group in left if group]
    return mixed
