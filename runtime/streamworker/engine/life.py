"""The life of a delivery, from its bytes to its settlement. `Life.handle` is the main path of the whole runtime."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass
from inspect import isawaitable
from typing import Protocol

from streamworker.delivery import CORRELATION_HEADER, Incoming, Scope, correlation, enter, hooks, made
from streamworker.engine.ids import Ids
from streamworker.engine.journal import Journal
from streamworker.engine.settlement import Settlement
from streamworker.engine.timeouts import Running
from streamworker.engine.window import Window
from streamworker.errors import ContractViolation, HandlerCancelled, StreamworkerError, Violation
from streamworker.options import Emit
from streamworker.sinks.base import OnStored, Output, Stored
from streamworker.spec import AnyHandle

STOPS = (asyncio.CancelledError, KeyboardInterrupt, GeneratorExit)
"""What ends a handler from without. All else is its own failure: a SystemExit, too, and what a library in Rust raises where it fails."""


class Sink(Protocol):
    """A sink of any events."""

    def encode(self, event: object, /) -> tuple[str, bytes]: ...
    def check(self, output: Output, /) -> None: ...
    def publish(self, output: Output, on_stored: OnStored) -> None: ...


@dataclass(frozen=True, kw_only=True)
class Life:
    """Handles the deliveries of one worker. decode: a subject and bytes to an event. begin: called
    when its handling starts. again: called with a delivery that is to be
    handled once more in place, and after how many seconds. beside: runs a coroutine beside the slots."""

    scope: Scope
    decode: Callable[[str, bytes], object]
    chain: AnyHandle
    sink: Sink | None
    emit: Emit
    ids: Ids
    settlement: Settlement
    window: Window
    running: Running
    journal: Journal
    begin: Callable[[Incoming], None]
    again: Callable[[Incoming, float], None]
    beside: Callable[[Coroutine[object, object, None]], None]

    async def handle(self, incoming: Incoming, task: asyncio.Task[object]) -> None:
        """Decode, handle, encode all outputs, publish them; the last publish ack settles it. Raises only its cancellation.

        task: the one that this runs in.
        """
        if incoming.settled:
            return
        self.begin(incoming)
        try:
            event = self.decode(incoming.subject, incoming.data)
        except ContractViolation as violation:
            await self.settlement.undecodable(incoming, violation)
            return
        incoming.delivery = None
        enter((incoming, self.scope))
        try:
            self.journal.running(incoming)
            returned = await self.running.run(incoming, task, self.chain, event)
            self.journal.cleared(incoming)
            outputs = self.outputs(incoming, returned)
        except STOPS:
            self.settlement.give_back(incoming)
            raise
        except BaseException as error:  # noqa: BLE001 - whatever a handler raises is classified
            self.journal.cleared(incoming)
            await self.fail(incoming, error)
        else:
            flight = Flight(self, incoming, outputs, hooks(incoming))
            while not flight.send():
                await self.window.room()

    def outputs(self, incoming: Incoming, returned: object) -> list[Output]:
        """What a handler returned, encoded and checked, all of it. Raises ContractViolation or PublishRefused."""
        events = self._events(returned)
        if not events:
            return []
        if self.sink is None:
            raise ContractViolation("worker without a sink", [Violation("", "no output")])
        headers = {CORRELATION_HEADER: correlation(incoming)}
        last: dict[str, int] = {}  # the index of the last output on each subject
        outputs = []
        for event in events:
            subject, data = self.sink.encode(event)
            last[subject] = index = last.get(subject, -1) + 1
            id = self.ids.output(incoming.origin, subject, index)
            if id not in incoming.stored:
                output = made(Output, (subject, data, id, headers))
                self.sink.check(output)
                outputs.append(output)
        return outputs

    async def fail(self, incoming: Incoming, error: BaseException, stored: tuple[str, ...] = ()) -> None:
        """Let the settlement decide, or handle it again in place."""
        after = await self.settlement.failed(incoming, error, stored)
        if after is not None:
            incoming.attempt += 1
            self.again(incoming, after)

    def _events(self, returned: object) -> Sequence[object]:
        if isinstance(returned, (list, tuple)):  # `list | tuple` would be made anew each time
            return returned
        if returned is not None:
            return (returned,)
        if self.emit == "one":
            raise ContractViolation("output of " + self.scope.worker, [Violation("", "one event: its emit is `one`")])
        return ()


class Flight:
    """The outputs of one delivery on their way: settles it when the last is stored."""

    __slots__ = ("_callbacks", "_failure", "_incoming", "_left", "_life", "_outputs", "_sent", "_stored")

    def __init__(
        self,
        life: Life,
        incoming: Incoming,
        outputs: Sequence[Output],
        callbacks: Sequence[Callable[[], object]] | None,
    ) -> None:
        self._life = life
        self._incoming = incoming
        self._outputs = outputs
        self._left = len(outputs)
        self._sent = 0
        self._callbacks = callbacks
        self._stored: list[str] = []
        self._failure: StreamworkerError | None = None

    def send(self) -> bool:
        """Sends as many as the window has room for; True when that is all. Settles at once where there is nothing to wait for."""
        if not self._outputs:
            self._landed()
            return True
        window, sink = self._life.window, self._life.sink
        assert sink is not None  # there are no outputs without one
        while window.waiting < window.size:
            window.waiting += 1
            sink.publish(self._outputs[self._sent], self.stored)
            self._sent += 1
            if self._sent == len(self._outputs):
                return True
        return False

    def stored(self, output: Output, answer: Stored | StreamworkerError) -> None:
        """One output is stored, or never will be."""
        self._life.window.confirmed()
        if isinstance(answer, Stored):
            self._life.settlement.published(duplicate=answer.duplicate)
            self._stored.append(output.id)
        else:
            self._failure = answer
        self._left -= 1
        if not self._left:
            self._landed()

    def _landed(self) -> None:
        if self._failure is not None:
            self._life.beside(self._life.fail(self._incoming, self._failure, tuple(self._stored)))
        elif self._callbacks:
            self._life.beside(self._finish(self._callbacks))
        else:
            self._life.settlement.done(self._incoming)

    async def _finish(self, callbacks: Sequence[Callable[[], object]]) -> None:
        try:
            for callback in callbacks:
                result = callback()
                if isawaitable(result):
                    await result
        except asyncio.CancelledError:  # of what it awaited: where the worker ends, the delivery is settled already
            cancelled = HandlerCancelled("what a hook awaited was cancelled")
            await self._life.fail(self._incoming, cancelled, tuple(self._stored))
        except STOPS:
            raise
        except BaseException as error:  # noqa: BLE001 - a hook is the user's code, classified like a handler
            await self._life.fail(self._incoming, error, tuple(self._stored))
        else:
            self._life.settlement.done(self._incoming)
