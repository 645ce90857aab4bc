"""Dead letters as text. What is in them came from outside: control characters never reach the terminal as they are."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import datetime

from streamworker.app.plain_text import shown, shown_json
from streamworker.cli.letter_filter import age
from streamworker.engine.stored_letters import StoredLetter
from streamworker.letters import Attempt, Letter

_SHORT = 100  # characters of an error in a list


def table(stored: Sequence[StoredLetter], now: datetime) -> Iterator[str]:
    """A line for each letter, below a headline."""
    rows = [("SEQ", "AGE", "WORKER", "REASON", "TRIES", "SUBJECT", "ERROR"), *(_row(each, now) for each in stored)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]) - 1)]
    for row in rows:
        yield "  ".join([*(cell.ljust(width) for cell, width in zip(row, widths, strict=False)), row[-1]])


def page(stored: StoredLetter) -> Iterator[str]:
    """All that is known of a letter."""
    letter = stored.letter
    origin = letter.origin
    yield f"dead letter {stored.sequence} of {shown(letter.worker)}, {shown(letter.at)}"
    yield f"  subject      {shown(letter.subject)}"
    yield f"  origin       {shown(origin.stream)}, sequence {origin.sequence}"
    yield f"  correlation  {shown(letter.correlation)}"
    yield f"  reason       {letter.reason}: {shown(letter.error) if letter.places else _error(letter)}"
    yield from (
        f"    at {shown(pointer) or '(the whole event)'}: {shown(expected)}" for pointer, expected in letter.places
    )
    yield f"  attempts     {letter.attempts}, redriven {letter.redriven} times"
    yield from (f"    {_attempt(each)}" for each in letter.history)
    if letter.stored:
        yield f"  stored       outputs {', '.join(map(shown, letter.stored))}"
    yield from (f"  header       {shown(name)}: {shown(value)}" for name, value in letter.headers.items())
    yield "  event"
    yield from (f"    {line}" for line in _event(letter.data))


def as_json(stored: StoredLetter) -> str:
    """A letter as one line of JSON. The event is text in `event`; in `event_base64` where it is no UTF-8."""
    known = {**asdict(stored.letter), "origin": stored.letter.origin._asdict()}
    data: bytes = known.pop("data")
    try:
        event = {"event": data.decode()}
    except UnicodeDecodeError:
        event = {"event_base64": base64.b64encode(data).decode()}
    return shown_json({"sequence": stored.sequence, **known, **event})


def _row(stored: StoredLetter, now: datetime) -> tuple[str, ...]:
    letter = stored.letter
    error = _error(letter)
    short = error if len(error) <= _SHORT else f"{error[: _SHORT - 1]}…"
    tries = str(letter.attempts)
    return (
        str(stored.sequence),
        age(letter.at, now),
        shown(letter.worker),
        letter.reason,
        tries,
        shown(letter.subject),
        short,
    )


def _attempt(attempt: Attempt) -> str:
    place = f" (at {shown(attempt.place)})" if attempt.place else ""
    return f"{shown(attempt.at)}  {shown(attempt.error)}: {shown(attempt.text)}{place}"


def _error(letter: Letter) -> str:
    return f"{shown(letter.error)}: {shown(letter.text)}"


def _event(data: bytes) -> Sequence[str]:
    """An event's lines: its JSON laid out, or its text where it is none."""
    try:
        laid_out = json.dumps(json.loads(data), indent=2, ensure_ascii=False)
    except (ValueError, RecursionError):
        laid_out = data.decode(errors="replace") or "(empty)"
    return [shown(line) for line in laid_out.splitlines()]
