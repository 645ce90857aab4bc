"""FastStream on the same job, as its documentation shows it: a JetStream pull subscriber, and a publisher with an id and its ack."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import uvloop
from faststream import FastStream
from faststream.nats import JStream, NatsBroker, NatsMessage, PullSub
from nats.js.api import AckPolicy, ConsumerConfig

sys.path.insert(0, str(Path(__file__).parent))
from models import Alert, Reading

broker = NatsBroker(os.environ["NATS_URL"], logger=None)


@broker.subscriber(
    "reading.*",
    stream=JStream("READINGS", declare=False),
    durable="faststream-plain",
    pull_sub=PullSub(batch_size=100),
    max_workers=64,
    config=ConsumerConfig(ack_policy=AckPolicy.EXPLICIT, max_ack_pending=100_000),
)
async def handle(event: Reading, message: NatsMessage) -> None:
    sequence = message.raw_message.metadata.sequence.stream
    output = Alert(
        sensor=event.sensor, number=event.number, kelvin=event.celsius + 273.15,
        place=event.place, status=event.status, note=event.note,
    )  # fmt: skip
    await broker.publish(output, f"alert.{event.sensor}", stream="ALERTS", headers={"Nats-Msg-Id": str(sequence)})


async def main() -> None:
    await FastStream(broker).run()


uvloop.run(main())
