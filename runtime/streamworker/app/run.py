"""`run`: a whole pipeline, or parts of it, from the first connection to the report.

Exit codes: 0, stopped as asked, or idle; 1, a part failed or the server refused something; 2, something to mend first; 75, the
watchdog ended a process that could not go on; 128 + N, a second signal N ended it at once. Where the kernel had to end it in the
watchdog's place, it died by SIGVTALRM.
"""

from __future__ import annotations

import asyncio
import gc
import logging
import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, contextmanager
from dataclasses import dataclass, replace

from rich.console import Console

from streamworker.app.display import display_for
from streamworker.app.environment import filled_in
from streamworker.app.figures import Figures
from streamworker.app.load import load_pipeline
from streamworker.app.place import Place
from streamworker.app.plain_text import shown_lines
from streamworker.app.profile import Profile
from streamworker.app.report import Report
from streamworker.app.selection import selected
from streamworker.app.server import connected, server
from streamworker.app.signals import Signals
from streamworker.app.supervision import Part, Supervision
from streamworker.app.surroundings import Surroundings
from streamworker.app.tasks import beside, unless
from streamworker.app.watchdog import Watchdog
from streamworker.app.worker_part import WorkerPart
from streamworker.engine.groundwork import groundwork
from streamworker.engine.threads import overdue
from streamworker.errors import ConnectionLost, StreamworkerError
from streamworker.jetstream.api import Api
from streamworker.jetstream.connection import Connection
from streamworker.jetstream.options import ConnectionOptions
from streamworker.jetstream.provision import Provisioned, provision
from streamworker.jetstream.publisher import Publisher
from streamworker.pipeline import Pipeline

_log = logging.getLogger("streamworker")


@dataclass(frozen=True, kw_only=True)
class RunOptions:
    """names: workers and ingests to run; all where none is named. until_idle: stop when there is nothing left to do. profile: say at the
    end where the time went."""

    place: Place
    names: Sequence[str] = ()
    until_idle: bool = False
    profile: bool = False


def run(options: RunOptions, console: Console, variables: Mapping[str, str] = os.environ) -> int:
    """Run until told to stop, print the report, and return the exit code.

    Raises ConfigurationError for what has to be mended first; EmbeddedServerError, ResourceConflict or BrokerError where it could not
    start.
    """
    pipeline = filled_in(selected(load_pipeline(options.place.project), options.names), variables)
    with asyncio.Runner(loop_factory=_loop_factory()) as runner:
        return runner.run(_Run(pipeline, options, console, variables).main())


