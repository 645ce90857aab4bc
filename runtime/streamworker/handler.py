"""The roles that a user implements: handlers and middleware, and the items of a batch. A leaf."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Generic, Protocol, TypeAlias, TypeVar, runtime_checkable

if TYPE_CHECKING:
    from streamworker.delivery import Delivery

In = TypeVar("In")
Ret = TypeVar("Ret")
In_co = TypeVar("In_co", covariant=True)
In_contra = TypeVar("In_contra", contravariant=True)
Ret_co = TypeVar("Ret_co", covariant=True)
Ret_contra = TypeVar("Ret_contra", contravariant=True)

Handle: TypeAlias = Callable[[In], Awaitable[Ret]]
"""A handler as the runtime calls it: an event in, what to publish out."""


@runtime_checkable
class StreamHandler(Protocol[In_contra, Ret_co]):
    """A handler that is an object with dependencies. Subclass it and give the two types; a lifespan opens it."""

    @abstractmethod
    async def handle(self, event: In_contra, /) -> Ret_co:
        """Handle one event; what is returned is published. Raise to have the delivery retried or dead-lettered."""
        ...


class StreamMiddleware(Protocol[In, Ret]):
    """Wraps a worker's handler; called once when the worker opens.

    A middleware for any worker has a generic `__call__`; one for certain events names them. The delivery that is being
    handled is `streamworker.current()`.
    """

    def __call__(self, handle: Handle[In, Ret], /) -> Handle[In, Ret]: ...


class Item(Generic[In_co, Ret_contra]):
    """One event of a batch, whose fate the handler decides apart from its neighbours'.

    Left unsaid: done with nothing after a normal return (an error of that item under `emit: one`), failed with the
    exception after one. The last word counts.
    """

    __slots__ = ("_delivery", "_outcome", "event")

    def __init__(self, event: In_co, delivery: Delivery | None = None) -> None:
        self.event: In_co = event
        self._delivery = delivery
        self._outcome: tuple[object] | BaseException | None = None

    @property
    def delivery(self) -> Delivery:
        """Where this event came from. Raises LookupError on an item that a test made by itself."""
        if self._delivery is None:
            raise LookupError("this item came with no delivery")
        return self._delivery

    def done(self, output: Ret_contra) -> None:
        """This event is handled; `output` is what is published for it."""
        self._outcome = (output,)

    def failed(self, error: Exception) -> None:
        """This event failed; its error is classified as if a handler had raised it."""
        self._outcome = error

    @property
    def outcome(self) -> tuple[object] | BaseException | None:
        """What was said: a one-tuple of the output, the error, or None."""
        return self._outcome
