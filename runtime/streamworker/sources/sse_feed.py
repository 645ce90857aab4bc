"""A Server-Sent Events feed over as many connections as it takes."""

from __future__ import annotations

import asyncio
import logging
import random
import ssl
import time
import uuid
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing

import httpx

from streamworker.options import FeedOptions
from streamworker.sources.base import SourceHealth
from streamworker.sources.sse_address import address
from streamworker.sources.sse_frames import Connection, Frame, FrameDecoder

_logger = logging.getLogger(__name__)
_STEADY = 10  # a connection that outlived so many shortest delays was a good one: connecting again at once costs little
_ASKED = {"Accept": "text/event-stream", "Accept-Encoding": "identity", "Cache-Control": "no-store"}


class _BrokenError(Exception):
    """The connection is of no use, or of no use any more; the text says why."""


class SseFeed:
    """Reads a feed, connecting again with a delay whenever it ends, goes silent or answers something else.

    ended: the server said that there is no more (204). connections: how many answered as a feed. torn: frames that broke off in
    the middle. last_id: what is asked for on the next connection. name: for messages. tls: for authorities and
    certificates of one's own.
    """

    def __init__(
        self,
        url: str,
        *,
        name: str = "sse",
        headers: Mapping[str, str] | None = None,
        options: FeedOptions | None = None,
        last_id: str = "",
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self.ended = False
        self.connections = 0
        self.torn = 0
        self.last_id = last_id
        self._address = address(name, url, headers or {})
        self._name = name
        self._options = options or FeedOptions()
        self._tls = tls
        self._connected = False
        self._problem = "not opened"
        self._shortest = self._options.shortest
        self._failures = 0

    @property
    def url(self) -> str:
        """Where it is, for people: without user, password and query."""
        return self._address.shown

    def health(self) -> SourceHealth:
        return SourceHealth(self._connected, "" if self._connected else self._problem)

    async def frames(self) -> AsyncGenerator[Frame, None]:
        """All frames, until the feed ends for good. While the caller does not ask for the next, nothing is read from the socket."""
        async with self._client() as client:
            while not self.ended:
                began = time.monotonic()
                async with aclosing(self._connection(client)) as frames:
                    async for frame in frames:
                        yield frame
                if not self.ended:
                    await self._pause(time.monotonic() - began)

    async def _connection(self, client: httpx.AsyncClient) -> AsyncGenerator[Frame, None]:
        """The frames of one connection; ends, and says why, when it does."""
        try:
            async with aclosing(self._read(client)) as frames:
                async for frame in frames:
                    yield frame
            self._problem = "the server closed the connection"
        except _BrokenError as error:
            self._problem = str(error)
        except httpx.HTTPError as error:
            self._problem = self._why(error)
        finally:
            self._connected = False

    async def _read(self, client: httpx.AsyncClient) -> AsyncGenerator[Frame, None]:
        async with client.stream(
            "GET", self._address.shown, headers=self._headers(), extensions={"target": self._address.target}
        ) as response:
            if response.status_code == httpx.codes.NO_CONTENT:
                self.ended = True
                return
            _check(response)
            async with aclosing(self._decoded(response)) as frames:
                async for frame in frames:
                    yield frame

    async def _decoded(self, response: httpx.Response) -> AsyncGenerator[Frame, None]:
        self._connected = True
        self.connections += 1
        _logger.info("feed %s: connected to %s", self._name, self.url)
        here = Connection(str(uuid.uuid4()), time.time_ns())
        decoder = FrameDecoder(here, limit=self._options.max_frame, last_id=self.last_id)
        try:
            async for chunk in response.aiter_raw():
                for frame in decoder.feed(chunk):
                    self.last_id = frame.id
                    yield frame
                self._noted(decoder)
        finally:
            self.torn += decoder.unfinished

    def _noted(self, decoder: FrameDecoder) -> None:
        self.last_id = decoder.last_id
        if decoder.retry is not None:
            self._shortest = min(max(decoder.retry, self._options.shortest), self._options.longest)

    async def _pause(self, lasted: float) -> None:
        self._failures = 0 if lasted > _STEADY * self._shortest else self._failures + 1
        delay = backoff(self._failures, self._shortest, self._options.longest)
        _logger.warning("feed %s (%s): %s; connecting again in %.1f s", self._name, self.url, self._problem, delay)
        await asyncio.sleep(delay)

    def _headers(self) -> httpx.Headers:
        resume = {"Last-Event-ID": self.last_id} if self.last_id else {}
        return httpx.Headers({**_ASKED, **resume, **self._address.headers}, encoding="utf-8")

    def _client(self) -> httpx.AsyncClient:
        options = self._options
        timeout = httpx.Timeout(options.connect, read=options.idle)
        return httpx.AsyncClient(timeout=timeout, verify=self._tls or True)

    def _why(self, error: httpx.HTTPError) -> str:
        match error:
            case httpx.ReadTimeout():
                return f"silent for {self._options.idle:g} s"
            case httpx.ConnectTimeout():
                return f"no connection within {self._options.connect:g} s"
            case httpx.RemoteProtocolError() if self._connected:
                return "the connection broke off in the middle of the answer"
            case _:
                return f"{type(error).__name__}: {error}"


def backoff(failures: int, shortest: float, longest: float) -> float:
    """Seconds before the next try: anything between the shortest delay and a bound that doubles with each failure in a row."""
    bound = min(longest, shortest * 2.0 ** min(failures + 1, 62))
    return random.uniform(min(shortest, bound), bound)


def _check(response: httpx.Response) -> None:
    status = response.status_code
    if response.has_redirect_location:
        raise _BrokenError(f"answered {status}, a redirect, which is not followed: give the URL that it leads to")
    if status != httpx.codes.OK:
        raise _BrokenError(f"answered {status} {response.reason_phrase}")
    kind = response.headers.get("content-type", "")
    if kind.partition(";")[0].strip().lower() != "text/event-stream":
        raise _BrokenError(f"answered with {kind or 'no content type'}, not text/event-stream")
    encoding = response.headers.get("content-encoding", "identity")
    if encoding != "identity":
        raise _BrokenError(f"answered in {encoding}, which was not asked for: a small answer could become any size")
