"""Requests that the server does not permit, told with what to do about it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from streamworker.errors import BrokerError, ResourceConflict
from streamworker.jetstream.requests import NOT_PERMITTED


def forbidden(error: BrokerError) -> bool:
    """Whether the server did not permit a request."""
    return error.code == NOT_PERMITTED


@contextmanager
def making(what: str) -> Iterator[None]:
    """Around requests that make or change something on the server. Raises ResourceConflict in place of a bare "not permitted"."""
    try:
        yield
    except BrokerError as error:
        if not forbidden(error):
            raise
        raise ResourceConflict(
            what,
            f"the server does not permit to make or change it ({error.request})",
            hint="have `streamworker provision` run by a user who may; or give this one what `streamworker permissions --create` prints",
        ) from None
