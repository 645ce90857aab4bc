"""A small pipeline with one of everything that needs a right of its own on the server: made by the compiler, run as a user would."""

from __future__ import annotations

import asyncio
import json
import shutil
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.integration.projects import Project
from tests.runtime.shop import Running

PIPELINE = """\
pipeline: vault
outage: 1s
streams:
  ORDERS: {subjects: ["order.>", "secret.>"], max_age: 30d}
  SHIPPING: {subjects: ["shipping.>"], max_age: 30d}
  NOTES: {subjects: ["note.>"], max_age: 30d}
dead_letters: {stream: VAULT_DEAD_LETTERS, max_age: 30d}
subjects:
  order.ordered.{id}: events/ordered.schema.json
  secret.kept.{id}: events/kept.schema.json
  shipping.shipped.{id}: events/shipped.schema.json
  note.written.{id}: {event: events/written.schema.json, readers: external}
buckets:
  stock: {key: "{id}", value: events/count.schema.json}
  safe: {key: "{id}", value: events/count.schema.json}
  photos: {objects: true}
ingest:
  intake:
    sse: ${FEED_URL}
    headers: {Authorization: "Bearer ${FEED_TOKEN}"}
    id: "{id}"
    events:
      ordered: order.ordered.{id}
      "*": dead-letter
    invalid: dead-letter
    idle: 5s
    reconnect: 100ms..1s
defaults: {ack_wait: 2s, timeout: 3s, retry: {attempts: 2, delay: 50ms..100ms}}
workers:
  shipper:
    source: order.ordered.*
    sink: shipping.shipped.{id}
  keeper:
    source: shipping.shipped.*
    order_by: id
  guard:
    source: secret.kept.*
"""

SHIPPER = '''\
"""Ships orders, counts them, keeps a photo, and writes a note; an order's deed is what happens to it on the way."""

import os
import signal
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from generated.events import Count, Ordered, Shipped, Written
from generated.resources import PHOTOS, STOCK
from generated.subjects import NOTE_WRITTEN
from generated.workers import shipper
from streamworker import DeadLetter, Resources, StreamError, StreamHandler, current


class Refused(StreamError):
    error_action = DeadLetter()


class Shipper(StreamHandler[Ordered, Shipped | None]):
    def __init__(self, resources: Resources) -> None:
        self._stock = resources.bucket(STOCK)
        self._photos = resources.objects(PHOTOS)
        self._notes = resources.publisher(NOTE_WRITTEN)

    async def handle(self, event: Ordered) -> Shipped | None:
        if event.deed == "fail-once" and current().attempt == 1:
            raise RuntimeError("not yet")
        if event.deed == "refuse" and "SHIPPER_HAS_IT" not in os.environ:
            raise Refused("no such goods")
        if event.deed == "echo":
            raise Refused(event.id)
        if event.deed == "die" and "SHIPPER_HAS_IT" not in os.environ:
            os.kill(os.getpid(), signal.SIGKILL)
        await self._keep(event)
        return Shipped(id=event.id)

    async def _keep(self, event: Ordered) -> None:
        found = await self._stock.get(id=event.id)
        await self._stock.put(Count(number=(found.value.number if found else 0) + 1), id=event.id)
        async for _ in self._stock.keys():
            break
        await self._photos.put(event.id, b"a photo")
        await self._photos.get(event.id)
        async for _ in self._photos.names():
            break
        await self._photos.delete(event.id)
        await self._notes.publish(Written(id=event.id))


@shipper.lifespan
@asynccontextmanager
async def open_shipper(resources: Resources) -> AsyncGenerator[StreamHandler[Ordered, Shipped | None]]:
    yield Shipper(resources)
'''
PLAIN = """\
from generated.events import {event}
from generated.workers import {worker}


@{worker}.handler
async def {verb}(event: {event}) -> None:
    print(f"{verb} {{event.id}}", flush=True)
"""
EVENTS = {"ordered": ("id", "deed"), "kept": ("id",), "shipped": ("id",), "written": ("id",)}


def schema(title: str, properties: Mapping[str, object]) -> str:
    """An object with these fields, all required."""
    return json.dumps(
        {
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "title": title,
            "type": "object",
            "properties": properties,
            "required": list(properties),
            "additionalProperties": False,
        }
    )


def make_vault(folder: Path) -> Path:
    """The project, generated."""
    project = Project(folder, SHIPPER, PIPELINE)
    for name, fields in EVENTS.items():
        text = schema(name.capitalize(), {field: {"type": "string"} for field in fields})
        project.write(f"schemas/events/{name}.schema.json", text)
    project.write("schemas/events/count.schema.json", schema("Count", {"number": {"type": "integer"}}))
    project.write("handlers/keeper.py", PLAIN.format(event="Shipped", worker="keeper", verb="keep"))
    project.write("handlers/guard.py", PLAIN.format(event="Kept", worker="guard", verb="watch"))
    project.generate()
    return folder


class Patient(Running):
    """Several processes beside each other, on a machine that may be busy with others."""

    async def says(self, text: str, *, times: int = 1, within: float = 60.0) -> None:
        await super().says(text, times=times, within=within)

    async def end(self, within: float = 60.0) -> int:
        return await super().end(within)


@dataclass
class Vault:
    """A copy of the project in a folder of its own. variables: the environment of all its processes, the server's URL among them."""

    folder: Path
    variables: Mapping[str, str]

    @classmethod
    def copied(cls, made: Path, folder: Path, **variables: str) -> Vault:
        shutil.copytree(made, folder)
        return cls(folder, {"FEED_URL": "http://127.0.0.1:1", "FEED_TOKEN": "t", **variables})

    def start(self, command: str, *arguments: str, **variables: str) -> Running:
        """A `streamworker` command on it, in a process of its own."""
        return Patient(
            self.folder, command, *arguments, "--project", str(self.folder), **{**self.variables, **variables}
        )

    async def done(self, command: str, *arguments: str, **variables: str) -> str:
        """What a command printed on standard output; it has to end well."""
        running = self.start(command, *arguments, **variables)
        try:
            ended = await running.end()
        finally:
            running.kill()
        assert ended == 0, f"exit code {ended}\n{running.out}{running.told}"
        return running.out

    async def until_dead_letters(
        self, number: int, variables: Mapping[str, str] | None = None, *, within: float = 60.0
    ) -> list[dict[str, object]]:
        """The dead letters, once there are so many."""
        deadline = time.monotonic() + within
        while True:
            out = await self.done("dlq", "list", "--json", **(variables or {}))
            letters = [json.loads(line) for line in out.splitlines()]
            if len(letters) >= number:
                return letters
            assert time.monotonic() < deadline, f"{len(letters)} dead letters, not {number}"
            await asyncio.sleep(0.1)


def order(id: str, deed: str = "") -> tuple[str, bytes]:
    """Subject and data of an order."""
    return f"order.ordered.{id}", json.dumps({"id": id, "deed": deed}).encode()
