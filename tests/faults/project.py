"""The pipeline that is ill-treated: one worker, whose events say what its handler is to do with its process."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

from tests.integration.projects import Project

HANDLER = '''\
"""Ships orders; an order's deed is what happens to the process on the way."""

import asyncio
import ctypes
import os
import signal
import time
from pathlib import Path

from generated.events import Ordered, Shipped
from generated.workers import shipper
from streamworker.delivery import current

TRACE = os.open("trace.log", os.O_WRONLY | os.O_APPEND | os.O_CREAT)


@shipper.handler
async def ship(event: Ordered) -> list[Shipped]:
    os.write(TRACE, f"{time.time():.6f} {os.getpid()} {event.number}\\n".encode())
    deed, _, seconds = event.deed.partition(":")
    if deed == "sleep":
        await asyncio.sleep(float(seconds))
    elif deed == "block":
        time.sleep(float(seconds))
    elif deed:
        DEEDS[deed](event)
    note = "x" * 2_000_000 if deed == "large" else event.note[::-1]
    return [Shipped(number=event.number, customer=event.customer, part=part, note=note) for part in range(event.parts)]


def once(event: Ordered) -> bool:
    try:
        Path(f"done-{event.deed}-{event.number}").touch(exist_ok=False)
    except FileExistsError:
        return False
    return True


def exit_before_ack(event: Ordered) -> None:
    if once(event):
        current().on_published(lambda: os._exit(3))


def loop(event: Ordered) -> None:
    while True:
        pass


def recurse(event: Ordered) -> None:
    recurse(event)


def devour(event: Ordered) -> None:
    hoard = []
    while True:
        hoard.append(bytearray(32 * 1024 * 1024))


def fail(event: Ordered) -> None:
    raise RuntimeError(event.note)


def fail_once(event: Ordered) -> None:
    if once(event):
        raise RuntimeError(event.note)


DEEDS = {
    "large": lambda event: None,
    "kill": lambda event: os.kill(os.getpid(), signal.SIGKILL),
    "segfault": lambda event: ctypes.string_at(0),
    "abort": lambda event: os.abort(),
    "exit": lambda event: os._exit(3),
    "exit-once": lambda event: once(event) and os._exit(3),
    "exit-before-ack": exit_before_ack,
    "loop": loop,
    "recurse": recurse,
    "devour": devour,
    "fail": fail,
    "fail-once": fail_once,
}
'''

PIPELINE = """\
pipeline: shop
outage: {outage}
streams:
  ORDERS: {{subjects: ["order.>"], max_age: 30d, replicas: {replicas}}}
  SHIPPING: {{subjects: ["shipping.>"], max_age: 30d, replicas: {replicas}{shipping}}}
dead_letters: {{stream: SHOP_DEAD_LETTERS, max_age: 30d, replicas: {replicas}}}
subjects:
  order.ordered.{{customer}}: events/ordered.schema.json
  shipping.shipped.{{customer}}: events/shipped.schema.json
defaults: {{ack_wait: {ack_wait}, timeout: {timeout}, concurrency: {concurrency}, retry: {{attempts: 3, delay: 100ms..500ms}}}}
workers:
  shipper:
    source: order.ordered.*
    sink: shipping.shipped.{{customer}}
    emit: many{worker}
"""


def pipeline(
    *,
    outage: str = "5m",
    replicas: int = 1,
    shipping: str = "",
    ack_wait: str = "2s",
    timeout: str = "6s",
    concurrency: int = 64,
    worker: str = "",
) -> str:
    """The pipeline file. shipping: more of the sink's stream; worker: more lines of the worker."""
    return PIPELINE.format(
        outage=outage,
        replicas=replicas,
        shipping=shipping,
        ack_wait=ack_wait,
        timeout=timeout,
        concurrency=concurrency,
        worker=worker,
    )


ORDERED = {"number": "integer", "customer": "integer", "deed": "string", "parts": "integer", "note": "string"}
SHIPPED = {"number": "integer", "customer": "integer", "part": "integer", "note": "string"}


def make_project(folder: Path, text: str) -> Project:
    """A project, generated."""
    project = Project(folder, HANDLER, text)
    project.write("schemas/events/ordered.schema.json", _schema("Ordered", ORDERED))
    project.write("schemas/events/shipped.schema.json", _schema("Shipped", SHIPPED))
    project.generate()
    return project


def newer_project(made: Path, folder: Path) -> Path:
    """A copy whose orders may say who pays."""
    project = copy_project(made, folder)
    schema = project / "schemas/events/ordered.schema.json"
    newer = json.loads(schema.read_text(encoding="utf-8"))
    newer["properties"]["payer"] = {"type": "string"}
    schema.write_text(json.dumps(newer), encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "streamworker.cli", "generate"], cwd=project, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return project


def copy_project(made: Path, folder: Path) -> Path:
    shutil.copytree(made, folder)
    return folder


def _schema(title: str, fields: dict[str, str]) -> str:
    return json.dumps(
        {
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "title": title,
            "type": "object",
            "properties": {name: {"type": kind} for name, kind in fields.items()},
            "required": list(fields),
            "additionalProperties": False,
        }
    )
