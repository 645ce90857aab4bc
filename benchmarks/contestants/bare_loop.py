"""The bare loop: nats-py's core API by hand, with the generated models' own validate_json and dump_json, and nothing of ours else.

The yardstick of what the client can do: it neither retries, nor dead-letters, nor survives anything. Not to be made slower later.
Usage: bare_loop.py SHAPE, with SHAPE one of plain, instance, gathered, spread, blocking; NATS_URL names the server.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from pathlib import Path

import nats
import uvloop
from nats.aio.msg import Msg

sys.path.insert(0, str(Path(__file__).parent.parent / "project"))
from handlers.alerts import alert

from generated.events import Alert, Reading

BATCH = 512
WINDOW = 4096
MOST_BYTES = 8 * 1024 * 1024  # in a pull: a server cuts off who has 64 MB to read
for model in (Reading, Alert):
    model.model_rebuild()  # they are built on first use
read = Reading.__pydantic_validator__.validate_json
write = Alert.__pydantic_serializer__.to_json


async def main(shape: str) -> None:
    client = await nats.connect(os.environ["NATS_URL"])
    streams = client.jetstream()
    await streams.add_consumer(
        "READINGS", durable_name=f"bare-{shape}", ack_policy="explicit", max_ack_pending=100_000, ack_wait=30
    )
    inbox, acks = client.new_inbox(), client.new_inbox()
    at = len(acks) + 1
    tokens = count()
    waiting: dict[str, tuple[str, list[int]]] = {}
    outstanding = 0
    pool = ThreadPoolExecutor(64)
    gathered: list[Msg] = []

    async def pull() -> None:
        nonlocal outstanding
        outstanding += BATCH
        request = json.dumps({"batch": BATCH, "max_bytes": MOST_BYTES, "expires": 30_000_000_000}).encode()
        await client.publish(f"$JS.API.CONSUMER.MSG.NEXT.READINGS.bare-{shape}", request, reply=inbox)

    async def publish(message: Msg, outputs: list[Alert]) -> None:
        left = [len(outputs)]
        sequence = message.reply.split(".")[5]
        for index, output in enumerate(outputs):
            token = str(next(tokens))
            waiting[token] = (message.reply, left)
            await client.publish(
                f"alert.{output.sensor}", write(output), reply=f"{acks}.{token}",
                headers={"Nats-Msg-Id": f"{sequence}.{index}"},
            )  # fmt: skip

    async def in_thread(message: Msg) -> None:
        output = await asyncio.get_running_loop().run_in_executor(pool, lambda: alert(read(message.data)))
        await publish(message, [output])

    async def on_message(message: Msg) -> None:
        nonlocal outstanding
        if not message.reply:
            outstanding = 0
            await pull()
            return
        outstanding -= 1
        if shape == "spread":
            event = read(message.data)
            await publish(message, [alert(event, number) for number in range(5)])
        elif shape == "blocking":
            tasks.add(task := asyncio.create_task(in_thread(message)))
            task.add_done_callback(tasks.discard)
        elif shape == "gathered":
            gathered.append(message)
            if len(gathered) == 100:
                batch = gathered[:]
                gathered.clear()
                for each, output in [(each, alert(read(each.data))) for each in batch]:
                    await publish(each, [output])
        else:
            await publish(message, [alert(read(message.data))])
        if outstanding < BATCH // 2 and len(waiting) < WINDOW:
            await pull()

    async def on_ack(message: Msg) -> None:
        reply, left = waiting.pop(message.subject[at:])
        left[0] -= 1
        if not left[0]:
            await client.publish(reply, b"+ACK")
        if outstanding < BATCH // 2 and len(waiting) < WINDOW:
            await pull()

    tasks: set[asyncio.Task[None]] = set()
    await client.subscribe(f"{acks}.*", cb=on_ack)
    await client.subscribe(inbox, cb=on_message)
    await pull()
    await asyncio.Event().wait()


uvloop.run(main(sys.argv[1]))
