"""A delivery: as a source hands it over, and as a handler may ask about it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Protocol

CORRELATION_HEADER = "Streamworker-Correlation"


@dataclass(frozen=True, slots=True)
class Origin:
    """Where an event was first stored: the stream, when that stream was created (nanoseconds, 0 where unknown), its sequence.

    Stable over redelivery and redrive; differs after a stream is recreated.
    """

    stream: str
    created: int
    sequence: int


class Settler(Protocol):
    """The verbs by which a source is told a delivery's fate. Called from the settlement module alone.

    None of them waits or raises: they are queued, in order, and survive a reconnect.
    """

    def ack(self, incoming: Incoming, /) -> None: ...
    def nak(self, incoming: Incoming, delay: float, /) -> None:
        """Have it delivered again after `delay` seconds (0: at once)."""

    def term(self, incoming: Incoming, reason: str, /) -> None: ...
    def in_progress(self, incoming: Incoming, /) -> None: ...


class Incoming:
    """One delivery as a source hands it over: undecoded, and with the source that is to be told its fate.

    delivered: how often the server has handed it out, this time included. headers: as received; None where there are none.
    settled: whether its fate was decided; only the settlement module sets it.
    """

    __slots__ = (
        "data",
        "delivered",
        "headers",
        "origin",
        "received",
        "reply",
        "settled",
        "settler",
        "started",
        "subject",
    )  # fmt: skip

    def __init__(
        self,
        subject: str,
        data: bytes,
        headers: Mapping[str, str] | None,
        origin: Origin,
        settler: Settler,
        *,
        reply: str = "",
        delivered: int = 1,
    ) -> None:
        self.subject = subject
        self.data = data
        self.headers = headers
        self.origin = origin
        self.settler = settler
        self.reply = reply
        self.delivered = delivered
        self.received = 0.0
        self.started = False
        self.settled = False


class Delivery:
    """The delivery that is being handled, for a handler or middleware that asks: see `current()`."""

    __slots__ = ("_callbacks", "_incoming", "_tokens", "attempt", "worker")

    def __init__(
        self, incoming: Incoming, worker: str, attempt: int, tokens: Callable[[str], Mapping[str, str]]
    ) -> None:
        self._incoming = incoming
        self._tokens = tokens
        self._callbacks: list[Callable[[], object]] | None = None
        self.worker = worker
        self.attempt = attempt

    @property
    def subject(self) -> str:
        """The concrete subject that it was published on."""
        return self._incoming.subject

    @property
    def tokens(self) -> Mapping[str, str]:
        """The subject's tokens by the field that each names, as text."""
        return self._tokens(self._incoming.subject)

    @property
    def headers(self) -> Mapping[str, str]:
        return self._incoming.headers or {}

    @property
    def sequence(self) -> int:
        """Its sequence in the stream that first stored it."""
        return self._incoming.origin.sequence

    @property
    def origin(self) -> Origin:
        return self._incoming.origin

    @property
    def correlation_id(self) -> str:
        """What ties together all events that come of one: taken from the input's headers, copied to the outputs."""
        headers = self._incoming.headers
        found = headers.get(CORRELATION_HEADER) if headers else None
        return found or f"{self.origin.stream}.{self.origin.sequence}"

    def on_published(self, callback: Callable[[], object]) -> None:
        """Run `callback` once all outputs are stored, before the ack; it may return an awaitable. If it raises, the delivery failed."""
        if self._callbacks is None:
            self._callbacks = []
        self._callbacks.append(callback)

    @property
    def callbacks(self) -> list[Callable[[], object]] | None:
        return self._callbacks


_current: ContextVar[Delivery] = ContextVar("streamworker_delivery")


def current() -> Delivery:
    """The delivery that is being handled here. Raises LookupError outside a handler."""
    return _current.get()


enter = _current.set
