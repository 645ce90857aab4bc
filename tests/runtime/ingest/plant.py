"""An ingest on a real server: what it needs there, a runner of this process or of another, and all that was left behind."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from nats.js import JetStreamContext
from pydantic import BaseModel
from streamworker.engine.dead_letters import DeadLetters
from streamworker.engine.groundwork import foundations
from streamworker.ingest.run import IngestRunner
from streamworker.ingest.spec import IngestSpec, SseSpec
from streamworker.jetstream.api import Api
from streamworker.jetstream.buckets import KeyValue
from streamworker.jetstream.connection import Connection
from streamworker.jetstream.options import ConnectionOptions
from streamworker.jetstream.plan import wanted_stream
from streamworker.jetstream.provision import provision
from streamworker.jetstream.publisher import Publisher
from streamworker.letters import Letter, decode
from streamworker.names import lease_bucket, redrive_stream, redrive_subject
from streamworker.resources import Stream
from streamworker.sinks.encoded import EncodedSink
from streamworker.sources.jetstream import JetStreamSource
from streamworker.sources.redrive import RedriveSource, RedriveSubject
from streamworker.subject import Subject

TTL = 3.0


class Seen(BaseModel, frozen=True):
    id: str
    seq: int


class Reading(BaseModel, frozen=True):
    n: int
    connection: Seen


class Tick(BaseModel, frozen=True):
    at: str


@dataclass(frozen=True)
class Plant:
    """A pipeline of one ingest. nats, feed: where they are. shared_ids: whether ids are of the frame alone, or of its connection."""

    prefix: str
    nats: str
    feed: str = ""
    shared_ids: bool = True
    buffer: int = 100

    @property
    def stream(self) -> str:
        return f"{self.prefix}_READINGS"

    @property
    def letters(self) -> str:
        return f"{self.prefix}_LETTERS"

    @property
    def readings(self) -> Subject[Reading]:
        return Subject(f"{self.prefix}.readings", Reading)

    @property
    def ticks(self) -> Subject[Tick]:
        return Subject(f"{self.prefix}.ticks", Tick)

    def sse(self, **options: Any) -> SseSpec:  # as SseSpec's
        given: dict[str, Any] = {
            "events": {"reading": self.readings},
            "unmapped": "ignore",
            "shortest": 0.01,
            "longest": 0.1,
            "idle": 2.0,
            **options,
        }
        return SseSpec(
            name="plant",
            url=self.feed,
            add={"connection": "$connection"},
            id="{n}" if self.shared_ids else "{connection.id}-{connection.seq}",
            buffer=self.buffer,
            **given,
        )

    async def provide(self) -> None:
        """Make the streams and the bucket."""
        async with self.connected() as connection:
            await provision(
                Api(connection),
                [
                    wanted_stream(Stream(name=self.stream, subjects=(f"{self.prefix}.>",)), self.prefix),
                    wanted_stream(Stream(name=self.letters, subjects=(f"dead-letters.{self.prefix}.>",)), self.prefix),
                    *foundations(self.prefix, replicas=1),
                ],
            )

    @asynccontextmanager
    async def connected(self) -> AsyncIterator[Connection]:
        connection = Connection(ConnectionOptions(url=self.nats))
        await connection.open()
        try:
            yield connection
        finally:
            await connection.close()

    @asynccontextmanager
    async def runner(self, spec: IngestSpec | None = None, **options: Any) -> AsyncIterator[IngestRunner]:
        spec = spec or self.sse()
        subjects = spec.events.values() if isinstance(spec, SseSpec) else (spec.subject,)
        async with self.connected() as connection:
            redrives = RedriveSubject(redrive_subject(self.prefix, spec.name))
            async with self.dead_letters(connection) as dead_letters:
                yield IngestRunner(
                    spec,
                    EncodedSink(connection, subjects),
                    dead_letters,
                    bucket=KeyValue(connection, lease_bucket(self.prefix)),
                    redrives=RedriveSource(JetStreamSource(connection, redrives, stream=redrive_stream(self.prefix))),
                    durable=f"{self.prefix}-redrive",
                    ttl=TTL,
                    **options,
                )

    @asynccontextmanager
    async def dead_letters(self, connection: Connection) -> AsyncIterator[DeadLetters]:
        publisher = Publisher(connection)
        await publisher.open()
        yield DeadLetters(connection, publisher, self.prefix, self.letters)
        await publisher.close()

    async def redrive_all(self) -> int:
        """Send back every dead letter; how many there were."""
        async with self.connected() as connection, self.dead_letters(connection) as dead_letters:
            found = [each async for each in dead_letters.all()]
            for each in found:
                await dead_letters.redrive(each)
        return len(found)

    async def process(self) -> asyncio.subprocess.Process:
        """A runner in a process of its own, until SIGTERM; it prints its books at the end."""
        return await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "tests.runtime.ingest.plant",
            json.dumps(self.__dict__),
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
        )

    async def stored(self, js: JetStreamContext) -> list[dict[str, Any]]:  # JSON
        return [json.loads(data) for data, _ in await messages(js, self.stream)]

    async def kept(self, js: JetStreamContext) -> list[Letter]:
        return [decode(headers, data) for data, headers in await messages(js, self.letters)]


class Run:
    """A runner at work."""

    def __init__(self, runner: IngestRunner) -> None:
        self._stop = asyncio.Event()
        self._task = asyncio.ensure_future(runner.run(self._stop))

    async def end(self) -> None:
        """Stop it in order."""
        self._stop.set()
        await asyncio.wait_for(self._task, 15)


@asynccontextmanager
async def running(runner: IngestRunner) -> AsyncIterator[None]:
    """Runs it beside the block; then stops it in order."""
    run = Run(runner)
    try:
        yield
    finally:
        await run.end()


async def messages(js: JetStreamContext, stream: str) -> list[tuple[bytes, dict[str, str]]]:
    """All messages of a stream."""
    last = (await js.stream_info(stream)).state.messages
    found = [await js.get_msg(stream, sequence) for sequence in range(1, last + 1)]
    return [(message.data or b"", message.headers or {}) for message in found]


async def _main(plant: Plant) -> None:
    import signal  # here, where the process is its own

    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    async with plant.runner() as runner:
        await runner.run(stop)
    books = runner.books
    print(json.dumps([books.received, books.published, books.refused, books.dropped, books.waiting]))


if __name__ == "__main__":
    asyncio.run(_main(Plant(**json.loads(sys.argv[1]))))
