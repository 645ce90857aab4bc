"""instance: a class with something to open and close."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from streamworker import Resources, StreamHandler

from generated.events import Alert, Reading
from generated.workers import instance
from handlers.alerts import alert


class Alerter(StreamHandler[Reading, Alert]):
    async def handle(self, event: Reading, /) -> Alert:
        return alert(event)


@instance.lifespan
@asynccontextmanager
async def open_alerter(_resources: Resources) -> AsyncGenerator[Alerter, None]:
    yield Alerter()
