"""`streamworker dlq` with many letters, on an interrupt, beside others, and where the server does not do as asked."""

from __future__ import annotations

import asyncio
import json
import signal
from collections.abc import Callable
from dataclasses import replace
from math import inf
from pathlib import Path

import pytest
from nats.aio.client import Client
from nats.js import JetStreamContext
from streamworker import letters
from streamworker.delivery import Origin
from streamworker.letters import Letter
from streamworker.names import dead_letter_subject, redrive_stream

from tests.conftest import Eventually
from tests.faults.proxy import Proxy
from tests.runtime.shop import Running, Shop
from tests.servers import NatsServer

MANY = 600


@pytest.fixture
async def shop(tmp_path: Path, prefix: str, nats_server: NatsServer) -> Shop:
    made = Shop(tmp_path, prefix).write()
    running = Running(made.folder, "provision", "--project", str(made.folder), NATS_URL=nats_server.url)
    assert await running.end() == 0, running.told
    return made


@pytest.fixture
def js(nats_client: Client) -> JetStreamContext:
    return nats_client.jetstream()


def letter(number: int, **changed: object) -> Letter:
    made = Letter(
        worker="till",
        subject=f"orders.{number}",
        data=json.dumps({"id": str(number), "do": "sell"}).encode(),
        headers={},
        origin=Origin("ORDERS", 1, number),
        reason="attempts",
        error="ValueError",
        text="no such goods",
    )
    return replace(made, **changed)  # type: ignore[arg-type]  # fields of a letter


async def store(js: JetStreamContext, shop: Shop, *stored: Letter) -> None:
    acks = []
    for each in stored:
        headers, data = letters.encode(replace(each, subject=f"{shop.prefix}.{each.subject}"))
        acks.append(await js.publish_async(dead_letter_subject(shop.prefix, each.worker), data, headers=headers))
    await asyncio.wait_for(asyncio.gather(*acks), 20)


def dlq(shop: Shop, server: NatsServer, *arguments: str) -> Running:
    return Running(shop.folder, "dlq", *arguments, "--project", str(shop.folder), NATS_URL=server.url)


async def count(js: JetStreamContext, stream: str) -> int:
    return (await js.stream_info(stream)).state.messages


async def test_an_interrupted_redrive_leaves_nothing_in_between(
    shop: Shop, nats_server: NatsServer, js: JetStreamContext
) -> None:
    await store(js, shop, *(letter(number) for number in range(MANY)))
    redriving = dlq(shop, nats_server, "redrive", "--all")
    await redriving.says("100 redriven ...")
    redriving.send(signal.SIGINT)
    assert await redriving.end() == 130
    done = int(redriving.out.split()[0])
    assert redriving.out == f"{done} redriven; interrupted before the end\n"
    assert 100 <= done < MANY
    assert await count(js, f"{shop.prefix}_DEAD") == MANY - done
    assert await count(js, redrive_stream(shop.prefix)) == done

    rest = dlq(shop, nats_server, "redrive", "--all")
    assert await rest.end() == 0
    assert rest.out == f"{MANY - done} redriven\n"
    assert await count(js, redrive_stream(shop.prefix)) == MANY


async def test_a_redrive_that_was_killed_between_its_two_steps_is_repeated_without_harm(
    shop: Shop, nats_server: NatsServer, js: JetStreamContext, eventually: Eventually
) -> None:
    """It is on its way, and its letter is still there: what would remove it does not get through."""
    await store(js, shop, *(letter(number) for number in range(MANY)))

    async def one_is_on_its_way() -> bool:
        return await count(js, redrive_stream(shop.prefix)) > 0

    async with Proxy(nats_server.url) as proxy:
        proxy.hold = lambda _direction, frame: inf if ".STREAM.MSG.DELETE." in frame.subject else 0.0
        redriving = Running(shop.folder, "dlq", "redrive", "--all", "--project", str(shop.folder), NATS_URL=proxy.url)
        await eventually(one_is_on_its_way)
        redriving.kill()
    assert await count(js, f"{shop.prefix}_DEAD") == MANY
    rest = dlq(shop, nats_server, "redrive", "--all")
    assert await rest.end() == 0
    assert await count(js, f"{shop.prefix}_DEAD") == 0
    assert await count(js, redrive_stream(shop.prefix)) == MANY


