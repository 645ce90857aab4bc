"""A worker as the contract describes it, and its binding to the user's code."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field, replace
from inspect import get_annotations, iscoroutinefunction, unwrap
from types import FunctionType, NoneType
from typing import TYPE_CHECKING, Any, Generic, TypeAlias, TypeVar, get_args, get_origin

from pydantic import BaseModel

from streamworker.actions import ErrorAction
from streamworker.errors import ClassifyError, ConfigurationError, HandlerNotWritten
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

    A decorator returns the function that it is given, so that a test just calls it. It stands above all other decorators of that
    function, which may be bound to several workers. Raises ConfigurationError for what can't be marked, as a method of an object.
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
        """Bind an async function. Raises ConfigurationError for a plain one that says it returns an event."""
        if _returns_events(function):
            raise ConfigurationError(
                f"{function.__qualname__} is no async function, and the worker {self.name} awaits it",
                hint="write `async def`; or bind it with `.blocking`, which runs it in a thread",
            )
        return self._bind(function, _opens(function))

    def blocking(self, function: Callable[[In], Ret], /) -> Callable[[In], Ret]:
        """Bind a plain function, which runs in a thread."""
        return self._bind(function, None)

    def lifespan(
        self, opener: Callable[[Resources], AbstractAsyncContextManager[StreamHandler[In, Ret]]], /
    ) -> Callable[[Resources], AbstractAsyncContextManager[StreamHandler[In, Ret]]]:
        """Bind an async context manager that yields a handler object: opened and closed with the worker.

        Best annotated `-> AsyncGenerator[StreamHandler[In, Ret]]`, with the two types that it was written for: when the contract
        changes, a type checker names them and the new ones on this decorator's line; annotated with a class of your own, it names
        that class. (`AsyncIterator` does as well, but pyright calls it deprecated here.)
        """

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

    def unwritten(self, event: object, /) -> HandlerNotWritten:
        """What a stub raises until somebody writes it: the event is given back, and waits."""
        return HandlerNotWritten(self.name, type(event).__name__)

    def _bind(self, target: Bound, opens: OpenHandler | None) -> Bound:
        mark = BoundWorker(spec=self, target=target, opens=opens)
        try:
            setattr(target, _MARK, {**_marks(target), self.name: mark})
        except (AttributeError, TypeError):
            raise ConfigurationError(
                f"a {type(target).__name__} can't be bound to the worker {self.name}: it holds no attributes",
                hint="bind a function that calls it; for a method, a lifespan that yields its object",
            ) from None
        return target


@dataclass(frozen=True)
class BoundWorker:
    """A worker and the user's code for it. `opens` is None for a blocking function: the runtime owns its threads."""

    spec: AnySpec
    target: Callable[..., object]
    opens: OpenHandler | None


def bound(spec: AnySpec, target: Callable[..., object]) -> BoundWorker:
    """The binding that a decorator of `spec` left on `target`; of several, the last one's.

    Raises ConfigurationError where there is none, where `target` wraps the function that was bound, and where another function of its
    module is bound to the same worker: it would never run.
    """
    marks = _marks(target)
    found = marks.get(spec.name)
    name = getattr(target, "__qualname__", repr(target))
    if found is None:
        state = f"bound to the worker {' and '.join(marks)}, not to" if marks else "not bound to the worker"
        raise ConfigurationError(
            f"{name} is {state} {spec.name}", hint="decorate it with that worker's own spec, from generated.workers"
        )
    if found.target is not target:
        raise ConfigurationError(
            f"{name} wraps the handler of the worker {spec.name}, and would never run",
            hint="put the decorator of that worker's spec outermost, above the other decorators",
        )
    if others := [other for other in _bound_beside(target, spec.name) if other is not target]:
        raise ConfigurationError(
            f"{name} and {others[0].__qualname__} are both bound to the worker {spec.name}",
            hint="a worker has one handler: remove one of the decorators",
        )
    return found


def _bound_beside(target: Callable[..., object], worker: str) -> list[FunctionType]:
    """The functions at the top of a target's module that were bound to a worker; none for a target that is not there itself."""
    module = sys.modules.get(target.__module__)
    functions = [each for each in vars(module).values() if isinstance(each, FunctionType)] if module else []
    if target not in functions:
        return []
    return [each for each in functions if (mark := _marks(each).get(worker)) and mark.target is each]


def _marks(target: Callable[..., object]) -> Mapping[str, BoundWorker]:
    """The bindings of a function by worker. Those that functools.wraps copied from another function are among them."""
    marks: Mapping[str, BoundWorker] = getattr(target, _MARK, {})
    return marks


def _returns_events(function: Callable[..., object]) -> bool:
    """Whether it is a plain function that returns events, or nothing, as far as it says. mypy says so, too, to whoever asks it."""
    inner = unwrap(function)
    if not isinstance(inner, FunctionType) or iscoroutinefunction(inner):
        return False
    try:
        said = get_annotations(inner, eval_str=True).get("return", Any)
    except (NameError, SyntaxError, TypeError, AttributeError):  # what it says can't be known
        return False
    if any(hasattr(each, "__await__") for each in (said, get_origin(said))):
        return False
    events = get_args(said) or [said]
    return all(each is None or (isinstance(each, type) and issubclass(each, BaseModel | NoneType)) for each in events)


def _opens(function: AnyHandle) -> OpenHandler:
    @asynccontextmanager
    async def open_function(_resources: Resources) -> AsyncIterator[AnyHandle]:
        yield function

    return open_function
