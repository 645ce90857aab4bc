"""Every error that streamworker raises.

StreamworkerError
├── ContractViolation        an event that its JSON Schema does not accept, on the way in or out
├── ConfigurationError       a variable, option or binding that is missing or wrong; nothing was started
├── StreamError (abstract)   the base of a user's own errors that say what becomes of the delivery
├── HandlerTimeout           a handler that ran for longer than it may; retried unless classified
├── HandlerCancelled         a handler that was cancelled from within; retried unless classified
├── HandlerNotWritten        the stub of a handler was called; the worker stops, and its events wait
├── ProcessDied              an event whose handling ends its process, again and again
├── UnmappedEvent            an event of a feed under a name that its ingest does not map to a subject
├── WorkerStopped            a worker that stopped because of an error, after an orderly shutdown
├── NeverStored              a key, value or object that no store would take, now or later; dead-lettered
├── RevisionConflict         an entry of a bucket that somebody else changed first; retried at once
├── ConnectionLost           the server could not be reached for longer than the caller wanted to wait
├── BrokerError              the server refused a request; carries its code
│   ├── ResourceConflict     a stream, consumer or bucket differs in a way that we do not change
│   └── PublishRefused       an output that the server will never take
└── EmbeddedServerError      the embedded nats-server did not start
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from types import TracebackType
from typing import TYPE_CHECKING, Any, Protocol, Self, runtime_checkable

from streamworker.actions import DeadLetter, ErrorAction, Retry, Stop
from streamworker.places import text_of


class StreamworkerError(Exception):
    """Root of every error that streamworker raises."""


@dataclass(frozen=True)
class Violation:
    """One place where a value breaks its contract.

    `pointer` is a JSON pointer into the value (`""` is the whole), `expected` says what the schema wants there. Neither
    repeats the value itself, which may be secret.
    """

    pointer: str
    expected: str

    def __str__(self) -> str:
        return f"at {self.pointer or '(the whole event)'}: {self.expected}"


class ContractViolation(StreamworkerError):
    """An event that its contract does not accept; lists every failing place."""

    def __init__(self, contract: str, violations: Sequence[Violation]) -> None:
        self.contract = contract
        self.violations = tuple(violations)
        super().__init__(contract, self.violations)

    def __str__(self) -> str:
        return f"not a {self.contract}: " + "; ".join(str(violation) for violation in self.violations)


class ConfigurationError(StreamworkerError):
    """Something that the user has to mend before anything starts. `hint` says how."""

    def __init__(self, problem: str, *, hint: str = "") -> None:
        self.problem = problem
        self.hint = hint
        super().__init__(problem)

    def __str__(self) -> str:
        return f"{self.problem}\n  {self.hint}" if self.hint else self.problem


@runtime_checkable
class ClassifyError(Protocol):
    """An exception that says itself what becomes of the delivery that raised it."""

    @property
    def error_action(self) -> ErrorAction: ...

    # Every exception has it: a class that is none does not pass for one.
    def with_traceback(self, tb: TracebackType | None, /) -> Self: ...


class StreamError(StreamworkerError):
    """Base of a user's own errors. A subclass says its `error_action`: a class attribute, a property, or set in `__init__`.

    Abstract: making a `StreamError` itself, or a subclass that can't say its action, is a `TypeError`; so is a class attribute that is
    no action.
    """

    error_action: Any  # an ErrorAction; a checker that is told so lets no subclass make it a property

    def __init_subclass__(cls, **arguments: object) -> None:
        super().__init_subclass__(**arguments)
        if hasattr(cls, "error_action") and not isinstance(cls.error_action, ErrorAction | property | cached_property):
            raise TypeError(f"{cls.__name__}.error_action is no action: say Retry(), Ignore(), DeadLetter() or Stop()")

    if not TYPE_CHECKING:  # a checker would hold each subclass's __init__ to its signature

        def __new__(cls, *_args: object, **_fields: object) -> Self:
            may_say = hasattr(cls, "error_action") or cls.__init__ is not StreamError.__init__
            if cls is StreamError or not may_say:
                raise TypeError(
                    f"{cls.__name__} does not say its error_action: Retry(), Ignore(), DeadLetter() or Stop()"
                )
            return super().__new__(cls)


class HandlerTimeout(StreamworkerError):
    """A handler ran for longer than `seconds`."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        super().__init__(seconds)

    def __str__(self) -> str:
        return f"the handler ran for longer than {self.seconds:g} s"


