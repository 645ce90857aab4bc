"""Bodies of HTTP answers, read no further than they are wanted."""

from __future__ import annotations

import httpx


class BodyTooLarge(Exception):
    """A body over the limit. `limit` is in bytes."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        super().__init__(limit)

    def __str__(self) -> str:
        return f"over {self.limit:,} bytes"


async def read_up_to(limit: int, response: httpx.Response) -> bytes:
    """The body of a streamed answer. Raises BodyTooLarge, or httpx.TransportError where it ends early."""
    body = bytearray()
    async for part in response.aiter_bytes():
        body += part
        if len(body) > limit:
            raise BodyTooLarge(limit)
    return bytes(body)
