from __future__ import annotations

from collections.abc import AsyncIterator, Callable

import pytest
from streamworker.jetstream.api import Api
from streamworker.jetstream.connection import Connection
from streamworker.jetstream.options import ConnectionOptions

from tests.runtime.jetstream.feeding import make_stream
from tests.servers import NatsServer


@pytest.fixture
async def open_connection() -> AsyncIterator[Callable[..., Connection]]:
    """Makes connections that are closed with the test; who wants one opens it."""
    made: list[Connection] = []

    def make(url: str, **options: object) -> Connection:
        connection = Connection(ConnectionOptions(url=url, **options))  # type: ignore[arg-type]  # options as given
        made.append(connection)
        return connection

    yield make
    for connection in made:
        await connection.close()


@pytest.fixture
async def connection(nats_server: NatsServer, open_connection: Callable[..., Connection]) -> Connection:
    connection = open_connection(nats_server.url)
    await connection.open()
    return connection


@pytest.fixture
def api(connection: Connection) -> Api:
    return Api(connection)


@pytest.fixture
async def stream(api: Api, prefix: str) -> str:
    return await make_stream(api, prefix)