class HandlerCancelled(StreamworkerError):
    """Something that the handler awaited was cancelled, though nobody wanted the handler to end."""


class HandlerNotWritten(StreamworkerError):
    """A stub was called: `generate` wrote it, and nobody has filled it in. The event is not at fault: it is given back, and the process
    stops in order, whatever the binding says of errors."""

    error_action: ErrorAction = Stop()

    def __init__(self, worker: str, event: str) -> None:
        self.worker = worker
        self.event = event
        super().__init__(worker, event)

    def __str__(self) -> str:
        return (
            f"{self.worker} has no handler for {self.event} yet, only the stub; its events wait in their stream\n"
            f"  write it, or leave {self.worker} out: streamworker run takes the names of those that are to run"
        )


class ProcessDied(StreamworkerError):
    """An event ends the process that handles it."""


class UnmappedEvent(StreamworkerError):
    """A feed sent an event under a name that its ingest does not map to a subject."""

    def __init__(self, ingest: str, event: str) -> None:
        self.ingest = ingest
        self.event = event
        super().__init__(ingest, event)

    def __str__(self) -> str:
        return f"no subject is given for events {self.event[:200]!r}"


class WorkerStopped(StreamworkerError):
    """A worker stopped because of `error`, after an orderly shutdown: an error's action was Stop, or its source ended for good."""

    def __init__(self, worker: str, error: BaseException) -> None:
        self.worker = worker
        self.error = error
        super().__init__(worker, error)

    def __str__(self) -> str:
        return f"{self.worker} stopped: {type(self.error).__qualname__}: {text_of(self.error)}"


class NeverStored(StreamworkerError):
    """A key, value or object that no store would take, now or later: the delivery that wanted it is dead-lettered. `hint` says why."""

    error_action: ErrorAction = DeadLetter()

    def __init__(self, problem: str, *, hint: str) -> None:
        self.problem = problem
        self.hint = hint
        super().__init__(problem)

    def __str__(self) -> str:
        return f"{self.problem}\n  {self.hint}"


class RevisionConflict(StreamworkerError):
    """Somebody else changed the entry first. The delivery is retried at once: read the entry again, and decide anew."""

    error_action: ErrorAction = Retry(after=0)

    def __init__(self, bucket: str, key: str) -> None:
        self.bucket = bucket
        self.key = key
        super().__init__(bucket, key)

    def __str__(self) -> str:
        return f"{self.key} in the bucket {self.bucket} was changed by somebody else"


class ConnectionLost(StreamworkerError):
    """The server could not be reached. `seconds` is how long was waited."""

    def __init__(self, url: str, seconds: float, reason: str) -> None:
        self.url = url
        self.seconds = seconds
        self.reason = reason
        super().__init__(url, seconds, reason)

    def __str__(self) -> str:
        return f"no connection to {self.url} after {self.seconds:.0f} s: {self.reason}"


class BrokerError(StreamworkerError):
    """The server answered a request with an error. `code` is its `err_code` (0 where it gave none)."""

    def __init__(self, request: str, code: int, description: str) -> None:
        self.request = request
        self.code = code
        self.description = description
        super().__init__(request, code, description)

    def __str__(self) -> str:
        return f"{self.request}: {self.description} ({self.code})"


class ResourceConflict(BrokerError):
    """A stream, consumer or bucket on the server differs from the contract in a way that we refuse to change."""

    def __init__(self, resource: str, problem: str, *, hint: str) -> None:
        self.hint = hint
        super().__init__(resource, 0, problem)

    def __str__(self) -> str:
        return f"{self.request}: {self.description}\n  {self.hint}"


class PublishRefused(BrokerError):
    """An output that the server will never take, however often it is sent."""


class EmbeddedServerError(StreamworkerError):
    """The embedded nats-server did not start, or ended. The message holds the end of its log."""
