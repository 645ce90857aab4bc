"""archivist: keeps a proof of every arrival."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from streamworker import Resources, StreamHandler
from streamworker.resources import OpenObjectStore

from generated.events import Arrived
from generated.resources import PROOFS
from generated.workers import archivist


class Archivist(StreamHandler[Arrived, None]):
    def __init__(self, proofs: OpenObjectStore) -> None:
        self._proofs = proofs

    async def handle(self, event: Arrived) -> None:
        await self._proofs.put(event.parcel_id, f"{event.result} after {event.hops} depots".encode())


@archivist.lifespan
@asynccontextmanager
async def open_archivist(resources: Resources) -> AsyncGenerator[Archivist]:
    yield Archivist(resources.objects(PROOFS))