async def test_what_a_dry_run_says_is_no_deed(shop: Shop, nats_server: NatsServer, js: JetStreamContext) -> None:
    await store(js, shop, *(letter(number) for number in range(150)))
    trying = dlq(shop, nats_server, "discard", "--all", "--dry-run")
    assert await trying.end() == 0
    assert (trying.out, trying.told) == ("150 would be discarded\n", "100 would be discarded ...\n")
    assert await count(js, f"{shop.prefix}_DEAD") == 150


async def test_two_operators_at_once_share_the_work(shop: Shop, nats_server: NatsServer, js: JetStreamContext) -> None:
    await store(js, shop, *(letter(number) for number in range(MANY)))
    both = [dlq(shop, nats_server, "redrive", "--all") for _ in range(2)]
    assert [await each.end() for each in both] == [0, 0], [each.told for each in both]
    assert await count(js, f"{shop.prefix}_DEAD") == 0
    assert await count(js, redrive_stream(shop.prefix)) == MANY


async def test_of_several_sequences_one_that_is_wrong_leaves_all_alone(
    shop: Shop, nats_server: NatsServer, js: JetStreamContext
) -> None:
    await store(js, shop, letter(1), letter(2))
    wrong = dlq(shop, nats_server, "discard", "1", "2", "99")
    assert await wrong.end() == 2
    assert wrong.told.startswith("error: there is no dead letter 99")
    assert await count(js, f"{shop.prefix}_DEAD") == 2
    right = dlq(shop, nats_server, "discard", "1", "2", "1")
    assert (await right.end(), right.out) == (0, "2 discarded\n")


async def test_without_its_redrive_stream_it_tells_how_far_it_came(
    shop: Shop, nats_server: NatsServer, js: JetStreamContext
) -> None:
    await store(js, shop, letter(1), letter(2))
    await js.delete_stream(redrive_stream(shop.prefix))
    redriving = dlq(shop, nats_server, "redrive", "--all")
    assert await redriving.end() == 1
    assert redriving.out == "0 redriven\n"
    assert "nobody answers there" in redriving.told
    assert await count(js, f"{shop.prefix}_DEAD") == 2


async def test_where_there_are_none_it_says_so(shop: Shop, nats_server: NatsServer, js: JetStreamContext) -> None:
    for arguments, told in (
        ((), "no dead letters\n"),
        (("--worker", "till"), "no dead letters are like that\n"),
        (("--worker", "tilll"), f"no dead letters of tilll; the parts of {shop.prefix} are till, archive\n"),
    ):
        listing = dlq(shop, nats_server, "list", *arguments)
        assert (await listing.end(), listing.out, listing.told) == (0, "", told)


async def test_what_would_not_fare_better_stays(shop: Shop, nats_server: NatsServer, js: JetStreamContext) -> None:
    await store(js, shop, letter(1, worker="gone"), letter(2, subject="other.2"), letter(3, data=b"no order"))
    redriving = dlq(shop, nats_server, "redrive", "--all")
    assert (await redriving.end(), redriving.out) == (0, "0 redriven, 3 kept\n")
    assert "1 stays: " in redriving.told
    assert "has no worker or ingest gone" in redriving.told
    assert f"2 stays: till takes no {shop.prefix}.other.2 any more" in redriving.told
    assert "3 stays: today's contract refuses it as well" in redriving.told


def _full(shop: Shop) -> None:
    pipeline = shop.folder / "generated" / "pipeline.py"
    text, subjects = pipeline.read_text(), f'subjects=("dead-letters.{shop.prefix}.>",)'
    pipeline.write_text(text.replace(subjects, f'{subjects}, max_msgs=1, discard="new"'))


async def _never_full(_js: JetStreamContext, _shop: Shop) -> None:
    """It is full by its configuration."""


async def _delete(js: JetStreamContext, shop: Shop) -> None:
    await js.delete_stream(f"{shop.prefix}_DEAD")


