"""Publishing an event by hand: typed, validated, and with the id that makes a retry harmless."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Generic, TypeVar

from pydantic import BaseModel

from streamworker.delivery import CORRELATION_HEADER, Delivery, current
from streamworker.resources.backend import Backend
from streamworker.sinks.base import Output, Stored
from streamworker.subject import Subject

E = TypeVar("E", bound=BaseModel)


class Publisher(Generic[E]):
    """Publishes events of one subject.

    Inside a handler the message id is derived from the delivery and a counter, so that the same publish of a retried delivery is
    stored once, and the correlation id is copied. It stands outside "all outputs are encoded and checked first".
    """

    def __init__(self, subject: Subject[E], backend: Backend) -> None:
        self._subject = subject
        self._backend = backend

    async def publish(self, event: E, *, id: str | None = None) -> Stored:
        """Publish `event`, and return when it is stored; `duplicate` says that it already was.

        id: the message id; None takes the delivery's own inside a handler, and none at all outside of one.
        Raises ContractViolation where the schema refuses it, PublishRefused where the server does, ConnectionLost.
        """
        subject, data = self._subject.subject_for(event), self._subject.encode(event)
        return await self._backend.publish(_output(subject, data, id))


def _output(subject: str, data: bytes, id: str | None) -> Output:
    delivery = _delivery()
    if delivery is None:
        return Output(subject, data, id or "", {})
    headers: Mapping[str, str] = {CORRELATION_HEADER: delivery.correlation_id}
    return Output(subject, data, id or delivery.next_publish_id(), headers)


def _delivery() -> Delivery | None:
    try:
        return current()
    except LookupError:
        return None
