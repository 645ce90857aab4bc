"""A worker as the contract describes it, and its binding to the user's code."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Generic, TypeAlias, TypeVar

from streamworker.actions import ErrorAction
from streamworker.errors import ClassifyError, ConfigurationError
from streamworker.handler import Handle, In, Ret, StreamHandler, StreamMiddleware
from streamworker.options import Emit, WorkerOptions

if TYPE_CHECKING:
    from streamworker.resources import Resources
    from streamworker.subject import AnySubject

_MARK = "__streamworker__"

# A spec's types live in its decorators; where specs of many workers stand side by side, they are of any type.
AnySpec: TypeAlias = "WorkerSpec[Any, Any]"
AnyHandle: TypeAlias = Callable[[Any], Awaitable[Any]]
OpenHandler: TypeAlias = Callable[["Resources"], AbstractAsyncContextManager[AnyHandle]]
Bound = TypeVar("Bound", bound=Callable[..., object])


@dataclass(frozen=True, kw_only=True)
class WorkerSpec(Generic[In, Ret]):
    """One worker of the pipeline file: what it takes, what it publishes, how it runs. Its decorators bind the handler.

    A decorator returns the function that it is given, so that a test just calls it.
    """

    name: str
    source: Sequence[AnySubject]
    sink: Sequence[AnySubject] = ()
    emit: Emit = "maybe"
    options: WorkerOptions = field(default_factory=WorkerOptions)
    middleware: tuple[StreamMiddleware[In, Ret], ...] = ()
    errors: tuple[type[ClassifyError], ...] | None = None
    classes: Mapping[type[Exception], ErrorAction] = field(default_factory=dict)

    def handler(self, function: Callable[[In], Awaitable[Ret]], /) -> Callable[[In], Awaitable[Ret]]:
        """Bind an async function."""
        return self._bind(function, _opens(function))

    def blocking(self, function: Callable[[In], Ret], /) -> Callable[[In], Ret]:
        """Bind a plain function, which runs in a thread."""
        return self._bind(function, None)

    def lifespan(
        self, opener: Callable[[Resources], AbstractAsyncContextManager[StreamHandler[In, Ret]]], /
    ) -> Callable[[Resources], AbstractAsyncContextManager[StreamHandler[In, Ret]]]:
        """Bind an async context manager that yields a handler object: opened and closed with the worker."""

        @asynccontextmanager
        async def open_handler(resources: Resources) -> AsyncIterator[Handle[In, Ret]]:
            async with opener(resources) as handler:
                yield handler.handle

        return self._bind(opener, open_handler)

    def with_middleware(self, *middleware: StreamMiddleware[In, Ret]) -> WorkerSpec[In, Ret]:
        """The same worker with these around its handler, inside those that it has; the first is outermost."""
        return replace(self, middleware=(*self.middleware, *middleware))

    def with_errors(self, *errors: type[ClassifyError]) -> WorkerSpec[In, Ret]:
        """The same worker, whose handler raises these. Once said, an error of another kind that classifies itself counts as
        unclassified: a library's `Ignore` can't drop an event unseen."""
        return replace(self, errors=(*(self.errors or ()), *errors))

    def classify(self, classes: Mapping[type[Exception], ErrorAction], /) -> WorkerSpec[In, Ret]:
        """The same worker, with actions for exceptions of others. The nearest class in an exception's own order of bases wins."""
        return replace(self, classes={**self.classes, **classes})

    def _bind(self, target: Bound, opens: OpenHandler | None) -> Bound:
        setattr(target, _MARK, BoundWorker(spec=self, target=target, opens=opens))
        return target


@dataclass(frozen=True)
class BoundWorker:
    """A worker and the user's code for it. `opens` is None for a blocking function: the runtime owns its threads."""

    spec: AnySpec
    target: Callable[..., object]
    opens: OpenHandler | None


def bound(spec: AnySpec, target: Callable[..., object]) -> BoundWorker:
    """The binding that a decorator of `spec` left on `target`. Raises ConfigurationError where it is missing or another worker's."""
    found = getattr(target, _MARK, None)
    name = getattr(target, "__qualname__", repr(target))
    if not isinstance(found, BoundWorker):
        raise ConfigurationError(
            f"{name} is not bound to the worker {spec.name}",
            hint=f"decorate it with @{spec.name.replace('-', '_')}.handler",
        )
    if found.spec.name != spec.name:
        raise ConfigurationError(
            f"{name} is bound to the worker {found.spec.name}, not to {spec.name}",
            hint=f"decorate the handler of {spec.name} with its own spec",
        )
    return found


def _opens(function: AnyHandle) -> OpenHandler:
    @asynccontextmanager
    async def open_function(_resources: Resources) -> AsyncIterator[AnyHandle]:
        yield function

    return open_function
