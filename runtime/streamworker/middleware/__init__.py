"""Middleware: each wraps a worker's handler. One file each."""

from __future__ import annotations

from collections.abc import Sequence

from streamworker.handler import Handle, In, Ret, StreamMiddleware
from streamworker.middleware.logged import Logged
from streamworker.middleware.timeout import Timeout

__all__ = ["Logged", "Timeout", "chain"]


def chain(handle: Handle[In, Ret], middleware: Sequence[StreamMiddleware[In, Ret]]) -> Handle[In, Ret]:
    """The handler with all of these around it; the first is outermost."""
    for wrap in reversed(middleware):
        handle = wrap(handle)
    return handle
