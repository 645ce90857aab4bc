"""What every test may ask for: a real nats-server, names that no other test uses, and waiting by deadline."""

from __future__ import annotations

import asyncio
import inspect
import secrets
import shutil
import signal
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from typing import Any, Protocol, TypeVar, overload

import nats
import pytest
from hypothesis import HealthCheck, settings
from nats.aio.client import Client

from tests.servers import NatsCluster, NatsServer

T = TypeVar("T")

# How long an example takes is the machine's affair.
settings.register_profile("patient", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("patient")

# A shell's background jobs ignore the one, and nohup's the other; so would all that tests start.
signal.signal(signal.SIGINT, signal.default_int_handler)
signal.signal(signal.SIGHUP, signal.SIG_DFL)


class Eventually(Protocol):
    """`await eventually(condition)`: the first true value of `condition`, a plain or async function without arguments."""

    @overload
    async def __call__(
        self, condition: Callable[[], Awaitable[T]], *, within: float = ..., every: float = ..., what: str = ...
    ) -> T: ...
    @overload
    async def __call__(
        self, condition: Callable[[], T], *, within: float = ..., every: float = ..., what: str = ...
    ) -> T: ...


class StartNatsServer(Protocol):
    """Starts a server of the test's own: `start_nats_server(config="max_payload: 1000", jetstream=True)`."""

    def __call__(self, *, config: str = "", jetstream: bool = True) -> NatsServer: ...


async def _eventually(
    condition: Callable[[], object], *, within: float = 10.0, every: float = 0.01, what: str = ""
) -> Any:  # the protocol above has the types
    deadline = time.monotonic() + within
    while True:
        value = condition()
        found = await value if inspect.isawaitable(value) else value
        if found:
            return found
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {within:g} s: {what or condition}; last seen: {found!r}")
        await asyncio.sleep(every)


@pytest.fixture(scope="session")
def eventually() -> Eventually:
    return _eventually


@pytest.fixture(scope="session")
def nats_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[NatsServer]:
    """A nats-server with JetStream that all tests share: use `prefix` in every name, and never stop it."""
    folder = tmp_path_factory.mktemp("nats")
    server = NatsServer(folder).start()
    yield server
    server.kill()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def start_nats_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StartNatsServer]:
    """For tests that stop, kill or configure a server: each call starts one; all end with the test."""
    servers: list[NatsServer] = []

    def start(*, config: str = "", jetstream: bool = True) -> NatsServer:
        server = NatsServer(tmp_path_factory.mktemp("nats"), config=config, jetstream=jetstream)
        servers.append(server)
        return server.start()

    yield start
    for server in servers:
        server.kill()
        shutil.rmtree(server.folder, ignore_errors=True)


@pytest.fixture
def nats_cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[NatsCluster]:
    """Three servers of the test's own, with a leader."""
    folder = tmp_path_factory.mktemp("cluster")
    cluster = NatsCluster(folder)
    yield cluster.start()
    cluster.kill()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def prefix() -> str:
    """A token that no other test uses, good for streams, buckets and subjects: `f"{prefix}_IN"`, `f"{prefix}.in"`."""
    return f"t{secrets.token_hex(5)}"


@pytest.fixture
async def nats_client(nats_server: NatsServer) -> AsyncIterator[Client]:
    """A plain nats-py client of the shared server, for what a test puts in and looks up."""
    client = await nats.connect(nats_server.url)
    yield client
    await client.close()
