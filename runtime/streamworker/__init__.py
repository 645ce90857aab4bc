"""streamworker: typed event pipelines on NATS JetStream.

Everything public is named here, and imported on first use: a program pays for what it uses.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from streamworker.actions import DeadLetter, ErrorAction, Ignore, Retry, Stop
    from streamworker.delivery import Delivery, Origin, current
    from streamworker.engine.worker import StreamWorker
    from streamworker.errors import (
        BrokerError,
        ClassifyError,
        ConfigurationError,
        ConnectionLost,
        ContractViolation,
        HandlerNotWritten,
        HandlerTimeout,
        PublishRefused,
        ResourceConflict,
        StreamError,
        StreamworkerError,
        Violation,
        WorkerStopped,
    )
    from streamworker.handler import Handle, Item, StreamHandler, StreamMiddleware
    from streamworker.jetstream.connection import Connection
    from streamworker.jetstream.options import ConnectionOptions
    from streamworker.middleware import Logged, Timeout
    from streamworker.options import BatchOptions, FeedOptions, RetryOptions, WorkerOptions
    from streamworker.pipeline import Pipeline
    from streamworker.resources import Bucket, Http, ObjectStore, Resources, Stream
    from streamworker.simple import stream_worker
    from streamworker.sinks.base import EventSink
    from streamworker.sinks.jetstream import JetStreamSink
    from streamworker.sinks.memory import MemorySink
    from streamworker.sources.base import EventSource
    from streamworker.sources.jetstream import JetStreamSource
    from streamworker.sources.memory import MemorySource
    from streamworker.sources.sse import SseSource
    from streamworker.spec import WorkerSpec
    from streamworker.subject import Subject

_WHERE = {
    "actions": ("DeadLetter", "ErrorAction", "Ignore", "Retry", "Stop"),
    "delivery": ("Delivery", "Origin", "current"),
    "engine.worker": ("StreamWorker",),
    "errors": (
        "BrokerError",
        "ClassifyError",
        "ConfigurationError",
        "ConnectionLost",
        "ContractViolation",
        "HandlerNotWritten",
        "HandlerTimeout",
        "PublishRefused",
        "ResourceConflict",
        "StreamError",
        "StreamworkerError",
        "Violation",
        "WorkerStopped",
    ),
    "handler": ("Handle", "Item", "StreamHandler", "StreamMiddleware"),
    "jetstream.connection": ("Connection",),
    "jetstream.options": ("ConnectionOptions",),
    "middleware": ("Logged", "Timeout"),
    "options": ("BatchOptions", "FeedOptions", "RetryOptions", "WorkerOptions"),
    "pipeline": ("Pipeline",),
    "resources": ("Bucket", "Http", "ObjectStore", "Resources", "Stream"),
    "simple": ("stream_worker",),
    "sinks.base": ("EventSink",),
    "sinks.jetstream": ("JetStreamSink",),
    "sinks.memory": ("MemorySink",),
    "sources.base": ("EventSource",),
    "sources.jetstream": ("JetStreamSource",),
    "sources.memory": ("MemorySource",),
    "sources.sse": ("SseSource",),
    "spec": ("WorkerSpec",),
    "subject": ("Subject",),
}
_MODULES = {name: module for module, names in _WHERE.items() for name in names}

__all__ = [
    "BatchOptions",
    "BrokerError",
    "Bucket",
    "ClassifyError",
    "ConfigurationError",
    "Connection",
    "ConnectionLost",
    "ConnectionOptions",
    "ContractViolation",
    "DeadLetter",
    "Delivery",
    "ErrorAction",
    "EventSink",
    "EventSource",
    "FeedOptions",
    "Handle",
    "HandlerNotWritten",
    "HandlerTimeout",
    "Http",
    "Ignore",
    "Item",
    "JetStreamSink",
    "JetStreamSource",
    "Logged",
    "MemorySink",
    "MemorySource",
    "ObjectStore",
    "Origin",
    "Pipeline",
    "PublishRefused",
    "ResourceConflict",
    "Resources",
    "Retry",
    "RetryOptions",
    "SseSource",
    "Stop",
    "Stream",
    "StreamError",
    "StreamHandler",
    "StreamMiddleware",
    "StreamWorker",
    "StreamworkerError",
    "Subject",
    "Timeout",
    "Violation",
    "WorkerOptions",
    "WorkerSpec",
    "WorkerStopped",
    "current",
    "stream_worker",
]


def __getattr__(name: str) -> object:
    module = _MODULES.get(name)
    if module is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{module}"), name)


def __dir__() -> list[str]:
    return __all__