@pytest.mark.parametrize(
    ("before", "trouble", "told"),
    [
        (_full, _never_full, "_DEAD, is full: max_msgs 1"),
        (lambda _shop: None, _delete, "_DEAD, is gone"),
    ],
    ids=["full", "gone"],
)
async def test_a_worker_stops_in_order_where_dead_letters_can_not_be_kept_and_loses_nothing(
    tmp_path: Path,
    prefix: str,
    nats_server: NatsServer,
    js: JetStreamContext,
    before: Callable[[Shop], None],
    trouble: Callable[[JetStreamContext, Shop], object],
    told: str,
) -> None:
    shop = Shop(tmp_path, prefix).write()
    before(shop)
    running = shop.run("till", nats=nats_server.url)
    try:
        await running.says("till: idle")
        await js.publish(*shop.order("1", "refuse"))
        await running.says("dead letter (attempts)")
        await trouble(js, shop)  # type: ignore[misc]  # an async function
        await js.publish(*shop.order("2", "refuse"))
        await js.publish(*shop.order("3"))
        assert await running.end() == 1
    finally:
        running.kill()
    assert "stopped, since till failed" in running.out
    assert told in running.out
    info = await js.consumer_info(f"{prefix}_ORDERS", f"{prefix}-till")
    assert info.ack_floor.stream_seq == 1  # the second is not settled
    assert await count(js, f"{prefix}_RECEIPTS") == 1

    await js.delete_stream(f"{prefix}_DEAD") if "full" in told else None
    again = Shop(tmp_path, prefix).write().run("--until-idle", nats=nats_server.url)
    assert await again.end() == 0, again.out
    assert "dead letter (attempts)" in again.out
    assert await count(js, f"{prefix}_DEAD") == 1


async def test_what_its_stream_lets_go_of_while_it_is_handled_is_no_dead_letter(
    shop: Shop, nats_server: NatsServer, js: JetStreamContext
) -> None:
    """As in a stream that keeps the latest of each subject, whenever a newer one comes."""
    running = shop.run("till", nats=nats_server.url)
    await running.says("till: idle")
    await js.publish(*shop.order("1", "wait"))
    await running.says("selling 1")
    await js.delete_msg(f"{shop.prefix}_ORDERS", 1)
    running.send(signal.SIGTERM)

    assert await running.end() == 0
    assert "dead letter" not in running.out
    assert "1 in = 1 acked; 1 published" in running.out


async def test_what_the_server_gives_up_on_is_a_dead_letter_and_can_be_redriven(
    shop: Shop, nats_server: NatsServer, js: JetStreamContext, eventually: Eventually
) -> None:
    """Somebody sets a limit of deliveries, and somebody else terminates: both at a consumer that is not theirs."""
    stream, durable = f"{shop.prefix}_ORDERS", f"{shop.prefix}-till"
    running = shop.run("till", nats=nats_server.url)
    try:
        await running.says("till: idle")
        stranger = await js.pull_subscribe_bind(durable, stream)
        config = (await js.consumer_info(stream, durable)).config
        await js.add_consumer(stream, replace(config, max_deliver=1, ack_wait=0.5))
        taken = 0
        for number in range(100):
            asking = asyncio.ensure_future(stranger.fetch(1, timeout=2))
            await asyncio.sleep(0.05)
            for copy in range(4):
                await js.publish(*shop.order(f"{number}-{copy}"))
            try:
                (message,) = await asking
            except TimeoutError:
                continue
            if taken:
                await message.term()
                break
            taken = int(message.metadata.sequence.stream)
        await running.says("dead letter (advisory)", times=2)
    finally:
        running.send(signal.SIGTERM)
        await running.end()

    listing = dlq(shop, nats_server, "list", "--json")
    assert await listing.end() == 0
    first, second = sorted((json.loads(line) for line in listing.out.splitlines()), key=lambda each: each["text"])
    assert (first["reason"], first["origin"]["sequence"]) == ("advisory", taken)
    assert first["text"] == "delivered 1 times, which is as often as its consumer allows"
    assert second["text"] == "terminated by somebody else: no reason given"
    assert first["subject"].startswith(f"{shop.prefix}.orders.")
    assert json.loads(first["event"])["do"] == "sell"

    before = await count(js, f"{shop.prefix}_RECEIPTS")
    redriving = dlq(shop, nats_server, "redrive", "--all")
    assert (await redriving.end(), redriving.out) == (0, "2 redriven\n")
    again = shop.run("--until-idle", nats=nats_server.url)
    assert await again.end() == 0
    assert await count(js, f"{shop.prefix}_RECEIPTS") == before + 2
