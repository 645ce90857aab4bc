"""The journal: what a dead process held is there for the next, and only then."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from streamworker.delivery import Incoming, Origin
from streamworker.engine.inheritance import Left
from streamworker.engine.journal import Journal, journal_file
from streamworker.sources.memory import MemorySource
from streamworker.sources.redrive import RedriveSubject

HELD = """
import asyncio, os, signal, sys
from pathlib import Path
from streamworker.delivery import Incoming, Origin
from streamworker.engine.journal import Journal, journal_file
from streamworker.sources.memory import MemorySource
from streamworker.sources.redrive import RedriveSubject

async def main():
    journal, source, on_its_way = Journal(), MemorySource(RedriveSubject("s")), asyncio.Event()
    on_its_way.set()
    with journal_file(journal, Path(sys.argv[1]), "shipper", 10, "the stream", on_its_way.wait):
        for number in range(7):
            incoming = Incoming("s", b"", None, Origin("S", 1, number), source, reply=f"reply.{number}")
            journal.hold(incoming)
            if number in (2, 5):
                journal.noted(incoming)
            if number in (1, 2):
                journal.running(incoming)
            if number == 2:
                journal.cleared(incoming)
            if number in (3, 6):
                journal.settled(incoming)
                await asyncio.sleep(0.01)
                on_its_way.clear()
        os.kill(os.getpid(), signal.SIGKILL)

asyncio.run(main())
"""


async def _written() -> None:
    """Nothing is on its way."""


def _die_with_deliveries(folder: Path) -> None:
    died = subprocess.run([sys.executable, "-c", HELD, str(folder)], check=False)
    assert died.returncode == -9


def _left(folder: Path, identity: str = "the stream") -> list[Left]:
    with journal_file(Journal(), folder, "shipper", 10, identity, _written) as inheritance:
        inheritance.settle()
        return sorted(inheritance.left, key=lambda each: each.reply)


def test_what_a_killed_process_held_is_found_with_what_was_running(tmp_path: Path) -> None:
    """And with what was settled, but not said to the server: 6; while that of 3 was on its way."""
    _die_with_deliveries(tmp_path)
    assert _left(tmp_path) == [
        Left("reply.0", running=False),
        Left("reply.1", running=True),
        Left("reply.2", running=False, noted=True),
        Left("reply.4", running=False),
        Left("reply.5", running=False, noted=True),
        Left("reply.6", running=False),
    ]
    assert _left(tmp_path) == []


def test_what_was_not_given_back_is_left_to_the_next_process_and_to_one_alone(tmp_path: Path) -> None:
    """A process that dies while it gives back has lost nothing, and of two that start at once one gives back."""
    _die_with_deliveries(tmp_path)
    with (
        journal_file(Journal(), tmp_path, "shipper", 10, "the stream", _written) as first,
        journal_file(Journal(), tmp_path, "shipper", 10, "the stream", _written) as second,
    ):
        assert (len(first.left), len(second.left)) == (6, 0)
    assert len(_left(tmp_path)) == 6


def test_what_was_held_of_another_stream_is_dropped(tmp_path: Path) -> None:
    _die_with_deliveries(tmp_path)
    assert _left(tmp_path, identity="the stream, made anew") == []
    assert list(tmp_path.iterdir()) == []


def test_the_journal_of_a_living_process_is_left_alone(tmp_path: Path) -> None:
    journal = Journal()
    with journal_file(journal, tmp_path, "shipper", 10, "the stream", _written):
        journal.hold(Incoming("s", b"", None, Origin("S", 1, 1), MemorySource(RedriveSubject("s")), reply="reply"))
        assert _left(tmp_path) == []
        assert [path.name.split("-")[0] for path in tmp_path.iterdir()] == [f"shipper.{os.getpid()}"]


def test_an_orderly_end_leaves_no_journal(tmp_path: Path) -> None:
    with journal_file(Journal(), tmp_path, "shipper", 10, "the stream", _written):
        pass
    assert list(tmp_path.iterdir()) == []


async def test_more_deliveries_than_slots_and_endless_replies_are_not_noted(tmp_path: Path) -> None:
    journal = Journal()
    with journal_file(journal, tmp_path, "shipper", 1, "the stream", _written):
        for reply in ("x" * 1000, "reply.1", "reply.2"):
            incoming = Incoming("s", b"", None, Origin("S", 1, 1), MemorySource(RedriveSubject("s")), reply=reply)
            journal.hold(incoming)
            journal.running(incoming)
            journal.settled(incoming)
