"""Fakes for tests of handlers and workers: everything that `Resources` opens, deliveries, a source and a sink, all in memory."""

from streamworker.sinks.memory import MemorySink
from streamworker.sources.memory import MemorySource
from streamworker.testing.deliveries import deliver
from streamworker.testing.resources import FakeResources, Serve

__all__ = ["FakeResources", "MemorySink", "MemorySource", "Serve", "deliver"]
