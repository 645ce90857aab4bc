"""Runs the parts of a pipeline side by side, from the first start to the last end."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol, TypeAlias

from streamworker.app.figures import Figures, IngestFigures, State, WorkerFigures
from streamworker.errors import ConnectionLost, StreamworkerError, WorkerStopped
from streamworker.places import text_of

_log = logging.getLogger("streamworker")
_AGAIN = 1.0  # seconds before a part that lost its connection while it started tries again
_LAST_WORDS = 5.0  # seconds that cancelled parts have to give back what they hold
_LOOK = 0.1  # seconds between two looks whether all is done
_LOOKS = 2

PartFigures: TypeAlias = WorkerFigures | IngestFigures


class Part(Protocol):
    """A worker or an ingest, as it is run."""

    @property
    def name(self) -> str: ...

    async def run(self, stop: asyncio.Event, /) -> None:
        """Work until `stop` is set, or until there can be no more; then finish in order. Cancelled, stop at once.

        Raises ConnectionLost where it could not start, and may be run again; anything else is its end.
        """

    async def drained(self) -> bool:
        """Whether there is nothing to do, and nothing under way."""
        ...

    def figures(self, now: float, /) -> PartFigures:
        """What it has done, and its state as it sees it; `now` is `time.monotonic()`."""
        ...


@dataclass
class _Life:
    """state: where it stands, as far as the supervision knows better than the part itself."""

    part: Part
    state: State | None = None

    def figures(self, now: float) -> PartFigures:
        found = self.part.figures(now)
        return found if self.state is None else replace(found, state=self.state)


class Supervision:
    """Runs parts until `stop` is set, one of them fails, or all have ended; then has all finish."""

    def __init__(self, parts: Sequence[Part], stop: asyncio.Event) -> None:
        self.parts = parts
        self._lives = [_Life(part) for part in parts]
        self._stop = stop

    @property
    def failed(self) -> Sequence[str]:
        """The parts that ended with an error."""
        return [life.part.name for life in self._lives if life.state is not None and life.state.condition == "failed"]

    def figures(self, now: float) -> Figures:
        found = [life.figures(now) for life in self._lives]
        return Figures(
            at=now,
            workers=[each for each in found if isinstance(each, WorkerFigures)],
            ingests=[each for each in found if isinstance(each, IngestFigures)],
        )

    async def run(self) -> None:
        """Returns when every part has ended. Cancelled, all parts are, and have a moment to give back what they hold."""
        tasks = {asyncio.create_task(self._live(life), name=life.part.name) for life in self._lives}
        stopping = asyncio.create_task(self._note_stop())
        try:
            if tasks:
                await asyncio.wait(tasks)
        except asyncio.CancelledError:
            for task in tasks:
                task.cancel()
            await asyncio.wait(tasks, timeout=_LAST_WORDS)
            raise
        finally:
            stopping.cancel()

    async def until_idle(self) -> None:
        """Set `stop` once every part is drained at two looks in a row, and nothing moved in between: a consumer is told of a message a
        little later than its publisher is told that it is stored."""
        looks, before = 0, self._moves()
        while not self._stop.is_set():
            drained = await self._all_drained()
            looks = looks + 1 if drained and self._moves() == before else 0
            before = self._moves()
            if looks == _LOOKS:
                self._stop.set()
            else:
                await asyncio.sleep(_LOOK)

    async def _all_drained(self) -> bool:
        for life in self._lives:
            try:
                if not await life.part.drained():
                    return False
            except StreamworkerError as trouble:
                _log.debug("can't tell whether %s is drained: %s", life.part.name, trouble)
                return False
        return True

    def _moves(self) -> int:
        return sum(figures.received + figures.settled for figures in self.figures(time.monotonic()).parts)

    async def _live(self, life: _Life) -> None:
        try:
            await self._run(life.part)
        except asyncio.CancelledError:
            life.state = State("stopped")
            raise
        except Exception as error:  # noqa: BLE001  # whatever it is, the others have to stop in order
            self._note_failure(life, error)
        else:
            life.state = State("stopped")

    async def _run(self, part: Part) -> None:
        while not self._stop.is_set():
            try:
                await part.run(self._stop)
            except ConnectionLost as lost:
                _log.warning("%s starts again: %s", part.name, lost)
                await _passed(self._stop, _AGAIN)
            else:
                return

    def _note_failure(self, life: _Life, error: Exception) -> None:
        if isinstance(error, WorkerStopped) and isinstance(error.error, Exception):
            error = error.error
        life.state = State("failed", f"{type(error).__qualname__}: {text_of(error)}")
        expected = isinstance(error, StreamworkerError)
        _log.error("%s failed, so all stop: %s", life.part.name, text_of(error), exc_info=None if expected else error)
        self._stop.set()

    async def _note_stop(self) -> None:
        await self._stop.wait()
        for life in self._lives:
            life.state = life.state or State("stopping")


async def _passed(event: asyncio.Event, seconds: float) -> None:
    """Return when the event is set or the time has passed."""
    waiting = asyncio.ensure_future(event.wait())
    await asyncio.wait({waiting}, timeout=seconds)
    waiting.cancel()
