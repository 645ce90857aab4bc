"""tracker: where a parcel is, from the scans of its journey."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from functools import partial
from typing import assert_never

from streamworker import Resources, StreamHandler, current
from streamworker.resources import OpenBucket

from generated.events import Arrived, DepotScan, DoorScan, Journey, Moved
from generated.resources import JOURNEYS
from generated.workers import tracker


class Tracker(StreamHandler[DepotScan | DoorScan, Moved | Arrived]):
    """Remembers a depot only once its event is stored: a retry says the same."""

    def __init__(self, journeys: OpenBucket[Journey]) -> None:
        self._journeys = journeys

    async def handle(self, event: DepotScan | DoorScan) -> Moved | Arrived:
        known = await self._journeys.get(parcelId=event.parcel_id)
        depots = known.value.depots if known else ()
        match event:
            case DepotScan():
                journey = Journey(depots=(*depots, event.depot))
                current().on_published(partial(self._journeys.put, journey, parcelId=event.parcel_id))
                return Moved(parcel_id=event.parcel_id, depot=event.depot, hop=len(journey.depots))
            case DoorScan():
                return Arrived(parcel_id=event.parcel_id, hops=len(depots), result=event.result, at=event.at)
            case _:
                assert_never(event)


@tracker.lifespan
@asynccontextmanager
async def open_tracker(resources: Resources) -> AsyncGenerator[Tracker]:
    yield Tracker(resources.bucket(JOURNEYS))
