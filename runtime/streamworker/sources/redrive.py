"""Redrives: dead letters that were sent back to their worker, as deliveries of where they first came from."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from streamworker import letters
from streamworker.delivery import Incoming, Settler
from streamworker.errors import StreamworkerError
from streamworker.packing import unpack
from streamworker.sources.base import ConsumerOptions, EventSource, OpenSource, Receiver
from streamworker.subject import Decodes

_log = logging.getLogger("streamworker.redrive")


@dataclass(frozen=True)
class RedriveSubject:
    """What a redrive's consumer filters on. What it carries is decoded by the subject that the letter names."""

    name: str

    @property
    def filter(self) -> str:
        return self.name

    def matches(self, subject: str, /) -> bool:
        return subject == self.name

    def tokens(self, _subject: str, /) -> Mapping[str, str]:
        return {}

    def decode(self, _data: bytes, /) -> object:
        raise NotImplementedError("a redriven event is decoded by its own subject")


@dataclass(frozen=True)
class RedriveSource:
    """inner: the source of a worker's redrive subject. The deliveries have the subject, origin and history of their letters."""

    inner: EventSource[object]

    @property
    def subjects(self) -> Sequence[Decodes[object]]:
        return self.inner.subjects

    async def open(self, receiver: Receiver, options: ConsumerOptions) -> OpenSource:
        return await self.inner.open(_Translator(receiver), options)


@dataclass(frozen=True)
class _Translator:
    receiver: Receiver

    def receive(self, incoming: Incoming) -> None:
        try:
            headers, data = unpack(incoming.headers or {}, incoming.data)
            incoming.origin = letters.origin_of(headers)
            incoming.redriven = letters.redriven_of(headers)
            incoming.subject = headers[letters.SUBJECT_HEADER]
            incoming.headers, incoming.data = headers, data
            incoming.stored = frozenset(filter(None, headers.get(letters.STORED_HEADER, "").split(",")))
        except (KeyError, ValueError) as trouble:
            _log.error("a message on %s that no redrive sent is terminated: %s", incoming.subject, trouble)
            incoming.settler.term(incoming, "not a redriven letter")
            return
        self.receiver.receive(incoming)

    def demand(self) -> int:
        return self.receiver.demand()

    def lost(self, settler: Settler, reason: str) -> None:
        self.receiver.lost(settler, reason)

    async def release(self, part: OpenSource) -> None:
        await self.receiver.release(part)

    def failed(self, error: StreamworkerError) -> None:
        self.receiver.failed(error)
