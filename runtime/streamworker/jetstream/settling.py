"""Telling the server a delivery's fate, as long as it is the same stream and consumer that handed it out."""

from __future__ import annotations

import json
from collections.abc import Callable

from streamworker.delivery import Incoming
from streamworker.jetstream.instants import to_nanoseconds
from streamworker.jetstream.outbox import Outbox, Write
from streamworker.jetstream.wire import settling_line

_LONGEST_REASON = 512
_IN_PROGRESS = b"+WPI"


class Settling:
    """The verbs by which deliveries of a consumer are settled.

    An ack counts for whatever stands at its sequence: one that belongs to a stream or consumer that was deleted would settle a
    delivery of the new one, unhandled. So what is said while it is unsure which one is there is held back, and dropped if it is another.
    """

    def __init__(self, outbox: Outbox, stream: str, consumer: str) -> None:
        self._outbox = outbox
        self._mark = f".{stream}.{consumer}."
        self._put: Callable[[Write], None] = outbox.put
        self._held: list[Write] = []
        self._live = True

    def ack(self, incoming: Incoming, /) -> None:
        self._put((incoming.reply, "", settling_line(incoming.reply, b""), None))  # an empty body is +ACK

    def nak(self, incoming: Incoming, delay: float, /) -> None:
        body = b"-NAK " + json.dumps({"delay": to_nanoseconds(delay)}).encode() if delay > 0 else b"-NAK"
        self._send(incoming.reply, body)

    def term(self, incoming: Incoming, reason: str, /) -> None:
        self._send(incoming.reply, b"+TERM " + " ".join(reason.split())[:_LONGEST_REASON].encode(errors="replace"))

    def in_progress(self, incoming: Incoming, /) -> None:
        if self._live:  # else it would be old when it goes out
            self._send(incoming.reply, _IN_PROGRESS)

    def give_back(self, reply: str, /) -> None:
        """A delivery that a dead process held."""
        self._send(reply, b"-NAK")

    @property
    def held(self) -> bool:
        """Whether something that was said is held back."""
        return bool(self._held)

    def hold(self) -> None:
        """Keep what is said, and what was said and not yet written, until `release` or `drop`."""
        if self._live:
            self._live = False
            self._put = self._held.append
            said = self._outbox.withdraw(self._is_ours)
            self._held += [write for write in said if not write[2].endswith(_IN_PROGRESS + b"\r\n")]

    def release(self) -> None:
        """It is the same stream and consumer: send what was held."""
        self._live = True
        self._put = self._outbox.put
        for write in self._held:
            self._put(write)
        self._held.clear()

    def drop(self) -> None:
        """It is another stream or consumer, or none: nothing is said until `release`, since nothing was handed over since."""
        self._live = False
        self._outbox.withdraw(self._is_ours)
        self._held.clear()
        self._put = _say_nothing

    def _send(self, reply: str, body: bytes) -> None:
        self._put((reply, "", settling_line(reply, body), None))

    def _is_ours(self, write: Write) -> bool:
        return write[0].startswith("$JS.ACK.") and self._mark in write[0]


def _say_nothing(_write: Write) -> None:
    """In place of the outbox, once the consumer has gone."""
