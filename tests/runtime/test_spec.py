"""Specs of workers: what their decorators leave behind."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from functools import wraps
from typing import cast

import pytest
from pydantic import BaseModel
from streamworker.actions import Ignore, Retry
from streamworker.errors import ClassifyError, ConfigurationError, StreamError
from streamworker.handler import Item, StreamHandler
from streamworker.middleware import Logged, Timeout
from streamworker.resources import Resources
from streamworker.spec import WorkerSpec, bound
from streamworker.subject import Subject


class Asked(BaseModel):
    id: str


class Told(BaseModel):
    id: str


ASKED = Subject("asked.{id}", Asked)
teller = WorkerSpec[Asked, Told](name="the-teller", source=(ASKED,), emit="one")
other = WorkerSpec[Asked, Told](name="other", source=(ASKED,), emit="one")
nothing = cast("Resources", None)  # no handler here opens anything


async def test_a_decorated_function_is_itself() -> None:
    async def tell(event: Asked) -> Told:
        return Told(id=event.id)

    assert teller.handler(tell) is tell
    assert await tell(Asked(id="a")) == Told(id="a")


async def test_an_async_function_is_opened_as_it_is() -> None:
    @teller.handler
    async def tell(event: Asked) -> Told:
        return Told(id=event.id)

    binding = bound(teller, tell)
    assert binding.opens is not None
    async with binding.opens(nothing) as handle:
        assert await handle(Asked(id="a")) == Told(id="a")


def test_a_blocking_function_is_left_to_the_runtime() -> None:
    @teller.blocking
    def tell(event: Asked) -> Told:
        return Told(id=event.id)

    assert bound(teller, tell).opens is None
    assert tell(Asked(id="a")) == Told(id="a")


async def test_an_object_is_opened_and_closed() -> None:
    steps: list[str] = []

    class Teller(StreamHandler[Asked, Told]):
        async def handle(self, event: Asked, /) -> Told:
            steps.append(event.id)
            return Told(id=event.id)

    @teller.lifespan
    @asynccontextmanager
    async def open_teller(_resources: Resources) -> AsyncIterator[Teller]:
        steps.append("open")
        yield Teller()
        steps.append("closed")

    opens = bound(teller, open_teller).opens
    assert opens is not None
    async with opens(nothing) as handle:
        assert await handle(Asked(id="a")) == Told(id="a")
    assert steps == ["open", "a", "closed"]


def test_specs_chain_and_are_left_as_they_were() -> None:
    class Lost(StreamError):
        error_action = Retry()

    logged, timeout = Logged(), Timeout(1)
    spec = teller.with_middleware(logged).with_middleware(timeout).with_errors(Lost).classify({KeyError: Ignore()})
    again = spec.classify({KeyError: Retry(), ValueError: Ignore()})
    assert spec.middleware == (logged, timeout)
    assert spec.errors == (Lost,)
    assert spec.classes == {KeyError: Ignore()}
    assert again.classes == {KeyError: Retry(), ValueError: Ignore()}
    assert (teller.middleware, teller.errors, teller.classes) == ((), None, {})
    assert bound(teller, again.blocking(lambda event: Told(id=event.id))).spec is again


def test_what_is_not_bound_is_told_with_what_to_write() -> None:
    async def tell(event: Asked) -> Told:
        return Told(id=event.id)

    with pytest.raises(
        ConfigurationError, match=r"tell is not bound to the worker the-teller\n.*that worker's own spec"
    ):
        bound(teller, tell)
    with pytest.raises(ConfigurationError, match="is bound to the worker other, not to the-teller"):
        bound(teller, other.handler(tell))


def test_one_function_may_serve_several_workers() -> None:
    async def tell(event: Asked) -> Told:
        return Told(id=event.id)

    other.handler(teller.handler(tell))
    assert bound(teller, tell).spec is teller
    assert bound(other, tell).spec is other


def test_what_wraps_a_handler_is_not_bound_in_its_place() -> None:
    """functools.wraps copies marks, and the wrapper would silently be left out."""

    def wrapped(function: Callable[[Asked], Awaitable[Told]]) -> Callable[[Asked], Awaitable[Told]]:
        @wraps(function)
        async def wrapper(event: Asked) -> Told:
            return await function(event)

        return wrapper

    @wrapped
    @teller.handler
    async def tell(event: Asked) -> Told:
        return Told(id=event.id)

    with pytest.raises(
        ConfigurationError,
        match=r"tell wraps the handler of the worker the-teller, .*\n.*put the decorator of that worker's spec outermost",
    ):
        bound(teller, tell)
    assert bound(other, other.handler(tell)).target is tell
    assert bound(teller, teller.handler(tell)).target is tell


def test_what_holds_no_mark_is_refused_where_it_is_bound() -> None:
    class Teller:
        __slots__ = ()

        async def __call__(self, event: Asked) -> Told:
            return Told(id=event.id)

        async def tell(self, event: Asked) -> Told:
            return Told(id=event.id)

    with pytest.raises(ConfigurationError, match="a method can't be bound to the worker the-teller"):
        teller.handler(Teller().tell)
    with pytest.raises(ConfigurationError, match="a Teller can't be bound to the worker the-teller"):
        teller.handler(Teller())


def test_only_an_exception_classifies_itself() -> None:
    class Says(Exception):
        error_action = Ignore()

    class NoError:
        error_action = Ignore()

    assert isinstance(Says(), ClassifyError)
    assert not isinstance(KeyError(), ClassifyError)
    assert not isinstance(NoError(), ClassifyError)


def test_of_an_item_the_last_word_counts() -> None:
    error = KeyError()
    item = Item[Asked, Told](Asked(id="a"))
    outcomes = [item.outcome]
    item.failed(error)
    outcomes.append(item.outcome)
    item.done(Told(id="a"))
    assert [*outcomes, item.outcome] == [None, error, (Told(id="a"),)]


def test_a_plain_function_that_returns_an_event_is_refused_where_it_is_bound() -> None:
    """Its worker would fail at the first event, and at each."""

    def tell(event: Asked) -> Told:
        return Told(id=event.id)

    def may_tell(event: Asked) -> Told | None:
        return Told(id=event.id) if event.id else None

    for plain in (tell, may_tell):
        with pytest.raises(
            ConfigurationError, match="is no async function, and the worker the-teller awaits it"
        ) as told:
            teller.handler(cast("Callable[[Asked], Awaitable[Told]]", plain))
        assert "`.blocking`" in told.value.hint


async def test_a_plain_function_that_returns_what_can_be_awaited_is_none() -> None:
    async def tell(event: Asked) -> Told:
        return Told(id=event.id)

    def passes_on(event: Asked) -> Awaitable[Told]:
        return tell(event)

    @wraps(tell)
    def wrapping(event: Asked) -> Awaitable[Told]:
        return tell(event)

    for each in (passes_on, wrapping):
        assert teller.handler(each) is each
