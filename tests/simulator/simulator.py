"""The simulator as one thing: world, feed, API and pages behind one port."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from tests.simulator.api import Api, error
from tests.simulator.faults import Faults
from tests.simulator.feed import Feed
from tests.simulator.frames import Frame
from tests.simulator.http import Answer, HttpServer, Request, Response, Streaming
from tests.simulator.journal import Journal
from tests.simulator.pages import Pages
from tests.simulator.scenario import Scenario
from tests.simulator.world import World


class Simulator:
    """Made by `simulator()`. Time begins with the first reader of the feed."""

    def __init__(self, scenario: Scenario, server: HttpServer, host: str, journal: Journal) -> None:
        self.url = f"http://{host}:{server.port}"
        self.journal = journal
        self.faults = Faults(scenario.seed, scenario.faults)
        self.pages = Pages(scenario.seed, self.url)
        self.world = World(scenario, self.pages.addresses, self._emit)
        self.feed = Feed(self.world.replay, self.faults, journal, scenario.seed, scenario.frames)
        self._api = Api(self.world, self.faults)
        self._scenario = scenario

    async def live(self) -> None:
        """Let time pass until the scenario's end, then end the feed in order. The API answers on, and nothing happens any more."""
        await self.feed.connected.wait()
        duration = self._scenario.duration
        until = None if duration is None else self._scenario.start + duration
        passing = asyncio.create_task(self.world.timeline.run(until))
        full = asyncio.create_task(self.feed.full.wait())
        await asyncio.wait({passing, full}, return_when=asyncio.FIRST_COMPLETED)
        for task in (passing, full):
            task.cancel()
        await asyncio.gather(passing, full, return_exceptions=True)
        await self.world.recorder.finish_all()
        await self.feed.end()
        self.journal.write("ended", at=self.world.timeline.now, frames=self.feed.sent)

    async def answer(self, request: Request) -> Answer:
        if request.path == "/events":
            return Streaming("text/event-stream", self.feed.serve) if not self.feed.ended else Response(204, type="")
        if request.path.startswith("/control/"):
            return self._control(request)
        answer = await self._answer(request)
        booked = {"body": json.loads(request.body)} if request.method == "POST" and answer.status < 300 else {}
        self.journal.write("request", method=request.method, path=request.path, status=answer.status, **booked)
        return answer

    async def _answer(self, request: Request) -> Response:
        if request.path.startswith("/api/"):
            return await self._api.answer(request)
        if request.path.startswith(("/pages/", "/images/")):
            return await self.pages.answer(request)
        return Response(404, type="")

    def _control(self, request: Request) -> Response:
        """`GET /control/status`; `POST /control/faults {NAME: TIMES}`, `/control/calm` for no more faults, `/control/end`."""
        match request.method, request.path.removeprefix("/control/"):
            case "GET", "status":
                return Response(body=json.dumps(self.status()).encode())
            case "POST", "faults":
                return self._owe(request.body)
            case "POST", "calm":
                self.faults.calm()
                return Response(202, type="")
            case "POST", "end":
                self.feed.full.set()
                return Response(202, type="")
            case _:
                return error(404)

    def _owe(self, body: bytes) -> Response:
        try:
            for name, times in json.loads(body).items():
                self.faults.owe(name, int(times))
        except (ValueError, AttributeError, TypeError) as refused:
            return error(400, str(refused))
        return Response(202, type="")

    def status(self) -> dict[str, object]:
        return {
            "now": self.world.timeline.now,
            "readers": self.feed.readers,
            "frames": self.feed.sent,
            "ended": self.feed.ended,
            "schedules": len(self.world.recorder.schedules),
            "records": len(self.world.recorder.records),
            "log": self.journal.counts,
        }

    async def _emit(self, frame: Frame) -> None:
        await self.feed.emit(frame)


@asynccontextmanager
async def simulator(
    scenario: Scenario, *, host: str = "127.0.0.1", port: int = 0, log: Path | None = None
) -> AsyncIterator[Simulator]:
    """A simulator that listens; `port` 0 takes a free one. Raises OSError where the port is taken."""
    made: Simulator | None = None

    async def route(request: Request) -> Answer:
        return await made.answer(request) if made else Response(503, type="")

    server = HttpServer(route, host, port)
    await server.start()
    journal = Journal(log)
    try:
        made = Simulator(scenario, server, host, journal)
        yield made
    finally:
        await server.stop()
        journal.close()
