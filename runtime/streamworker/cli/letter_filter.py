"""Which dead letters an operator means."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from streamworker.errors import ConfigurationError
from streamworker.jetstream.plan import covers
from streamworker.letters import Letter

_UNITS: Final = {"s": 1.0, "m": 60.0, "h": 3600.0, "d": 86_400.0}
_DURATION: Final = re.compile(r"(\d+(?:\.\d+)?)([smhd])")


@dataclass(frozen=True, kw_only=True)
class LetterFilter:
    """What is left empty does not count.

    subject: a subject of the event, which may have wildcards. error: a part of the error's type or text, in any case. older, newer:
    seconds since the letter was written.
    """

    worker: str = ""
    subject: str = ""
    error: str = ""
    older: float | None = None
    newer: float | None = None

    @property
    def means_all(self) -> bool:
        return self == LetterFilter()

    def accepts(self, letter: Letter, now: datetime) -> bool:
        age = (now - datetime.fromisoformat(letter.at)).total_seconds()
        return (
            (not self.worker or letter.worker == self.worker)
            and (not self.subject or covers(self.subject, letter.subject))
            and self.error.lower() in f"{letter.error}: {letter.text}".lower()
            and (self.older is None or age >= self.older)
            and (self.newer is None or age <= self.newer)
        )


def duration(text: str) -> float:
    """Seconds of a duration such as 90s, 30m, 1.5h or 7d. Raises ConfigurationError."""
    found = _DURATION.fullmatch(text.strip())
    if found is None:
        raise ConfigurationError(f"{text!r} is not a duration", hint="write 90s, 30m, 12h or 7d")
    return float(found[1]) * _UNITS[found[2]]


def age(at: str, now: datetime | None = None) -> str:
    """How long ago that was, in its largest unit: 5s, 12m, 3h, 9d."""
    past = (now or datetime.now(UTC)) - datetime.fromisoformat(at)
    for unit in ("d", "h", "m"):
        if past >= timedelta(seconds=_UNITS[unit]):
            return f"{past.total_seconds() // _UNITS[unit]:.0f}{unit}"
    return f"{max(0.0, past.total_seconds()):.0f}s"
