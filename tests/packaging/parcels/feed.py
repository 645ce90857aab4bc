"""Publishes the journeys of some parcels: a program that is no worker, with the same typed subjects."""

from __future__ import annotations

import asyncio
import os
from datetime import UTC, datetime
from typing import TypeVar

import nats
from streamworker import Subject
from streamworker.contract import Event

from generated.events import Accepted, Address, DepotScan, DoorScan
from generated.subjects import PARCEL_ACCEPTED, SCAN_DEPOT, SCAN_DOOR

E = TypeVar("E", bound=Event)

AT = datetime(2026, 1, 1, tzinfo=UTC)
DEPOTS = ("ber", "ham", "muc")


def accepted(number: int) -> Accepted:
    """Every third is prepaid, every fifth is heavy, the twentieth is nobody's and the twenty-first too heavy."""
    weights = {20: 1_000, 21: 31_000}
    return Accepted(
        parcel_id=f"{number:06}",
        customer="nobody" if number == 20 else "acme",
        weight_grams=weights.get(number, 12_000 if number % 5 == 0 else 1_000),
        prepaid=number % 3 == 0 and number not in weights,
        to=Address(street="1 Main Street"),
        at=AT,
    )


async def main() -> None:
    client = await nats.connect(os.environ["NATS_URL"])
    stored = client.jetstream()

    async def publish(subject: Subject[E], event: E) -> None:
        await stored.publish(subject.subject_for(event), subject.encode(event))

    for number in range(1, 22):
        await publish(PARCEL_ACCEPTED, accepted(number))
    for depot in DEPOTS:
        for number in range(1, 22):
            await publish(SCAN_DEPOT, DepotScan(parcel_id=f"{number:06}", depot=depot, at=AT))
    for number in range(1, 22):
        await publish(SCAN_DOOR, DoorScan(parcel_id=f"{number:06}", result="delivered", at=AT))
    await stored.publish("parcel.accepted.000099", b'{"parcelId": "99"}')
    await client.close()


asyncio.run(main())
