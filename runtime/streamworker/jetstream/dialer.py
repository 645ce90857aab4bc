"""Finding a server that lets us in, however long that takes."""

from __future__ import annotations

import asyncio
import gc
import random
from collections.abc import Callable
from dataclasses import dataclass

from streamworker.errors import ConfigurationError
from streamworker.jetstream.client import ReadingClient, RefusedByServerError, open_client
from streamworker.jetstream.options import ConnectionOptions

_SHORTEST_BACKOFF = 0.1
_SHORT_LIFE = 5.0


@dataclass(frozen=True)
class Dialed:
    """A client, and the event of its end."""

    client: ReadingClient
    down: asyncio.Event


class Dialer:
    """Tries the servers in turn, those that a cluster told of included, with growing, jittered pauses.

    say: told what is waited for. on_error: told of errors of an open client.
    """

    def __init__(
        self, options: ConnectionOptions, say: Callable[[str], None], on_error: Callable[[Exception], None]
    ) -> None:
        self._options = options
        self._say = say
        self._on_error = on_error
        self._servers = list(options.servers)
        self._failures = 0

    async def dial(self, *, strict: bool) -> Dialed:
        """The next client. strict: raises ConfigurationError if a server refuses us; else that is waited for like everything."""
        while True:
            server = self._servers[0]
            self._servers.append(self._servers.pop(0))
            down = asyncio.Event()
            try:
                client = await open_client(self._options, server, self._on_error, down.set)
            except RefusedByServerError as refusal:
                problem = refusal.told(server)
                if strict:
                    raise ConfigurationError(problem, hint=refusal.hint) from None
                self._say(problem)
            except ConfigurationError:
                raise
            except Exception as error:  # noqa: BLE001 -- whatever it is, the next try may succeed: nobody else makes one
                self._say(f"no NATS server at {server}: {str(error) or type(error).__name__}")
            else:
                self._learn(client)
                return Dialed(client, down)
            await self._pause()

    async def lived(self, seconds: float) -> None:
        """A connection ended. After a short life there is a pause: a server may let us in and throw us out, again and again."""
        if seconds < _SHORT_LIFE:
            await self._pause()
        else:
            self._failures = 0

    def _learn(self, client: ReadingClient) -> None:
        found = [uri.geturl() for uri in client.discovered_servers]
        self._servers += [url for url in found if url not in self._servers]

    async def _pause(self) -> None:
        longest = min(_SHORTEST_BACKOFF * 2**self._failures, self._options.longest_backoff)
        self._failures = min(self._failures + 1, 16)
        # A client that failed is a ring of objects, and while nothing else happens the collector's turn does not come.
        gc.collect(0)
        await asyncio.sleep(longest * random.uniform(0.5, 1.0))
