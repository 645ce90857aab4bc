"""A feed in a whole pipeline, run by the command: its report, its dead letters, and what an operator can do about them."""

from __future__ import annotations

import signal
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
from nats.aio.client import Client

from tests.conftest import Eventually
from tests.runtime.feed_server import FeedServer, feed, frame
from tests.runtime.shop import Running, Shop
from tests.servers import NatsServer

WEB = (
    'SseSpec(name="web", url="${{FEED_URL}}", events={{{events}}}, id="{{{{id}}}}", unmapped="{unmapped}", '
    "shortest=0.05, longest=0.2, idle=5.0),"
)
FRAMES = (frame("order", {"id": "1"}), frame("renamed", {"id": "2"}), frame("order", {"id": 3}))


def with_web(shop: Shop, *names: str, unmapped: str = "dead-letter") -> Shop:
    events = ", ".join(f'"{name}": ORDERS' for name in names)
    return replace(shop, ingests=WEB.format(events=events, unmapped=unmapped)).write()


@pytest.fixture
def shop(tmp_path: Path, prefix: str) -> Shop:
    return Shop(tmp_path, prefix)


@pytest.fixture
async def server() -> AsyncIterator[FeedServer]:
    async with FeedServer(feed(*FRAMES)) as server:
        yield server


async def dlq(shop: Shop, nats: NatsServer, feed_url: str, *arguments: str) -> str:
    running = Running(
        shop.folder, "dlq", *arguments, "--project", str(shop.folder), NATS_URL=nats.url, FEED_URL=feed_url
    )
    await running.end()
    return running.out + running.told


async def test_a_pipeline_is_idle_when_its_feed_has_ended(
    shop: Shop, server: FeedServer, nats_server: NatsServer
) -> None:
    running = with_web(shop, "order").run("--until-idle", nats=nats_server.url, FEED_URL=server.url)
    assert await running.end() == 0
    assert "web      3 in = 1 published + 2 refused" in running.out
    assert "till     1 in = 1 acked; 1 published" in running.out
    assert "nothing is left to do" in running.out


async def test_letters_of_a_feed_go_back_to_it_once_it_would_take_them(
    shop: Shop, server: FeedServer, nats_server: NatsServer, eventually: Eventually
) -> None:
    first = with_web(shop, "order").run("--until-idle", nats=nats_server.url, FEED_URL=server.url)
    assert await first.end() == 0
    said = await dlq(shop, nats_server, server.url, "redrive", "--all")
    assert said.count("today's contract refuses it as well") == 2

    with_web(shop, "order", "renamed")
    said = await dlq(shop, nats_server, server.url, "redrive", "--all")
    assert said.count("today's contract refuses it as well") == 1
    server.scripts = [feed(hang=True)]
    second = shop.run(nats=nats_server.url, FEED_URL=server.url)
    await second.says("selling 2")
    second.send(signal.SIGTERM)
    assert await second.end() == 0
    assert "web      1 in = 1 published" in second.out
    assert "UnmappedEvent" not in await dlq(shop, nats_server, server.url, "list")


async def test_a_policy_that_says_stop_stops_the_pipeline_and_says_why(
    shop: Shop, server: FeedServer, nats_server: NatsServer
) -> None:
    running = with_web(shop, "order", unmapped="stop").run(nats=nats_server.url, FEED_URL=server.url)
    assert await running.end() == 1
    assert "web failed: UnmappedEvent: no subject is given for events 'renamed'" in running.out
    assert "web      2 in = 1 published + 1 refused" in running.out


async def test_a_feed_that_is_not_there_is_waited_for(shop: Shop, nats_server: NatsServer, nats_client: Client) -> None:
    running = with_web(shop, "order").run(
        "web", nats=nats_server.url, FEED_URL="http://user:hidden@127.0.0.1:1/x?y=hidden"
    )
    await running.says("web: waiting: ConnectError")
    running.send(signal.SIGTERM)
    assert await running.end() == 0
    assert "hidden" not in running.out + running.told
