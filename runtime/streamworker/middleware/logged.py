"""A line in the log for each event that is handled."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from time import perf_counter
from typing import Final

from streamworker.delivery import Delivery, current
from streamworker.handler import Handle, In, Item, Ret

_LOG: Final = logging.getLogger("streamworker.handled")


class Logged:
    """Says of each event, in a batch of each item, what became of it and how long its handler took, with what is inside this
    middleware: which worker, subject, sequence and attempt, and of an error its class alone. Never the event itself, nor an error's
    text: they may hold secrets. Says nothing outside a delivery, as in a unit test.

    level: of the lines of what was handled; what failed is a warning. logger: where to; `streamworker.handled` unless said. The same
    is in each record's attributes: worker, subject, sequence, attempt, seconds, error.
    """

    def __init__(self, *, level: int = logging.DEBUG, logger: logging.Logger = _LOG) -> None:
        self._level = level
        self._logger = logger

    def __call__(self, handle: Handle[In, Ret], /) -> Handle[In, Ret]:
        async def logged(event: In) -> Ret:
            started = perf_counter()
            try:
                returned = await handle(event)
            except Exception as error:
                self._tell(event, error, perf_counter() - started)
                raise
            self._tell(event, None, perf_counter() - started)
            return returned

        return logged

    def _tell(self, event: object, error: Exception | None, seconds: float) -> None:
        for delivery, failure in _outcomes(event, error):
            level = logging.WARNING if failure else self._level
            if self._logger.isEnabledFor(level):
                outcome = f"failed with {failure}" if failure else "handled"
                place = f"{delivery.subject} (sequence {delivery.sequence}, attempt {delivery.attempt})"
                text = f"{delivery.worker}: {place} {outcome} in {seconds * 1000:.1f} ms"
                self._logger.log(level, "%s", text, extra=_attributes(delivery, failure, seconds))


def _outcomes(event: object, error: Exception | None) -> Iterator[tuple[Delivery, str | None]]:
    """The deliveries that were handled, each with the class of its error."""
    items = [each for each in event if isinstance(each, Item)] if isinstance(event, Sequence) else []
    try:
        outcomes = [(each.delivery, each.outcome or error) for each in items] or [(current(), error)]
    except LookupError:
        return
    for delivery, outcome in outcomes:
        yield delivery, type(outcome).__qualname__ if isinstance(outcome, BaseException) else None


def _attributes(delivery: Delivery, failure: str | None, seconds: float) -> dict[str, object]:
    return {
        "worker": delivery.worker,
        "subject": delivery.subject,
        "sequence": delivery.sequence,
        "attempt": delivery.attempt,
        "seconds": seconds,
        "error": failure,
    }
