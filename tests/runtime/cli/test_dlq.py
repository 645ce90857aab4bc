"""`streamworker dlq` on a real server, with letters of real workers."""

from __future__ import annotations

import json
import signal
from pathlib import Path

import pytest
from nats.aio.client import Client

from tests.runtime.shop import Running, Shop
from tests.servers import NatsServer


@pytest.fixture
async def shop(tmp_path: Path, prefix: str, nats_server: NatsServer, nats_client: Client) -> Shop:
    """A shop with four dead letters: three of the till, of which one is no order, and one of the archive."""
    made = Shop(tmp_path, prefix).write()
    js = nats_client.jetstream()
    assert await made.run("--until-idle", nats=nats_server.url).end() == 0
    for id in ("1", "2"):
        await js.publish(*made.order(id, "refuse"))
    await js.publish(f"{prefix}.orders.3", b"no order")
    await js.publish(f"{prefix}.receipts.4", b"[]")
    assert await made.run("--until-idle", nats=nats_server.url).end() == 0
    return made


async def dlq(shop: Shop, server: NatsServer, *arguments: str) -> tuple[int, str, str]:
    """Exit code, output and errors."""
    running = Running(shop.folder, "dlq", *arguments, "--project", str(shop.folder), NATS_URL=server.url)
    return await running.end(), running.out, running.told


async def sequences(shop: Shop, server: NatsServer, *filters: str) -> list[int]:
    code, out, told = await dlq(shop, server, "list", "--json", *filters)
    assert code == 0, told
    return [json.loads(line)["sequence"] for line in out.splitlines()]


async def test_letters_are_listed_filtered_and_paged(shop: Shop, nats_server: NatsServer) -> None:
    code, out, _ = await dlq(shop, nats_server, "list")
    assert code == 0
    assert out.splitlines()[0].split() == ["SEQ", "AGE", "WORKER", "REASON", "TRIES", "SUBJECT", "ERROR"]
    assert len(out.splitlines()) == 5

    everything = await sequences(shop, nats_server)
    assert len(everything) == 4
    assert len(await sequences(shop, nats_server, "--worker", "archive")) == 1
    assert len(await sequences(shop, nats_server, "--error", "no such goods")) == 2
    assert len(await sequences(shop, nats_server, "--subject", f"{shop.prefix}.orders.*", "--newer", "1h")) == 3
    assert await sequences(shop, nats_server, "--older", "1h") == []

    _, out, told = await dlq(shop, nats_server, "list", "--json", "--limit", "3")
    assert len(out.splitlines()) == 3
    assert told == f"there are more: --after {everything[2]}\n"
    assert await sequences(shop, nats_server, "--after", str(everything[2])) == everything[3:]


async def test_a_letter_is_shown_with_its_event_and_error(shop: Shop, nats_server: NatsServer) -> None:
    [first, *_] = await sequences(shop, nats_server, "--error", "no such goods")
    code, out, _ = await dlq(shop, nats_server, "show", str(first))

    assert code == 0
    assert f"dead letter {first} of till" in out
    assert "reason       attempts: ValueError: no such goods" in out
    assert '"do": "refuse"' in out


async def test_redriven_letters_reach_their_worker_and_those_that_it_would_refuse_stay(
    shop: Shop, nats_server: NatsServer
) -> None:
    code, out, told = await dlq(shop, nats_server, "redrive", "--worker", "till", "--dry-run")
    assert (code, out) == (0, "2 would be redriven, 1 kept\n")
    assert "stays: today's contract refuses it as well: not a Order" in told
    assert len(await sequences(shop, nats_server)) == 4

    code, out, _ = await dlq(shop, nats_server, "redrive", "--worker", "till")
    assert (code, out) == (0, "2 redriven, 1 kept\n")
    assert len(await sequences(shop, nats_server)) == 2

    running = shop.run("--until-idle", nats=nats_server.url, SHOP_HAS_IT="1")
    assert await running.end() == 0
    assert "till     2 in = 2 acked; 2 published" in running.out
    assert "archive  2 in = 2 acked; 0 published" in running.out


