"""Suspects in a child: the culprits are found, each alone, and the innocent cleared together."""

from __future__ import annotations

import asyncio
import logging
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from streamworker.delivery import Incoming, Origin
from streamworker.engine.child import Word
from streamworker.engine.suspects import ChildTrial, SuspectDied
from streamworker.sources.memory import MemorySource
from streamworker.sources.redrive import RedriveSubject

from tests.conftest import Eventually

CHILD = """
import json, os, signal, socket, sys

connection = socket.socket(fileno=int(sys.argv[-1]))
lines, words = connection.makefile("r"), connection.makefile("w")
with open("starts", "a") as starts:
    starts.write("*")
for line in lines:
    told = json.loads(line)
    deed = told["headers"]["deed"]
    if deed == "kill":
        os.kill(os.getpid(), signal.SIGKILL)
    if deed == "hang":
        signal.pause()
    words.write(json.dumps({"number": told["number"], "verb": "nak", "delay": told["origin"][2]}) + "\\n")
    words.flush()
"""
SOURCE = MemorySource(RedriveSubject("s"))


@asynccontextmanager
async def trial(folder: Path, *, timeout: float = 20.0) -> AsyncIterator[ChildTrial]:
    command = [sys.executable, "-c", f"import os; os.chdir({str(folder)!r})\n{CHILD}"]
    trial = ChildTrial(command, environment=os.environ, timeout=timeout, together=16, log=logging.getLogger("trial"))
    try:
        yield trial
    finally:
        await trial.close()


def suspect(number: int, deed: str = "") -> Incoming:
    return Incoming("s", b"", {"deed": deed}, Origin("S", 1, number), SOURCE)


async def test_of_many_suspects_only_the_culprits_die_and_the_innocent_keep_their_words(tmp_path: Path) -> None:
    """Forty at once, in groups of sixteen, two of them killers: two children die in company and two over a killer alone."""
    async with trial(tmp_path) as tried:
        suspects = [suspect(number, "kill" if number in (5, 30) else "") for number in range(40)]
        words = await asyncio.gather(*(tried.try_out(each) for each in suspects), return_exceptions=True)
    assert [number for number, word in enumerate(words) if isinstance(word, SuspectDied)] == [5, 30]
    assert [word for word in words if isinstance(word, Word)] == [
        Word("nak", float(number)) for number in range(40) if number not in (5, 30)
    ]
    assert str(words[5]) == "signal 9"
    assert (tmp_path / "starts").read_text() == "*" * 5


async def test_one_that_hangs_is_found_when_its_time_is_over(tmp_path: Path) -> None:
    async with trial(tmp_path, timeout=1.0) as tried:
        innocent = asyncio.create_task(tried.try_out(suspect(1)))
        culprit = tried.try_out(suspect(2, "hang"))
        with pytest.raises(SuspectDied, match="it stood still"):
            await culprit
        assert await innocent == Word("nak", 1.0)


async def test_a_trial_that_is_closed_leaves_nobody_waiting(tmp_path: Path, eventually: Eventually) -> None:
    async with trial(tmp_path) as tried:
        waiting = [asyncio.create_task(tried.try_out(suspect(number, "hang"))) for number in range(20)]
        await eventually(lambda: (tmp_path / "starts").exists())
    done, _ = await asyncio.wait(waiting, timeout=5)
    assert [task.cancelled() for task in done] == [True] * 20
