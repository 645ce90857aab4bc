"""Small projects that tests make in an empty folder, generate and run as a user would."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import IO

ORDERED = {"number": {"type": "integer"}, "deed": {"type": "string"}}
SHIPPED = {"number": {"type": "integer"}}

PIPELINE = """\
pipeline: shop
streams:
  ORDERS: {subjects: ["order.>"], max_age: 30d}
  SHIPPING: {subjects: ["shipping.>"], max_age: 30d}
subjects:
  order.ordered.{number}: events/ordered.schema.json
  shipping.shipped.{number}: events/shipped.schema.json
defaults: {ack_wait: 2s, timeout: 3s, retry: {attempts: 3, delay: 100ms..500ms}}
workers:
  shipper:
    source: order.ordered.*
    sink: shipping.shipped.{number}
    emit: one
"""


def schema(title: str, properties: Mapping[str, object]) -> str:
    """An event with one required field, `number`."""
    return json.dumps(
        {
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "title": title,
            "type": "object",
            "properties": properties,
            "required": ["number"],
            "additionalProperties": False,
        },
        indent=2,
    )


class Project:
    """A project in a folder: a shop with one worker, `shipper`, whose handler a test writes."""

    def __init__(self, folder: Path, handler: str, pipeline: str = PIPELINE) -> None:
        self.folder = folder
        self._running: list[subprocess.Popen[bytes]] = []
        self.write("schemas/pipeline.yaml", pipeline)
        self.write("schemas/events/ordered.schema.json", schema("Ordered", ORDERED))
        self.write("schemas/events/shipped.schema.json", schema("Shipped", SHIPPED))
        self.write("handlers/__init__.py", "")
        self.write("handlers/shipper.py", handler)

    def write(self, path: str, text: str) -> None:
        file = self.folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")

    def generate(self) -> None:
        done = self.streamworker("generate")
        assert done.returncode == 0, done.stdout + done.stderr

    def streamworker(self, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        """Run the command in the project, to its end."""
        return subprocess.run(
            [sys.executable, "-m", "streamworker.cli", *arguments],
            cwd=self.folder,
            env={**os.environ, **environment},
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )

    def run(self, url: str, *arguments: str, output: IO[bytes] | None = None) -> subprocess.Popen[bytes]:
        """Start `streamworker run` on a server."""
        process = subprocess.Popen(
            [sys.executable, "-m", "streamworker.cli", "run", *arguments],
            cwd=self.folder,
            env={**os.environ, "NATS_URL": url},
            stdout=output or subprocess.DEVNULL,
            stderr=subprocess.STDOUT if output else None,
        )
        self._running.append(process)
        return process

    def end(self) -> None:
        """End what still runs."""
        for process in self._running:
            if process.poll() is None:
                process.send_signal(signal.SIGKILL)
            process.wait()
