"""The server that a run works on: one of our own, or the one that the environment names."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

from streamworker.app.place import Place
from streamworker.jetstream.connection import Connection
from streamworker.jetstream.embedded import EmbeddedServer, running_url
from streamworker.jetstream.options import ConnectionOptions

_log = logging.getLogger("streamworker")


@asynccontextmanager
async def server(place: Place, variables: Mapping[str, str], *, join: bool = False) -> AsyncIterator[ConnectionOptions]:
    """How to reach the server; ours is started, and ends with the block. Raises EmbeddedServerError where it can't start, and, with
    the block cancelled, where it ends by itself. join: where a run has started one on the same data, use that."""
    if not place.embedded:
        yield _named(variables)
        return
    if variables.get("NATS_URL"):
        _log.warning("NATS_URL is set, and not used: --embedded brings a server of its own")
    store = place.store or place.project / ".streamworker" / "nats"
    if join and (url := running_url(store)):
        yield ConnectionOptions(url=url)
        return
    async with EmbeddedServer(store) as embedded:
        _log.info("embedded nats-server at %s, its data in %s", embedded.url, store)
        try:
            async with asyncio.TaskGroup() as group:
                watching = group.create_task(embedded.watch())
                yield ConnectionOptions(url=embedded.url)
                watching.cancel()
        except BaseExceptionGroup as errors:
            raise errors.exceptions[0] from None


def _named(variables: Mapping[str, str]) -> ConnectionOptions:
    """The server that NATS_URL names, with the other variables of the `nats` command; localhost:4222 where it is not set."""
    options = ConnectionOptions.from_environment(variables)
    if not variables.get("NATS_URL"):
        _log.info("NATS_URL is not set: connecting to %s (--embedded brings a server along)", options.url)
    return options


@asynccontextmanager
async def connected(options: ConnectionOptions) -> AsyncIterator[Connection]:
    """An open connection. Waits until a server is there, and says so. Raises ConfigurationError where it does not let us in, is too
    old, or has no JetStream."""
    connection = Connection(options)
    await connection.open()
    try:
        yield connection
    finally:
        await connection.close()
