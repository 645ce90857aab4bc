"""A reader of the simulator's feed for its own tests: raw bytes over a socket, and frames as the standard splits them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from urllib.parse import urlsplit

from tests.simulator.scenario import Scenario
from tests.simulator.simulator import Simulator, simulator


@dataclass(frozen=True)
class Heard:
    """What one connection brought: its head, its body, and whether it ended in order."""

    head: str
    body: bytes
    in_order: bool

    @property
    def events(self) -> list[tuple[str, str]]:
        """Every complete frame as (name, data)."""
        text = self.body.decode().removeprefix("\ufeff").replace("\r\n", "\n")
        return [it for block in text.split("\n\n")[:-1] if (it := _event(block)) is not None]


def _event(block: str) -> tuple[str, str] | None:
    name, data = "message", None
    for line in block.split("\n"):
        field, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if field == "event":
            name = value
        elif field == "data":
            data = value if data is None else f"{data}\n{value}"
    return None if data is None else (name, data)


async def listen(url: str) -> Heard:
    """Read `/events` until it ends, in whatever way."""
    at = urlsplit(url)
    reader, writer = await asyncio.open_connection(at.hostname, at.port)
    writer.write(b"GET /events HTTP/1.1\r\nhost: x\r\n\r\n")
    head = (await reader.readuntil(b"\r\n\r\n")).decode()
    body, in_order = b"", "content-length: 0" in head
    while not in_order and (size := await reader.readline()):
        chunk = await reader.readexactly(int(size, 16) + 2)
        body += chunk[:-2]
        in_order = len(chunk) == 2
    writer.close()
    return Heard(head, body, in_order)


@asynccontextmanager
async def living(scenario: Scenario) -> AsyncIterator[Simulator]:
    """A simulator whose time passes."""
    async with simulator(scenario) as it:
        life = asyncio.create_task(it.live())
        yield it
        life.cancel()
        await asyncio.gather(life, return_exceptions=True)