class _Run:
    """One run. `main` is all of it; what it calls follows in the order of its calls."""

    def __init__(self, pipeline: Pipeline, options: RunOptions, console: Console, variables: Mapping[str, str]) -> None:
        self._pipeline = pipeline
        self._options = options
        self._console = console
        self._variables = variables
        self._profile = Profile() if options.profile else None
        self._stop = asyncio.Event()
        self._supervision = Supervision((), self._stop)

    async def main(self) -> int:
        """The exit code, once the report is printed."""
        started = time.monotonic()
        working = asyncio.ensure_future(self._work())
        signals = Signals(self._stop, hurry=working.cancel)
        failure: StreamworkerError | None = None
        with signals.handled():
            try:
                await working
            except asyncio.CancelledError:
                if signals.second is None:
                    raise
            except StreamworkerError as error:
                if not self._supervision.parts:  # nothing was started: there is nothing to report
                    raise
                failure = error
        ended, code = self._ending(signals, failure)
        self._print_report(ended, time.monotonic() - started)
        return code

    async def _work(self) -> None:
        """Connect, make ready, and have all parts work until they are to stop. A signal ends the waiting for a server, too."""
        async with AsyncExitStack() as stack:
            options = await stack.enter_async_context(server(self._options.place, self._variables))
            connection = await unless(self._stop, self._connected(options, stack))
            parts = await unless(self._stop, self._parts(connection, stack)) if connection else None
            if connection is None or parts is None:
                return
            self._supervision = Supervision(parts, self._stop)
            stack.enter_context(_watched(parts))
            _spare_the_collector()
            if self._profile is not None:
                stack.enter_context(self._profile.taken())
            display = display_for(self._console, f"{self._pipeline.name} on {connection.url}")
            async with beside(display.show(lambda: self._figures(connection.waiting)), self._until_idle()):
                await self._supervision.run()

    async def _connected(self, options: ConnectionOptions, stack: AsyncExitStack) -> Connection:
        return await stack.enter_async_context(connected(replace(options, name=f"streamworker {self._pipeline.name}")))

    async def _parts(self, connection: Connection, stack: AsyncExitStack) -> Sequence[Part]:
        """The parts, with everything on the server that they need."""
        _tell_provisioned(await self._provisioned(Api(connection)))
        publisher = Publisher(connection)
        await publisher.open()
        stack.push_async_callback(publisher.close)
        around = Surroundings(self._options.place.project, self._pipeline, connection, publisher, self._variables)
        return [*(WorkerPart(each, around) for each in self._pipeline.workers), *_ingest_parts(around)]

    async def _provisioned(self, api: Api) -> Provisioned:
        while True:
            try:
                return await provision(api, groundwork(self._pipeline))
            except ConnectionLost as lost:
                _log.warning("waiting: the server does not say what it has: %s", lost)

    async def _until_idle(self) -> None:
        if self._options.until_idle:
            await self._supervision.until_idle()

    def _figures(self, waiting: str = "") -> Figures:
        return replace(self._supervision.figures(time.monotonic()), waiting=waiting)

    def _ending(self, signals: Signals, failure: StreamworkerError | None) -> tuple[str, int]:
        """Why the run ended, and the exit code of that."""
        if failure is not None:
            return f"stopped, since {failure}", 1
        if signals.second is not None:
            return f"ended at once by a second {signals.second.name}", 128 + signals.second
        if failed := self._supervision.failed:
            return f"stopped, since {' and '.join(failed)} failed", 1
        if signals.first is not None:
            return f"stopped by {signals.first.name}", 0
        return "nothing is left to do" if self._options.until_idle else "every part has ended", 0

    def _print_report(self, ended: str, seconds: float) -> None:
        figures = self._figures()
        report = Report(pipeline=self._pipeline.name, figures=figures, ended=ended, seconds=seconds)
        profile = self._profile.lines(sum(part.settled for part in figures.parts)) if self._profile is not None else []
        for line in (*report.lines(), *profile):
            self._console.print(shown_lines(line), soft_wrap=True, highlight=False, markup=False)


def _ingest_parts(around: Surroundings) -> Iterator[Part]:
    """None are there in most pipelines, and what reads feeds takes 50 ms to load, of which most is httpx."""
    if around.pipeline.ingests:
        from streamworker.app.ingest_part import IngestPart

        yield from (IngestPart(ingest, around) for ingest in around.pipeline.ingests)


@contextmanager
def _watched(parts: Sequence[Part]) -> Iterator[None]:
    """A watchdog over all of them."""
    workers = [part for part in parts if isinstance(part, WorkerPart)]
    limit = min((worker.ack_wait for worker in workers), default=30.0)

    def blame(stuck: asyncio.Task[object]) -> None:
        if any(worker.runs_in(stuck) for worker in workers):
            for worker in workers:
                worker.clear_all_but(stuck)

    watchdog = Watchdog(
        limit, running=lambda: [each for worker in workers for each in worker.running()], overdue=overdue, blame=blame
    )
    watchdog.open()
    try:
        yield
    finally:
        watchdog.close()


def _tell_provisioned(made: Provisioned) -> None:
    for what, names in (("created", made.created), ("updated", made.updated)):
        if names:
            _log.info("%s %s", what, ", ".join(names))


def _spare_the_collector() -> None:
    """Everything loaded so far stays: the garbage collector need not look at it again. And it runs after 50,000 new objects instead of 700:
    a delivery makes a dozen, which reference counts free; looking for cycles among them took 2 to 3 us of each."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    """uvloop's, where there is one."""
    try:
        import uvloop
    except ImportError:
        return None
    return uvloop.new_event_loop
