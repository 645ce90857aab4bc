"""Suspects: events that may have ended the process that handled them. Each is tried in a child process, so that a death proves it.

The child runs the whole life of a delivery, with the same handler, ids, ledger and dead letters; only the settlement comes back, as
one line of JSON over a socket, and is told to the server by the parent, which keeps the delivery in progress meanwhile.
"""

from __future__ import annotations

import asyncio
import base64
import json
import logging
import socket
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from streamworker.delivery import Incoming

_LINE = 64 * 1024 * 1024  # bytes: a payload in base64, and more than any server takes


@dataclass(frozen=True)
class Word:
    """What a child says of a suspect: the verb by which its source would have been told."""

    verb: Literal["ack", "nak", "term"]
    delay: float = 0.0
    reason: str = ""


class SuspectDied(Exception):
    """The child died, or stood still, while it handled the suspect. Not an error of ours: it is the proof."""


class Trial(Protocol):
    """Where suspects are tried."""

    async def try_out(self, incoming: Incoming, /) -> Word:
        """Handle a suspect, one at a time. Raises SuspectDied."""
        ...

    async def close(self) -> None: ...


class ChildTrial:
    """Tries suspects in a child that `command` starts in `environment`; the descriptor of its socket is added to the command.
    timeout: seconds that one may take."""

    def __init__(
        self, command: Sequence[str], *, environment: Mapping[str, str], timeout: float, log: logging.Logger
    ) -> None:
        self._command = command
        self._environment = environment
        self._timeout = timeout
        self._log = log
        self._turn = asyncio.Lock()
        self._child: asyncio.subprocess.Process | None = None
        self._reader = asyncio.StreamReader()
        self._writer: asyncio.StreamWriter | None = None
        self._passing_on: asyncio.Task[None] | None = None

    async def try_out(self, incoming: Incoming, /) -> Word:
        async with self._turn:
            if self._child is None or self._child.returncode is not None:
                await self._start()
            assert self._writer is not None
            self._log.debug("event %d is tried in a process of its own", incoming.origin.sequence)
            try:
                self._writer.write(to_line(incoming))
                async with asyncio.timeout(self._timeout):
                    line = await self._reader.readline()
            except (OSError, TimeoutError) as trouble:
                await self._end()
                raise SuspectDied(str(trouble) or "it stood still") from None
            if not line:
                raise SuspectDied(await self._how_it_ended())
            return Word(**json.loads(line))

    async def close(self) -> None:
        await self._end()

    async def _start(self) -> None:
        ours, theirs = socket.socketpair()
        with theirs:
            self._child = await asyncio.create_subprocess_exec(
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
        assert self._child.stdout is not None
        self._passing_on = asyncio.create_task(self._pass_on(self._child.stdout))
        self._reader, self._writer = await asyncio.open_connection(sock=ours, limit=_LINE)

    async def _pass_on(self, printed: asyncio.StreamReader) -> None:
        """Log what the child prints: straight to a terminal, it would tear a live table."""
        async for line in printed:
            self._log.info("(child) %s", line.decode(errors="replace").rstrip())

    async def _end(self) -> None:
        if self._writer is not None:
            self._writer.close()
            self._writer = None
        if self._child is not None and self._child.returncode is None:
            self._child.kill()
            await self._child.wait()
        self._child = None

    async def _how_it_ended(self) -> str:
        assert self._child is not None
        code = await self._child.wait()
        await self._end()
        return f"signal {-code}" if code < 0 else f"exit code {code}"


def to_line(incoming: Incoming) -> bytes:
    """A suspect, as the child is told of it."""
    origin = incoming.origin
    value = {
        "subject": incoming.subject,
        "data": base64.b64encode(incoming.data).decode("ascii"),
        "headers": dict(incoming.headers) if incoming.headers else None,
        "origin": [origin.stream, origin.created, origin.sequence],
        "attempt": incoming.attempt,
        "redriven": incoming.redriven,
        "stored": sorted(incoming.stored),
    }
    return json.dumps(value).encode() + b"\n"
