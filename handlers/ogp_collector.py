"""ogp-collector: keeps the picture by which a web page says that it is best shown."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager

import httpx
from streamworker import Item, Resources, StreamHandler

from generated.events import OgpPageDiscovered
from generated.resources import OGP
from generated.workers import ogp_collector
from handlers.domain.errors import PageError, PageUnusable
from handlers.domain.pages import picture
from handlers.domain.ports import Pictures, Web
from handlers.infrastructure.web import HttpWeb


class OgpCollector(StreamHandler[Sequence[Item[OgpPageDiscovered, None]], None]):
    """Fetches the pages of a batch side by side; each has its own outcome. A picture is kept by its page's hash."""

    def __init__(self, web: Web, pictures: Pictures) -> None:
        self._web = web
        self._pictures = pictures

    async def handle(self, items: Sequence[Item[OgpPageDiscovered, None]]) -> None:
        await asyncio.gather(*(self._collect(item) for item in items))

    async def _collect(self, item: Item[OgpPageDiscovered, None]) -> None:
        try:
            await self._keep_picture(item.event)
        except PageError as error:
            item.failed(error)
        else:
            item.done(None)

    async def _keep_picture(self, page: OgpPageDiscovered) -> None:
        if await self._pictures.contains(page.url_hash):
            return
        html, found_at = await self._web.page(page.url)
        address = picture(html, found_at)
        if address is None:
            raise PageUnusable(f"{page.url} names no picture")
        await self._pictures.put(page.url_hash, await self._web.picture(address))


@ogp_collector.lifespan
@asynccontextmanager
async def open_collector(resources: Resources) -> AsyncGenerator[OgpCollector]:
    async with httpx.AsyncClient(headers={"user-agent": "recorder"}) as http:
        yield OgpCollector(HttpWeb(http), resources.objects(OGP))
