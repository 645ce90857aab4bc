"""As much of the `nats` command as the docs use, since it is no Python package: `python -m tests.docs.nats stream add ...`."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Sequence

import nats
from nats.js import JetStreamContext


async def _run(words: Sequence[str]) -> None:
    client = await nats.connect(os.environ["NATS_URL"])
    try:
        await _do(client.jetstream(), words)
    finally:
        await client.close()


async def _do(jetstream: JetStreamContext, words: Sequence[str]) -> None:
    match words:
        case ["stream", "add", name, "--subjects", subjects, "--defaults"]:
            await jetstream.add_stream(name=name, subjects=subjects.split(","))
        case ["stream", "get", name, sequence]:
            found = await jetstream.get_msg(name, int(sequence))
            print(f"Item: {name}#{sequence} on Subject {found.subject}\n\n{(found.data or b'').decode()}")
        case ["pub", subject, data]:
            await jetstream.publish(subject, data.encode())
        case _:
            raise SystemExit(f"error: the docs' tests know no `nats {' '.join(words)}`")


asyncio.run(_run(sys.argv[1:]))
