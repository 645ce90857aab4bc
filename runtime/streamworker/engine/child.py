"""A child process that handles suspects: its start, what is said over its socket, and its end.

The child runs the whole life of a delivery, with the same handler, ids, ledger and dead letters; only the settlement comes back, as
one line of JSON, and is told to the server by the parent, which keeps the delivery in progress meanwhile.
"""

from __future__ import annotations

import asyncio
import base64
import json
import logging
import socket
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from streamworker.delivery import Incoming

_LINE = 64 * 1024 * 1024  # bytes: a payload in base64, and more than any server takes


@dataclass(frozen=True)
class Word:
    """What a child says of a suspect: the verb by which its source would have been told."""

    verb: Literal["ack", "nak", "term"]
    delay: float = 0.0
    reason: str = ""


class Child:
    """`command` runs in `environment`, with the descriptor of its socket as one more argument."""

    def __init__(self, command: Sequence[str], environment: Mapping[str, str], log: logging.Logger) -> None:
        self._command = command
        self._environment = environment
        self._log = log
        self._process: asyncio.subprocess.Process | None = None
        self._reader = asyncio.StreamReader()
        self._writer: asyncio.StreamWriter | None = None
        self._passing_on: asyncio.Task[None] | None = None

    @property
    def is_alive(self) -> bool:
        return self._process is not None and self._process.returncode is None

    async def start(self) -> None:
        ours, theirs = socket.socketpair()
        with theirs:
            self._process = await asyncio.create_subprocess_exec(
                *self._command,
                str(theirs.fileno()),
                pass_fds=(theirs.fileno(),),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.STDOUT,
                limit=_LINE,
                env=dict(self._environment),
                start_new_session=True,  # a Ctrl-C is meant for the parent
            )
        assert self._process.stdout is not None
        self._passing_on = asyncio.create_task(self._pass_on(self._process.stdout))
        self._reader, self._writer = await asyncio.open_connection(sock=ours, limit=_LINE)

    def hand_over(self, number: int, incoming: Incoming) -> None:
        """Have it handled; what is said of it has that number."""
        assert self._writer is not None
        self._writer.write(to_line(number, incoming))

    async def word(self) -> tuple[int, Word] | None:
        """What is said next, of which number; None where the child has ended. Raises OSError likewise."""
        line = await self._reader.readline()
        if not line:
            return None
        said = json.loads(line)
        return said.pop("number"), Word(**said)

    async def how_it_ended(self) -> str:
        assert self._process is not None
        code = await self._process.wait()
        await self.end()
        return f"signal {-code}" if code < 0 else f"exit code {code}"

    async def end(self) -> None:
        """End it, if it lives."""
        if self._writer is not None:
            self._writer.close()
            self._writer = None
        if self._process is not None and self._process.returncode is None:
            self._process.kill()
            await self._process.wait()
        self._process = None

    async def _pass_on(self, printed: asyncio.StreamReader) -> None:
        """Log what the child prints: straight to a terminal, it would tear a live table."""
        async for line in printed:
            self._log.info("(child) %s", line.decode(errors="replace").rstrip())


def to_line(number: int, incoming: Incoming) -> bytes:
    """A suspect, as the child is told of it."""
    origin = incoming.origin
    value = {
        "number": number,
        "subject": incoming.subject,
        "data": base64.b64encode(incoming.data).decode("ascii"),
        "headers": dict(incoming.headers) if incoming.headers else None,
        "origin": [origin.stream, origin.created, origin.sequence],
        "attempt": incoming.attempt,
        "redriven": incoming.redriven,
        "stored": sorted(incoming.stored),
    }
    return json.dumps(value).encode() + b"\n"
