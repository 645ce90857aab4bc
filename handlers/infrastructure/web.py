"""The open web: pages and pictures, neither too large nor too late."""

from __future__ import annotations

from typing import Final

import httpx

from handlers.domain.errors import PageUnavailable, PageUnusable
from handlers.infrastructure.bodies import BodyTooLarge, read_up_to

LARGEST_PAGE: Final = 1 << 20
LARGEST_PICTURE: Final = 5 << 20
TIMEOUT: Final = 5.0
"""Seconds for each step of a request: all of a batch is done well within the worker's own timeout."""


class HttpWeb:
    def __init__(self, http: httpx.AsyncClient) -> None:
        self._http = http

    async def page(self, address: str) -> tuple[str, str]:
        body, response = await self._get(address, "text/html", LARGEST_PAGE)
        return body.decode(response.charset_encoding or "utf-8", errors="replace"), str(response.url)

    async def picture(self, address: str) -> bytes:
        body, _ = await self._get(address, "image/", LARGEST_PICTURE)
        return body

    async def _get(self, address: str, kind: str, limit: int) -> tuple[bytes, httpx.Response]:
        try:
            async with self._http.stream("GET", address, follow_redirects=True, timeout=TIMEOUT) as response:
                _check(response, address, kind)
                return await read_up_to(limit, response), response
        except (httpx.UnsupportedProtocol, httpx.InvalidURL, httpx.TooManyRedirects, httpx.DecodingError) as error:
            raise PageUnusable(f"{address}: {error}") from error
        except BodyTooLarge as error:
            raise PageUnusable(f"{address}: {error}") from error
        except httpx.TransportError as error:
            raise PageUnavailable(f"{address}: {type(error).__name__}") from error


def _check(response: httpx.Response, address: str, kind: str) -> None:
    if response.is_server_error:
        raise PageUnavailable(f"{address}: {response.status_code}")
    if response.status_code != 200:
        raise PageUnusable(f"{address}: {response.status_code}")
    if not response.headers.get("content-type", "").startswith(kind):
        raise PageUnusable(f"{address}: not {kind}")
