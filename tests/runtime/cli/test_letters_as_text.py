"""Dead letters on a terminal: which are meant, and how they read."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from streamworker.app.plain_text import shown
from streamworker.cli.letter_filter import LetterFilter, age, duration
from streamworker.cli.letter_text import as_json, page, table
from streamworker.delivery import Origin
from streamworker.engine.stored_letters import StoredLetter
from streamworker.errors import ConfigurationError
from streamworker.letters import Attempt, Letter

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


def letter(**changes: object) -> Letter:
    fields = {
        "worker": "till",
        "subject": "orders.7",
        "data": b'{"id":"7","note":"\\u001b[2J"}',
        "headers": {"Trace": "abc"},
        "origin": Origin("ORDERS", 1, 7),
        "reason": "contract",
        "error": "ContractViolation",
        "text": "not an Order: at /id: a number",
        "places": (("/id", "a number"),),
        "attempts": 2,
        "history": (Attempt("2026-11-24T11:00:00Z", "ValueError", "no such goods", "handlers/biller.py:12 in bill"),),
        "stored": ("id1",),
        "correlation": "ORDERS.7",
        "at": (NOW - timedelta(minutes=12)).isoformat(),
    }
    return Letter(**{**fields, **changes})  # type: ignore[arg-type]  # fields by name


@pytest.mark.parametrize(
    ("wanted", "accepted"),
    [
        (LetterFilter(), True),
        (LetterFilter(worker="till"), True),
        (LetterFilter(worker="archive"), False),
        (LetterFilter(subject="orders.*"), True),
        (LetterFilter(subject="orders.>"), True),
        (LetterFilter(subject="receipts.>"), False),
        (LetterFilter(error="contractviolation: NOT an order"), True),
        (LetterFilter(error="timeout"), False),
        (LetterFilter(older=600.0), True),
        (LetterFilter(older=800.0), False),
        (LetterFilter(newer=800.0), True),
        (LetterFilter(newer=600.0), False),
        (LetterFilter(worker="till", error="timeout"), False),
    ],
)
def test_a_filter_accepts_what_all_of_its_parts_do(wanted: LetterFilter, accepted: bool) -> None:
    assert wanted.accepts(letter(), NOW) is accepted


def test_ages_are_in_their_largest_unit() -> None:
    past = {3: "3s", 65: "1m", 7_300: "2h", 200_000: "2d", -5: "0s"}
    assert {seconds: age((NOW - timedelta(seconds=seconds)).isoformat(), NOW) for seconds in past} == past


def test_durations() -> None:
    assert [duration(text) for text in ("90s", "30m", "1.5h", "7d")] == [90.0, 1800.0, 5400.0, 604_800.0]
    with pytest.raises(ConfigurationError, match="'soon' is not a duration\n  write 90s, 30m, 12h or 7d"):
        duration("soon")


def test_a_list_has_a_line_for_each_letter() -> None:
    lines = list(table([StoredLetter(41, letter()), StoredLetter(7, letter(worker="archive", text="x" * 300))], NOW))

    assert lines[:2] == [
        "SEQ  AGE  WORKER   REASON    TRIES  SUBJECT   ERROR",
        "41   12m  till     contract  2      orders.7  ContractViolation: not an Order: at /id: a number",
    ]
    assert lines[2].endswith("xxx…")


def test_a_page_tells_all_that_is_known() -> None:
    assert "\n".join(page(StoredLetter(41, letter()))) == (
        f"dead letter 41 of till, {(NOW - timedelta(minutes=12)).isoformat()}\n"
        "  subject      orders.7\n"
        "  origin       ORDERS, sequence 7\n"
        "  correlation  ORDERS.7\n"
        "  reason       contract: ContractViolation\n"
        "    at /id: a number\n"
        "  attempts     2, redriven 0 times\n"
        "    2026-11-24T11:00:00Z  ValueError: no such goods (at handlers/biller.py:12 in bill)\n"
        "  stored       outputs id1\n"
        "  header       Trace: abc\n"
        "  event\n"
        "    {\n"
        '      "id": "7",\n'
        '      "note": "\\u001b[2J"\n'
        "    }"
    )


@pytest.mark.parametrize("data", [b"", b"\xff\xfe", b"{", b"[" * 100_000, b'"\x1b[2J"'])
def test_an_event_that_is_no_json_is_shown_as_it_is(data: bytes) -> None:
    lines = list(page(StoredLetter(1, letter(data=data))))
    assert lines[-1].strip()
    assert all(line.isprintable() for line in lines)


@given(st.text())
def test_nothing_that_steers_a_terminal_gets_through(text: str) -> None:
    assert shown(text).isprintable()
    assert shown(text) == text or not text.isprintable()


def test_json_has_all_of_it_and_the_event_as_text() -> None:
    known = json.loads(as_json(StoredLetter(41, letter())))

    assert (known["sequence"], known["worker"], known["event"]) == (41, "till", letter().data.decode())
    assert known["origin"] == {"stream": "ORDERS", "created": 1, "sequence": 7}
    assert json.loads(as_json(StoredLetter(1, letter(data=b"\xff"))))["event_base64"] == "/w=="
