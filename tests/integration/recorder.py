"""The reference pipeline at work for a while: a simulator's process, `streamworker run`'s process, and all that was left behind."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import nats
from nats.aio.msg import Msg
from nats.js import JetStreamContext
from streamworker.letters import LETTER_HEADER, Letter, decode

from tests.servers import NatsServer

PROJECT = Path(__file__).parents[2]
Json = dict[str, Any]  # of many kinds: the simulator's log, events as they stand in the streams


@dataclass(frozen=True)
class Frame:
    """A frame of the simulator's log that was sent in full."""

    connection: int
    event: str | None
    data: str | None
    reading: str

    @property
    def payload(self) -> Json:
        return dict(json.loads(self.data or "{}"))


@dataclass(frozen=True)
class SimulatorLog:
    """What the simulator says that it did."""

    lines: Sequence[Json]

    def frames(self, *readings: str) -> list[Frame]:
        found = (line for line in self.lines if line["kind"] == "frame" and line["reading"] in readings)
        return [Frame(line["connection"], line["event"], line["data"], line["reading"]) for line in found]

    @property
    def booked(self) -> list[int]:
        """Programs that the API booked, by the order of the bookings."""
        return [line["body"]["programId"] for line in self.lines if line["kind"] == "request" and "body" in line]

    @property
    def ended(self) -> bool:
        return any(line["kind"] == "ended" for line in self.lines)


@dataclass
class Left:
    """What the pipeline left on the server: messages by stream, values by bucket and key, objects by name."""

    streams: dict[str, list[Msg]] = field(default_factory=dict)
    buckets: dict[str, dict[str, Json]] = field(default_factory=dict)
    objects: dict[str, bytes] = field(default_factory=dict)

    def events(self, stream: str, prefix: str = "") -> list[Json]:
        return [json.loads(it.data) for it in self.streams[stream] if it.subject.startswith(prefix)]

    @property
    def letters(self) -> list[Letter]:
        stored = self.streams["RECORDER_DEAD_LETTERS"]
        return [decode(it.headers or {}, it.data) for it in stored if it.headers and LETTER_HEADER in it.headers]


@dataclass(frozen=True)
class Outcome:
    """report: what `run` printed. guide: the simulator's, when all was over, by service and program."""

    log: SimulatorLog
    guide: Mapping[int, Mapping[int, Json]]
    left: Left
    report: str
    url: str
    seed: int
    options: Sequence[str]


async def run_recorder(folder: Path, seed: int, *options: str, within: float = 120.0) -> Outcome:
    """Run the pipeline on an embedded server until the simulator's feed has ended and all is done. Fails unless it exits with 0."""
    store, log = folder / "nats" / "store", folder / "simulator.jsonl"
    with simulating(log, "--seed", str(seed), *options) as url:
        report = await _run_pipeline(url, store, within)
        guide = await _guide(url)
    lines = [json.loads(line) for line in log.read_text().splitlines()]
    return Outcome(SimulatorLog(lines), guide, await _left(NatsServer(folder / "nats")), report, url, seed, options)


@contextmanager
def simulating(log: Path, *options: str) -> Iterator[str]:
    """A simulator's process; yields its address."""
    command = [sys.executable, "-m", "tests.simulator", "--log", str(log), *options]
    process = subprocess.Popen(command, cwd=PROJECT, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        yield process.stdout.readline().strip()
    finally:
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0, "the simulator failed"


async def _run_pipeline(url: str, store: Path, within: float) -> str:
    command = [sys.executable, "-m", "streamworker.cli", "run", "--embedded", "--until-idle", "--store", str(store)]
    environment = {**os.environ, "MIRAKC_URL": url}
    process = await asyncio.create_subprocess_exec(
        *command, cwd=PROJECT, env=environment, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    try:
        output, _ = await asyncio.wait_for(process.communicate(), within)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    report = output.decode()
    assert process.returncode == 0, report
    return report


async def _guide(url: str) -> dict[int, dict[int, Json]]:
    """What the simulator shows, once it does not misbehave any more."""
    async with httpx.AsyncClient(base_url=url, timeout=30) as client:
        await client.post("/control/calm")
        services = (await client.get("/api/services")).json()
        listed = {it["id"]: (await client.get(f"/api/services/{it['id']}/programs")).json() for it in services}
    return {service: {row["id"]: row for row in rows} for service, rows in listed.items()}


async def _left(server: NatsServer) -> Left:
    server.start()
    try:
        async with _jetstream(server.url) as jetstream:
            left = Left()
            for stream in ("MIRAKC_STATE", "MIRAKC_RECORDING", "EPG", "RECORDING", "RECORDER_DEAD_LETTERS"):
                left.streams[stream] = await _messages(jetstream, stream)
            for bucket in ("epg_index", "epg_programs", "records"):
                left.buckets[bucket] = await _values(jetstream, bucket)
            left.objects = await _objects(jetstream)
            return left
    finally:
        server.stop()


@asynccontextmanager
async def _jetstream(url: str) -> AsyncIterator[JetStreamContext]:
    client = await nats.connect(url)
    try:
        yield client.jetstream(timeout=20)
    finally:
        await client.close()


async def _messages(jetstream: JetStreamContext, stream: str) -> list[Msg]:
    """All messages of a stream, in order."""
    left = (await jetstream.stream_info(stream)).state.messages
    if not left:
        return []
    subscription = await jetstream.subscribe(">", stream=stream, ordered_consumer=True)
    messages = [await subscription.next_msg(timeout=20) for _ in range(left)]
    await subscription.unsubscribe()
    return messages


async def _values(jetstream: JetStreamContext, bucket: str) -> dict[str, Json]:
    latest = {it.subject: it for it in await _messages(jetstream, f"KV_{bucket}")}
    live = (it for it in latest.values() if not (it.headers or {}).get("KV-Operation"))
    return {it.subject.removeprefix(f"$KV.{bucket}."): json.loads(it.data) for it in live}


async def _objects(jetstream: JetStreamContext) -> dict[str, bytes]:
    store = await jetstream.object_store("ogp")
    objects: dict[str, bytes] = {}
    for info in await store.list() if (await jetstream.stream_info("OBJ_ogp")).state.messages else []:
        found = await store.get(info.name)
        objects[info.name] = found.data or b""
    return objects
