"""A limit on how long a handler may run."""

from __future__ import annotations

import asyncio

from streamworker.errors import ConfigurationError, HandlerTimeout
from streamworker.handler import Handle, In, Ret


class Timeout:
    """Ends what is inside it after `seconds`, with HandlerTimeout: retried unless classified. In a batch, that is the error of each
    item of which nothing was said.

    The worker's own `timeout` bounds every handler anyway; this one is exact, and may stand anywhere among the middleware. A blocking
    handler's thread can't be ended: it runs on, and what it returns is not published.
    """

    def __init__(self, seconds: float) -> None:
        if not seconds > 0:
            raise ConfigurationError(f"a timeout of {seconds} s", hint="give more than 0 seconds")
        self._seconds = seconds

    def __call__(self, handle: Handle[In, Ret], /) -> Handle[In, Ret]:
        async def bounded(event: In) -> Ret:
            try:
                async with asyncio.timeout(self._seconds) as limit:
                    return await handle(event)
            except TimeoutError as error:
                if limit.expired():
                    raise HandlerTimeout(self._seconds) from error  # its traceback tells where the handler stood
                raise

        return bounded
