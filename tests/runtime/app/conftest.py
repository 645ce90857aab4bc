"""What tests of `streamworker run` begin with."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from nats.aio.client import Client
from nats.js.client import JetStreamContext

from tests.runtime.shop import Running, Shop


@pytest.fixture
def shop(tmp_path: Path, prefix: str) -> Shop:
    return Shop(tmp_path, prefix).write()


@pytest.fixture
def ended(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Whatever a test leaves running is ended."""
    started: list[Running] = []
    run = Shop.run

    def noted(shop: Shop, *arguments: str, nats: str = "", **variables: str) -> Running:
        started.append(run(shop, *arguments, nats=nats, **variables))
        return started[-1]

    monkeypatch.setattr(Shop, "run", noted)
    yield
    for running in started:
        running.kill()


@pytest.fixture
async def js(nats_client: Client) -> JetStreamContext:
    return nats_client.jetstream()
