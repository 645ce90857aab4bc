"""A line in the log for each event that is handled."""

from __future__ import annotations

import logging
from time import perf_counter
from typing import Final

from streamworker.delivery import current
from streamworker.handler import Handle, In, Ret

_LOG: Final = logging.getLogger("streamworker.handled")


class Logged:
    """Says of each event what became of it and how long its handler took, with what is inside this middleware: which worker, subject and
    sequence, which attempt, and of an error its class alone. Never the event itself, nor an error's text: they may hold secrets.

    level: of the lines of handlers that return; those of handlers that raise are warnings. logger: where to;
    `streamworker.handled` unless said. The same is in each record's attributes: worker, subject, sequence, attempt, seconds, error.
    """

    def __init__(self, *, level: int = logging.INFO, logger: logging.Logger = _LOG) -> None:
        self._level = level
        self._logger = logger

    def __call__(self, handle: Handle[In, Ret], /) -> Handle[In, Ret]:
        async def logged(event: In) -> Ret:
            started = perf_counter()
            try:
                returned = await handle(event)
            except Exception as error:
                self._tell(logging.WARNING, started, type(error).__name__)
                raise
            self._tell(self._level, started, None)
            return returned

        return logged

    def _tell(self, level: int, started: float, error: str | None) -> None:
        if self._logger.isEnabledFor(level):
            seconds = perf_counter() - started
            outcome = f"failed with {error}" if error else "handled"
            what, attributes = _handled()
            attributes |= {"seconds": seconds, "error": error}
            self._logger.log(level, "%s %s in %.1f ms", what, outcome, seconds * 1000, extra=attributes)


def _handled() -> tuple[str, dict[str, object]]:
    """What is being handled: one delivery, a batch of them, or an event that a test made."""
    try:
        delivery = current()
    except LookupError:
        return "event or batch", {}
    attempt = f", attempt {delivery.attempt}" if delivery.attempt > 1 else ""
    return f"{delivery.worker}: {delivery.subject} ({delivery.sequence}{attempt})", {
        "worker": delivery.worker,
        "subject": delivery.subject,
        "sequence": delivery.sequence,
        "attempt": delivery.attempt,
    }
