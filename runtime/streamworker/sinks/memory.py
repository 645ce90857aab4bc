"""A sink of this process: for tests. Deduplicates by message id, as a stream does inside its window."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Generic, TypeVar, overload

from streamworker.sinks.base import OnStored, Output, Stored
from streamworker.sinks.outlets import Carries, Outlets
from streamworker.subject import AnySubject

E = TypeVar("E")
A = TypeVar("A")
B = TypeVar("B")
C = TypeVar("C")


class MemorySink(Generic[E]):
    """Keeps what is published, in order, each id once."""

    @overload
    def __init__(self: MemorySink[A], first: Carries[A], /) -> None: ...
    @overload
    def __init__(self: MemorySink[A | B], first: Carries[A], second: Carries[B], /) -> None: ...
    @overload
    def __init__(self: MemorySink[A | B | C], first: Carries[A], second: Carries[B], third: Carries[C], /) -> None: ...
    def __init__(self, *subjects: AnySubject) -> None:
        self._subjects = subjects
        self._outlets = Outlets(subjects)
        self._ids: dict[str, int] = {}
        self.outputs: list[Output] = []

    @property
    def subjects(self) -> Sequence[AnySubject]:
        return self._subjects

    def encode(self, event: E, /) -> tuple[str, bytes]:
        return self._outlets.encode(event)

    def check(self, _output: Output, /) -> None:
        """Nothing is too large for memory."""

    async def open(self) -> None:
        """Nothing to make ready."""

    def publish(self, output: Output, on_stored: OnStored) -> None:
        duplicate = output.id in self._ids
        if not duplicate:
            self.outputs.append(output)
            self._ids[output.id] = len(self.outputs)
        asyncio.get_running_loop().call_soon(
            on_stored, output, Stored.of("memory", self._ids[output.id], duplicate=duplicate)
        )

    async def close(self) -> None:
        """Nothing to close: the outputs stay readable."""
