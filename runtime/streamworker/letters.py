"""A dead letter: the event as it came, and all that is known of why it could not be handled. Pure.

On the wire a letter is a message whose data are the event's original bytes; everything else is one header of JSON, so that
any NATS tool shows the event; what is too large for that is packed. The event's own headers are kept inside that JSON: a copied
`Nats-Msg-Id` would have the letter swallowed as a duplicate.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import asdict, astuple, dataclass, field
from datetime import UTC, datetime
from itertools import chain
from typing import Literal, Protocol, TypeAlias, get_args

from streamworker.delivery import CORRELATION_HEADER, Incoming, Origin, correlation
from streamworker.errors import ContractViolation
from streamworker.places import text_of

LETTER_HEADER = "Streamworker-Letter"
ORIGIN_HEADER = "Streamworker-Origin"
SUBJECT_HEADER = "Streamworker-Subject"
REDRIVEN_HEADER = "Streamworker-Redriven"
STORED_HEADER = "Streamworker-Stored"

Reason: TypeAlias = Literal["contract", "attempts", "classified", "crashed", "refused", "feed", "advisory"]
"""Why: the contract refuses the event; its attempts ran out; its error said so; it ended the process; the server refuses its
output; an ingest's feed sent it; the server gave up on it."""

_TEXT = 2_000
_PLACES = 20
_RESERVED = ("nats-", "streamworker-")
_ORIGIN = re.compile(
    r"([^\s.*>\x00-\x1f\x7f/\\]{1,255}) ([0-9]{1,20}) ([0-9]{1,20})"
)  # a stream's name, as the server takes it
_COUNT = re.compile(r"[0-9]{1,9}")


@dataclass(frozen=True)
class Attempt:
    """One failed attempt: when (RFC 3339), the error's type and text, and where in the handler's code it was raised, where that is known."""

    at: str
    error: str
    text: str
    place: str = ""


@dataclass(frozen=True, kw_only=True)
class Letter:
    """A dead letter of a worker, or of an ingest (whose frames have no origin but the feed's name and a count).

    attempts: how many failed in all; history: the last of them. places: (JSON pointer, what was expected there).
    """

    worker: str
    subject: str
    data: bytes
    headers: Mapping[str, str]
    origin: Origin
    reason: Reason
    error: str
    text: str
    places: tuple[tuple[str, str], ...] = ()
    attempts: int = 1
    history: tuple[Attempt, ...] = ()
    redriven: int = 0
    stored: tuple[str, ...] = ()
    correlation: str = ""
    at: str = field(default_factory=lambda: datetime.now(UTC).isoformat(timespec="milliseconds"))


class LetterBox(Protocol):
    """Where dead letters are kept."""

    async def store(self, letter: Letter, id: str, /) -> None:
        """Return once the letter is stored, however long that takes. Raises PublishRefused where it never can be."""


def write(
    worker: str, incoming: Incoming, error: BaseException, reason: Reason, stored: tuple[str, ...] = ()
) -> Letter:
    """The letter of a delivery that failed with `error`, some of whose outputs were stored."""
    places = error.violations[:_PLACES] if isinstance(error, ContractViolation) else ()
    return Letter(
        worker=worker,
        subject=incoming.subject,
        data=incoming.data,
        headers=incoming.headers or {},
        origin=incoming.origin,
        reason=reason,
        error=type(error).__qualname__,
        text=text_of(error)[:_TEXT],
        places=tuple((violation.pointer, violation.expected) for violation in places),
        redriven=incoming.redriven,
        stored=(*sorted(incoming.stored), *stored),
        correlation=correlation(incoming),
    )


def encode(letter: Letter) -> tuple[dict[str, str], bytes]:
    """Headers and data of a letter, of any size: see `packing`."""
    known = {**asdict(letter), "origin": letter.origin._asdict()}
    del known["data"]
    return {LETTER_HEADER: json.dumps(known)}, letter.data


def decode(headers: Mapping[str, str], data: bytes) -> Letter:
    """The letter of a stored message, unpacked. Raises ValueError where it is none."""
    text = headers.get(LETTER_HEADER)
    if text is None:
        raise ValueError(f"no header {LETTER_HEADER}")
    try:
        value = json.loads(text)
        known = {
            "data": data,
            "origin": Origin(**value["origin"]),
            "places": tuple((pointer, expected) for pointer, expected in value["places"]),
            "history": tuple(Attempt(**each) for each in value["history"]),
            "stored": tuple(value["stored"]),
        }
        letter = Letter(**{**value, **known})
        sound = _is_sound(letter)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"a broken header {LETTER_HEADER}: {error!r}") from error
    if not sound:
        raise ValueError(f"a broken header {LETTER_HEADER}: values of other types")
    return letter


def redrive_headers(letter: Letter) -> dict[str, str]:
    """Headers of the message that brings a letter back to its worker. The event's own `Nats-*` headers stay behind: an old
    message id is swallowed as a duplicate, `Nats-Expected-Stream` is refused (10060)."""
    own = {name: value for name, value in letter.headers.items() if _may_be_sent(name)}
    origin = letter.origin
    return {
        **own,
        SUBJECT_HEADER: letter.subject,
        ORIGIN_HEADER: f"{origin.stream} {origin.created} {origin.sequence}",
        REDRIVEN_HEADER: str(letter.redriven + 1),
        STORED_HEADER: ",".join(letter.stored),
        CORRELATION_HEADER: letter.correlation,
    }


def _is_sound(letter: Letter) -> bool:
    """Whether all is of the types that it should be: who may write letters may write anything, and operators have to read it. Raises
    ValueError, TypeError or AttributeError where it is not even nearly so."""
    origin, attempts = letter.origin, [each for attempt in letter.history for each in astuple(attempt)]
    own = (letter.worker, letter.subject, letter.error, letter.text, letter.correlation, letter.at, origin.stream)
    texts = (*own, *attempts, *letter.stored, *letter.headers.keys(), *letter.headers.values(), *chain(*letter.places))
    numbers = (letter.attempts, letter.redriven, origin.created, origin.sequence)
    return (
        all(isinstance(each, str) for each in texts)
        and all(type(each) is int for each in numbers)
        and letter.reason in get_args(Reason)
        and datetime.fromisoformat(letter.at).tzinfo is not None
    )


def _may_be_sent(name: str) -> bool:
    return bool(name) and name.isprintable() and not name.lower().startswith(_RESERVED)


def origin_of(headers: Mapping[str, str]) -> Origin:
    """The origin that a redriven message carries. Raises ValueError where it has none; only the redrive subject is trusted."""
    found = _ORIGIN.fullmatch(headers.get(ORIGIN_HEADER, ""))
    if found is None:
        raise ValueError(f"no header {ORIGIN_HEADER}")
    return Origin(found[1], int(found[2]), int(found[3]))


def redriven_of(headers: Mapping[str, str]) -> int:
    """How often a redriven message was redriven. Raises ValueError where it does not say so."""
    text = headers.get(REDRIVEN_HEADER, "")
    if not _COUNT.fullmatch(text):
        raise ValueError(f"no header {REDRIVEN_HEADER}")
    return int(text)
