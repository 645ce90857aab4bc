"""A server that an operator's command works on."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

from streamworker.app.place import Place
from streamworker.app.server import connected, server
from streamworker.errors import ConnectionLost
from streamworker.jetstream.connection import Connection

_REACH_WITHIN = 5.0  # seconds: an operator is there to look after the address


@asynccontextmanager
async def reached(place: Place) -> AsyncIterator[Connection]:
    """An open connection. Raises ConfigurationError, EmbeddedServerError, or ConnectionLost where no server is there within 5 seconds."""
    async with AsyncExitStack() as stack:
        options = await stack.enter_async_context(server(place, os.environ, join=True))
        try:
            async with asyncio.timeout(_REACH_WITHIN):
                connection = await stack.enter_async_context(connected(options))
        except TimeoutError:
            servers = ",".join(options.servers)
            raise ConnectionLost(
                servers, _REACH_WITHIN, "no NATS server there; NATS_URL names it, --embedded starts it"
            ) from None
        yield connection