async def test_a_redriven_letter_that_fails_again_is_a_new_letter(shop: Shop, nats_server: NatsServer) -> None:
    before = await sequences(shop, nats_server, "--error", "no such goods")
    assert (await dlq(shop, nats_server, "redrive", str(before[0])))[1] == "1 redriven\n"
    assert await shop.run("--until-idle", nats=nats_server.url).end() == 0

    after = await sequences(shop, nats_server, "--error", "no such goods")
    assert len(after) == 2
    assert before[0] not in after
    assert json.loads((await dlq(shop, nats_server, "show", str(after[-1]), "--json"))[1])["redriven"] == 1


async def test_discarded_letters_are_gone(shop: Shop, nats_server: NatsServer) -> None:
    assert (await dlq(shop, nats_server, "discard", "--worker", "archive"))[1] == "1 discarded\n"
    assert len(await sequences(shop, nats_server)) == 3
    assert (await dlq(shop, nats_server, "discard", "--all"))[1] == "3 discarded\n"
    assert await sequences(shop, nats_server) == []


async def test_what_is_no_letter_is_said_and_left_alone(
    shop: Shop, nats_server: NatsServer, nats_client: Client
) -> None:
    js, subject = nats_client.jetstream(), f"dead-letters.{shop.prefix}.till"
    await js.publish(subject, b"by hand")
    await js.publish(subject, b"", headers={"Streamworker-Letter": '{"worker": "till"}'})
    first = await js.get_msg(f"{shop.prefix}_DEAD", 1)
    letter = {"Streamworker-Letter": (first.headers or {})["Streamworker-Letter"]}
    await js.publish(f"dead-letters.{shop.prefix}.other", first.data or b"", headers=letter)

    code, out, told = await dlq(shop, nats_server, "list", "--json")
    assert (code, len(out.splitlines())) == (0, 4)
    assert told.splitlines()[:2] == [
        f"message 5 of {shop.prefix}_DEAD is no dead letter: no header Streamworker-Letter",
        f"message 6 of {shop.prefix}_DEAD is no dead letter: a broken header Streamworker-Letter: KeyError('origin')",
    ]
    assert told.endswith(f", and lies under dead-letters.{shop.prefix}.other\n")


async def test_what_is_not_there_or_not_said_is_an_error(shop: Shop, nats_server: NatsServer) -> None:
    assert await dlq(shop, nats_server, "show", "9999") == (
        2,
        "",
        "error: there is no dead letter 9999\n  `streamworker dlq list` shows those that there are\n",
    )
    code, _, told = await dlq(shop, nats_server, "discard")
    assert (code, told.splitlines()[0]) == (2, "error: which letters?")
    code, _, told = await dlq(shop, nats_server, "discard", "1", "--all")
    assert (code, told.splitlines()[0]) == (2, "error: sequences, filters and --all don't go together")


async def test_where_the_pipeline_never_ran_it_says_so(tmp_path: Path, prefix: str, nats_server: NatsServer) -> None:
    code, _, told = await dlq(Shop(tmp_path, prefix).write(), nats_server, "list")

    assert (code, told.splitlines()[0]) == (2, f"error: there is no stream {prefix}_DEAD on {nats_server.url}")


async def test_without_a_server_it_gives_up(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    running = Running(shop.folder, "dlq", "list", "--project", str(shop.folder), NATS_URL="nats://127.0.0.1:1")

    assert await running.end() == 1
    assert "error: no connection to nats://127.0.0.1:1 after 5 s: no NATS server there" in running.told


async def test_the_letters_of_an_embedded_server_are_there_while_it_runs_and_after(tmp_path: Path, prefix: str) -> None:
    shop = Shop(tmp_path, prefix).write()
    arguments = ("list", "--json", "--embedded", "--project", str(tmp_path))
    running = shop.run("--embedded")
    try:
        await running.says("archive: idle")
        meanwhile = Running(tmp_path, "dlq", *arguments)
        assert (await meanwhile.end(), meanwhile.told) == (0, "")
    finally:
        running.send(signal.SIGTERM)
        await running.end()

    after = Running(tmp_path, "dlq", *arguments)
    assert (await after.end(), after.told) == (0, "")
