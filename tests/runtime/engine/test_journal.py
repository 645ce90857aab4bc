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
import os, signal, sys
from pathlib import Path
from streamworker.delivery import Incoming, Origin
from streamworker.engine.journal import Journal, journal_file
from streamworker.sources.memory import MemorySource
from streamworker.sources.redrive import RedriveSubject

journal, source = Journal(), MemorySource(RedriveSubject("s"))
with journal_file(journal, Path(sys.argv[1]), "shipper", 10, "the stream"):
    for number in range(5):
        incoming = Incoming("s", b"", None, Origin("S", 1, number), source, reply=f"reply.{number}")
        journal.hold(incoming)
        if number == 1:
            journal.running(incoming)
        if number == 2:
            journal.running(incoming)
            journal.cleared(incoming)
        if number == 3:
            journal.forget(incoming)
    again = Incoming("s", b"", None, Origin("S", 1, 5), source, reply="reply.5", delivered=2)
    journal.hold(again)
    journal.running(again)
    journal.cleared(again)
    os.kill(os.getpid(), signal.SIGKILL)
"""


def _die_with_deliveries(folder: Path) -> None:
    died = subprocess.run([sys.executable, "-c", HELD, str(folder)], check=False)
    assert died.returncode == -9


def _left(folder: Path, identity: str = "the stream") -> list[Left]:
    with journal_file(Journal(), folder, "shipper", 10, identity) as inheritance:
        inheritance.settle()
        return sorted(inheritance.left, key=lambda each: each.reply)


def test_what_a_killed_process_held_is_found_with_what_was_running(tmp_path: Path) -> None:
    _die_with_deliveries(tmp_path)
    assert _left(tmp_path) == [
        Left("reply.0", running=False),
        Left("reply.1", running=True),
        Left("reply.2", running=False),
        Left("reply.4", running=False),
        Left("reply.5", running=False, cleared=True),
    ]
    assert _left(tmp_path) == []


def test_what_was_not_given_back_is_left_to_the_next_process_and_to_one_alone(tmp_path: Path) -> None:
    """A process that dies while it gives back has lost nothing, and of two that start at once one gives back."""
    _die_with_deliveries(tmp_path)
    with (
        journal_file(Journal(), tmp_path, "shipper", 10, "the stream") as first,
        journal_file(Journal(), tmp_path, "shipper", 10, "the stream") as second,
    ):
        assert (len(first.left), len(second.left)) == (5, 0)
    assert len(_left(tmp_path)) == 5


def test_what_was_held_of_another_stream_is_dropped(tmp_path: Path) -> None:
    _die_with_deliveries(tmp_path)
    assert _left(tmp_path, identity="the stream, made anew") == []
    assert list(tmp_path.iterdir()) == []


def test_the_journal_of_a_living_process_is_left_alone(tmp_path: Path) -> None:
    journal = Journal()
    with journal_file(journal, tmp_path, "shipper", 10, "the stream"):
        journal.hold(Incoming("s", b"", None, Origin("S", 1, 1), MemorySource(RedriveSubject("s")), reply="reply"))
        assert _left(tmp_path) == []
        assert [path.name.split("-")[0] for path in tmp_path.iterdir()] == [f"shipper.{os.getpid()}"]


def test_an_orderly_end_leaves_no_journal(tmp_path: Path) -> None:
    with journal_file(Journal(), tmp_path, "shipper", 10, "the stream"):
        pass
    assert list(tmp_path.iterdir()) == []


def test_more_deliveries_than_slots_and_endless_replies_are_not_noted(tmp_path: Path) -> None:
    journal = Journal()
    with journal_file(journal, tmp_path, "shipper", 1, "the stream"):
        for reply in ("x" * 1000, "reply.1", "reply.2"):
            incoming = Incoming("s", b"", None, Origin("S", 1, 1), MemorySource(RedriveSubject("s")), reply=reply)
            journal.hold(incoming)
            journal.running(incoming)
            journal.forget(incoming)
