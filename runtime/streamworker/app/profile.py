"""`run --profile`: where the CPU time of an event goes, layer by layer.

A signal comes after every few milliseconds of CPU time (SIGPROF), and its handler looks which layer the main thread is in: that of the
innermost function which belongs to one. What pydantic or a library does counts for the layer that called it. It costs about 1%.
"""

from __future__ import annotations

import signal
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Final

_EVERY = 0.002  # seconds of CPU time; the kernel may make it four milliseconds

LAYERS: Final = {
    "receive": "bytes from the socket become deliveries, taken over",
    "decode": "a delivery's bytes, validated, become an event",
    "handler": "the handler and its middleware",
    "encode": "outputs: subject, JSON, id, size",
    "publish": "outputs are handed over, with a deadline each",
    "write": "outputs and acks become bytes for the socket",
    "settle": "publish acks come in, and the delivery is acked",
    "engine": "slots, journal, window, and what else is between",
    "loop": "the event loop, and other threads",
}

PLACES: Final = {
    "streamworker.jetstream.reading": "receive",
    "nats.aio.client:Client._read_loop": "receive",
    "streamworker.engine.settlement:Settlement.take": "receive",
    "streamworker.engine.routing": "decode",
    "streamworker.engine.timeouts:Running.run": "handler",
    "streamworker.sinks.outlets": "encode",
    "streamworker.engine.life:Life.outputs": "encode",
    "streamworker.engine.life:Flight.send": "publish",
    "streamworker.jetstream.publisher": "publish",
    "streamworker.jetstream.outbox": "write",
    "streamworker.jetstream.wire": "write",
    "nats.aio.client:Client._flusher": "write",
    "streamworker.jetstream.publisher:Publisher._on_message": "settle",
    "streamworker.engine.life:Flight.stored": "settle",
    "streamworker.engine.settlement": "settle",
    "streamworker.engine.slots": "engine",
    "streamworker.engine.life": "engine",
    "streamworker.engine.batch": "engine",
}
"""A module, or one function of it, and its layer. A function counts before its module, an inner one before those that called it."""


class Profile:
    """Counts samples by layer while it is `taken`."""

    def __init__(self) -> None:
        self._samples: Counter[str] = Counter()
        self._seconds = 0.0

    @contextmanager
    def taken(self) -> Iterator[None]:
        """In the main thread only."""
        before = signal.signal(signal.SIGPROF, self._sample)
        signal.setitimer(signal.ITIMER_PROF, _EVERY, _EVERY)
        began = time.process_time()
        try:
            yield
        finally:
            self._seconds += time.process_time() - began
            signal.setitimer(signal.ITIMER_PROF, 0)
            signal.signal(signal.SIGPROF, before)

    def lines(self, events: int) -> list[str]:
        """A table, in microseconds for each of so many events."""
        total = self._samples.total()
        if not total or not events:
            return ["no profile: nothing was done for long enough"]
        each = self._seconds / events * 1e6
        rows = [
            f"  {layer:8} {each * self._samples[layer] / total:8.1f} us {self._samples[layer] / total:5.0%}  {said}"
            for layer, said in LAYERS.items()
        ]
        return [f"CPU time: {each:.1f} us for each of {events:,} events ({total:,} samples)", *rows]

    def _sample(self, _number: int, frame: FrameType | None) -> None:
        self._samples[layer_of(frame)] += 1


def layer_of(frame: FrameType | None) -> str:
    """The layer that a function works for, by its own place or that of the nearest caller which has one."""
    while frame is not None:
        module = frame.f_globals.get("__name__", "")
        found = PLACES.get(f"{module}:{frame.f_code.co_qualname}") or PLACES.get(module)
        if found is not None:
            return found
        frame = frame.f_back
    return "loop"
