"""Where the server itself gives up on an event, it only says so, once (`$JS.EVENT.ADVISORY`): that is made a dead letter here.

Ours never run into a limit of deliveries, and terminate nothing without a letter; but anybody may edit a consumer, or settle on it.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from itertools import chain
from typing import get_args

from streamworker.engine.ids import Ids
from streamworker.errors import StreamworkerError
from streamworker.jetstream.api import Api
from streamworker.jetstream.connection import Connection
from streamworker.jetstream.copying import origin_of
from streamworker.jetstream.messages import Message
from streamworker.jetstream.rights import advisories
from streamworker.letters import Letter, LetterBox, Reason

_OURS = get_args(Reason)  # how the reasons begin for which a worker terminates what it has written a letter of
_LET_GO = "Unacknowledged message was deleted"  # nats-server's words, of 2.11 and later
_log = logging.getLogger("streamworker.advisories")


@dataclass(frozen=True)
class _GivenUp:
    stream: str
    sequence: int
    deliveries: int
    told: str

    def __str__(self) -> str:
        return f"event {self.sequence} of {self.stream}"


class Advisories:
    """Those of one worker's consumers. Every replica hears of them; their letters have one id, so that one is stored."""

    def __init__(
        self, connection: Connection, letters: LetterBox, *, pipeline: str, worker: str, consumers: Sequence[str]
    ) -> None:
        self._connection = connection
        self._api = Api(connection)
        self._letters = letters
        self._ids = Ids(pipeline, worker)
        self._worker = worker
        self._consumers = consumers
        self._tasks: set[asyncio.Task[None]] = set()
        self._stack = AsyncExitStack()

    async def open(self) -> None:
        for subject in chain.from_iterable(advisories(each) for each in self._consumers):
            subscription = await self._connection.subscribe(subject, self._on_message)
            self._stack.push_async_callback(subscription.close)

    async def close(self) -> None:
        await self._stack.aclose()
        for task in self._tasks:
            task.cancel()

    def _on_message(self, message: Message) -> None:
        try:
            given_up = _read(message)
        except (ValueError, KeyError, TypeError) as trouble:
            _log.warning("a message on %s is no advisory: %r", message.subject, trouble)
            return
        if given_up is None:
            return
        task = asyncio.ensure_future(self._keep(given_up))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _keep(self, event: _GivenUp) -> None:
        """The letter names the event, which stays where it is: who may settle events need not be permitted to read any of them."""
        try:
            origin = await origin_of(self._api, event.stream, event.sequence)
            letter = Letter(
                worker=self._worker,
                subject="",
                data=b"",
                headers={},
                origin=origin,
                reason="advisory",
                error="GivenUp",
                text=event.told,
                attempts=event.deliveries,
                correlation=f"{event.stream}.{event.sequence}",
            )
            await self._letters.store(letter, self._ids.advisory(origin))
        except StreamworkerError as trouble:
            _log.error("the server gave up on %s, and no letter could be kept: %s", event, trouble)
        else:
            _log.error("dead letter (advisory): %s: %s", event, event.told)


def _read(message: Message) -> _GivenUp | None:
    """None where the worker itself has decided, and written a letter; and where the stream has let go of an event that somebody
    holds (a newer one of its subject, its age, a purge): whoever has it goes on, and a letter could name nothing. Raises
    ValueError, KeyError or TypeError for what is no advisory."""
    advisory = json.loads(message.data)
    reason = str(advisory.get("reason", ""))
    if reason.partition(":")[0] in _OURS or reason == _LET_GO:
        return None
    deliveries = int(advisory["deliveries"])
    told = f"delivered {deliveries} times, which is as often as its consumer allows"
    if ".MSG_TERMINATED." in message.subject:
        told = f"terminated by somebody else: {reason or 'no reason given'}"
    return _GivenUp(str(advisory["stream"]), int(advisory["stream_seq"]), deliveries, told)
