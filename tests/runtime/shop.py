"""A small project made by hand, and `streamworker run` on it in a process of its own: for tests of what a user sees."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from nats.js.client import JetStreamContext

STREAMWORKER = (sys.executable, "-P", "-m", "streamworker.cli")

SUBJECTS = """
from pydantic import BaseModel
from streamworker.subject import Subject

class Order(BaseModel):
    id: str
    do: str = "sell"

class Receipt(BaseModel):
    id: str

class Tick(BaseModel):
    at: str

ORDERS = Subject("{prefix}.orders.{{id}}", Order)
RECEIPTS = Subject("{prefix}.receipts.{{id}}", Receipt)
TICKS = Subject("{prefix}.ticks", Tick)
"""
WORKERS = """
from streamworker.options import RetryOptions, WorkerOptions
from streamworker.spec import WorkerSpec
from .subjects import ORDERS, RECEIPTS, Order, Receipt

OPTIONS = WorkerOptions({options}, retry=RetryOptions(attempts=2, shortest=0.05, longest=0.1))
till = WorkerSpec[Order, Receipt | None](name="till", source=(ORDERS,), sink=(RECEIPTS,), options=OPTIONS)
archive = WorkerSpec[Receipt, None](name="archive", source=(RECEIPTS,), emit="none", options=OPTIONS)
"""
TILL = """
import asyncio, os, time
from streamworker.errors import StreamError
from streamworker.actions import Ignore, Stop
from generated.subjects import Order, Receipt
from generated.workers import till

class Cancelled(StreamError):
    error_action = Ignore()

class Burnt(StreamError):
    error_action = Stop()

@till.handler
async def sell(order: Order) -> Receipt | None:
    print(f"selling {{order.id}}", flush=True)
    match order.do:
        case "refuse" if "SHOP_HAS_IT" not in os.environ: raise ValueError("no such goods")
        case "cancel": raise Cancelled("changed my mind")
        case "burn": raise Burnt("the shop is on fire")
        case "wait": await asyncio.sleep({pause})
        case "stand": time.sleep(60)
        case "die": os.kill(os.getpid(), 9)
    return Receipt(id=order.id)
"""
ARCHIVE = """
import time
from generated.subjects import Receipt
from generated.workers import archive

@archive.blocking
def keep(receipt: Receipt) -> None:
    if receipt.id == "stuck":
        time.sleep(60)
"""
PIPELINE = """
from streamworker.ingest.spec import SseSpec, TimerSpec
from streamworker.pipeline import Pipeline
from streamworker.resources import Http, Stream
from streamworker.spec import bound
from handlers.till import sell
from handlers.archive import keep
from .subjects import ORDERS, RECEIPTS, TICKS
from .workers import archive, till

PIPELINE = Pipeline(
    name="{prefix}",
    streams=(
        Stream(name="{prefix}_ORDERS", subjects=("{prefix}.orders.>",)),
        Stream(name="{prefix}_RECEIPTS", subjects=("{prefix}.receipts.>",)),
        Stream(name="{prefix}_TICKS", subjects=("{prefix}.ticks",)),
    ),
    dead_letters=Stream(name="{prefix}_DEAD", subjects=("dead-letters.{prefix}.>",)),
    subjects=(ORDERS, RECEIPTS, TICKS),
    workers=(bound(till, sell), bound(archive, keep)),
    ingests=({ingests}),
    http=({http}),
)
"""


@dataclass
class Shop:
    """The project's folder, and the token that all names of it begin with."""

    folder: Path
    prefix: str
    options: str = "timeout=20.0"
    pause: float = 1.0
    http: str = ""
    ingests: str = ""

    def write(self) -> Shop:
        files = {
            "generated/__init__.py": "",
            "handlers/__init__.py": "",
            "generated/subjects.py": SUBJECTS,
            "generated/workers.py": WORKERS,
            "generated/pipeline.py": PIPELINE,
            "handlers/till.py": TILL,
            "handlers/archive.py": ARCHIVE,
        }
        for name, text in files.items():
            path = self.folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(
                text.format(
                    prefix=self.prefix, options=self.options, pause=self.pause, http=self.http, ingests=self.ingests
                )
            )
        return self

    def order(self, id: str, do: str = "sell") -> tuple[str, bytes]:
        """Subject and data of an order."""
        return f"{self.prefix}.orders.{id}", json.dumps({"id": id, "do": do}).encode()

    def command(self, name: str, *arguments: str) -> list[str]:
        """A `streamworker` command on it."""
        return [*STREAMWORKER, name, *arguments, "--project", str(self.folder)]

    def run(self, *arguments: str, nats: str = "", **variables: str) -> Running:
        """`streamworker run` on it, in a process of its own."""
        if nats:
            variables["NATS_URL"] = nats
        return Running(self.folder, "run", "--project", str(self.folder), *arguments, **variables)


class Running:
    """A `streamworker` process. `out` and `told` are what it has printed so far, on standard output and standard error."""

    def __init__(self, folder: Path, *arguments: str, **variables: str) -> None:
        number = len(list(folder.glob("out.*")))
        self._out, self._told = folder / f"out.{number}", folder / f"told.{number}"
        clean = {name: value for name, value in os.environ.items() if not name.startswith(("NATS_", "MIRAKC_"))}
        with self._out.open("wb") as out, self._told.open("wb") as told:
            self._process = subprocess.Popen(
                [*STREAMWORKER, *arguments],
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=told,
                env={**clean, **variables},
            )

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def out(self) -> str:
        return self._out.read_text()

    @property
    def told(self) -> str:
        return self._told.read_text()

    def send(self, number: signal.Signals) -> None:
        self._process.send_signal(number)

    async def says(self, text: str, *, times: int = 1, within: float = 20.0) -> None:
        """Wait until it has printed `text`, so many times."""
        deadline = time.monotonic() + within
        while (self.out + self.told).count(text) < times:
            assert time.monotonic() < deadline, f"{text!r} was not printed within {within:g} s:\n{self.out}{self.told}"
            assert self._process.poll() is None, f"it ended before it printed {text!r}:\n{self.out}{self.told}"
            await asyncio.sleep(0.02)

    async def end(self, within: float = 20.0) -> int:
        """Wait for its end; the exit code (negative: the signal that killed it)."""
        deadline = time.monotonic() + within
        while self._process.poll() is None:
            assert time.monotonic() < deadline, f"it did not end within {within:g} s:\n{self.out}{self.told}"
            await asyncio.sleep(0.02)
        return int(self._process.returncode)

    def kill(self) -> None:
        """End it, if it still runs."""
        self._process.kill()
        self._process.wait()


async def receipts(shop: Shop, js: JetStreamContext) -> int:
    return int((await js.stream_info(f"{shop.prefix}_RECEIPTS")).state.messages)


async def unsettled(shop: Shop, js: JetStreamContext, worker: str = "till") -> tuple[int, int]:
    """What a worker's consumer still has to deliver, and what it has to deliver again."""
    info = await js.consumer_info(f"{shop.prefix}_ORDERS", f"{shop.prefix}-{worker}")
    return int(info.num_pending or 0), int(info.num_ack_pending or 0)


def report(running: Running) -> dict[str, str]:
    """The report's line of each part."""
    lines = [line.split(maxsplit=1) for line in running.out.splitlines() if line.startswith("  ")]
    return {name: books.strip() for name, books in lines}
