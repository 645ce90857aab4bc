"""What is behind `Resources` when a pipeline runs: buckets, object stores and publishing on NATS, and real HTTP services."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import TYPE_CHECKING

from streamworker.environment import expand
from streamworker.errors import StreamworkerError
from streamworker.jetstream.buckets import KeyValue
from streamworker.jetstream.connection import Connection
from streamworker.jetstream.objects import Objects
from streamworker.jetstream.publisher import Publisher
from streamworker.resources.declarations import Http
from streamworker.sinks.base import Output, Stored

if TYPE_CHECKING:
    import httpx


class LiveBackend:
    """publisher: an open one. variables: the environment, which URLs may name."""

    def __init__(self, connection: Connection, publisher: Publisher, variables: Mapping[str, str]) -> None:
        self._connection = connection
        self._publisher = publisher
        self._variables = variables

    async def bucket(self, name: str, /) -> KeyValue:
        return KeyValue(self._connection, name)

    async def objects(self, name: str, /) -> Objects:
        return Objects(self._connection, name)

    async def publish(self, output: Output, /) -> Stored:
        self._publisher.check(output)
        answered: asyncio.Future[Stored] = asyncio.get_running_loop().create_future()

        def on_stored(_output: Output, answer: Stored | StreamworkerError) -> None:
            if answered.done():  # whoever waited was cancelled
                return
            if isinstance(answer, StreamworkerError):
                answered.set_exception(answer)
            else:
                answered.set_result(answer)

        self._publisher.publish(output, on_stored)
        return await answered

    def http(self, service: Http, /) -> httpx.AsyncClient:
        import httpx  # takes a tenth of a second: only those pay who use it

        url = httpx.URL(expand(f"http.{service.name}.url", service.url, self._variables))
        # Sent as a header: httpx repeats a URL, with its password, in the texts of its errors, and those end up in dead letters.
        auth = httpx.BasicAuth(url.username, url.password) if url.userinfo else None
        shown = url.copy_with(username=None, password=None)
        return httpx.AsyncClient(base_url=shown, timeout=service.timeout, auth=auth)
