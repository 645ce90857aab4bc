"""What comes from outside is data: whatever it holds, it ends as an output or as a dead letter, and nothing else happens."""

from __future__ import annotations

import asyncio
import base64
import json
import os
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import nats
import pytest
from nats.aio.client import Client

from tests.conftest import Eventually, StartNatsServer
from tests.runtime.feed_server import FeedServer, feed, frame
from tests.runtime.shop import Running
from tests.security.vault import Vault, order
from tests.servers import NatsServer

MAX_PAYLOAD = 256 * 1024

BOMBS = {
    "deep arrays": b"[" * 100_000,
    "deep arrays that end": b"[" * 50_000 + b"]" * 50_000,
    "deep objects": b'{"id":' * 20_000 + b"1" + b"}" * 20_000,
    "a deep field": b'{"id": ' + b"[" * 50_000 + b"]" * 50_000 + b', "deed": ""}',
    "a huge integer": b'{"id": ' + b"9" * 200_000 + b', "deed": ""}',
    "a huge exponent": b'{"id": 1e999999999999, "deed": ""}',
    "a tiny exponent": b'{"id": 1e-999999999999, "deed": ""}',
    "no number": b'{"id": NaN, "deed": Infinity}',
    "many fields": b"{" + b",".join(b'"f%d":0' % each for each in range(20_000)) + b"}",
    "many equal keys": b"{" + b",".join([b'"id":"a"'] * 20_000) + b"}",
    "a long key": b'{"' + b"k" * 200_000 + b'": 1}',
    "a lone surrogate": b'{"id": "\\ud800", "deed": ""}',
    "no UTF-8": b'{"id": "\xff\xfe", "deed": ""}',
    "overlong UTF-8": b'{"id": "\xc0\x80", "deed": ""}',
    "a byte-order mark": b'\xef\xbb\xbf{"id": "a", "deed": ""}',
    "NUL bytes": b"\0" * 1000,
    "nothing": b"",
    "two values": b'{"id": "a", "deed": ""} {"id": "b", "deed": ""}',
    "random bytes, as many as the server takes": os.urandom(MAX_PAYLOAD),
    "control characters in a key": b'{"\\u001b[2J\\r\\nNats-Rollup: all": 1}',
}
TOKENS = (
    "",
    " ",
    "a b",
    "a.b",
    ".",
    "*",
    ">",
    "a.>",
    "a\r\nPUB shipping.shipped.forged 2\r\nhi",
    "a\nb",
    "a\tb",
    "a\0b",
    "a\x7fb",
    "a\u0085b",
    "a\u2028b",
    "x" * 5_000,
    "\u00e9" * 800,
)
HEADERS = {
    "Nats-Msg-Id": "1",
    "Nats-Rollup": "all",
    "Nats-Expected-Stream": "OTHER",
    "Nats-Expected-Last-Sequence": "99",
    "Nats-TTL": "1s",
    "Streamworker-Origin": "SHIPPING 1 1",
    "Streamworker-Redriven": "7",
    "Streamworker-Stored": "everything",
    "Streamworker-Subject": "secret.kept.x",
    "Streamworker-Letter": "{}",
}


class Site:
    """A server, the vault on it, and its shipper at work."""

    def __init__(self, vault: Vault, server: NatsServer, client: Client, shipper: Running) -> None:
        self.vault = vault
        self.server = server
        self.client = client
        self.shipper = shipper
        self.js = client.jetstream()

    async def outputs(self) -> list[str]:
        """The subjects in the sink's stream."""
        info = await self.js.stream_info("SHIPPING", subjects_filter=">")
        return sorted(info.state.subjects or {})

    async def letters(self, number: int) -> list[dict[str, object]]:
        return await self.vault.until_dead_letters(number)

    async def settled(self) -> bool:
        """All that is stored: a consumer learns of a message a little later than its publisher, so what it says is pending is not enough."""
        stream = await self.js.stream_info("ORDERS")
        info = await self.js.consumer_info("ORDERS", "vault-shipper")
        return info.ack_floor is not None and info.ack_floor.stream_seq == stream.state.last_seq


@pytest.fixture
async def site(made_vault: Path, tmp_path: Path, start_nats_server: StartNatsServer) -> AsyncIterator[Site]:
    server = start_nats_server(config=f"max_payload: {MAX_PAYLOAD}")
    vault = Vault.copied(made_vault, tmp_path / "vault", NATS_URL=server.url)
    await vault.done("provision")
    client = await nats.connect(server.url)
    shipper = vault.start("run", "shipper")
    yield Site(vault, server, client, shipper)
    shipper.kill()
    await client.close()


async def test_json_that_is_none_or_too_much_is_a_dead_letter_with_its_bytes(
    site: Site, eventually: Eventually
) -> None:
    for number, bomb in enumerate(BOMBS.values()):
        await site.js.publish(f"order.ordered.{number}", bomb)
    await site.js.publish(*order("after"))
    await eventually(site.settled, within=60)
    letters = {str(each["subject"]): each for each in await site.letters(len(BOMBS))}
    assert await site.outputs() == ["shipping.shipped.after"]
    for number, (name, bomb) in enumerate(BOMBS.items()):
        letter = letters[f"order.ordered.{number}"]
        assert letter["reason"] == "contract", name
        assert _event_of(letter) == bomb, name
    await _stopped(site.shipper)


async def test_what_can_be_no_token_never_becomes_a_part_of_a_subject_or_key(
    site: Site, eventually: Eventually
) -> None:
    for number, text in enumerate(TOKENS):
        await site.js.publish(f"order.ordered.{number}", json.dumps({"id": text, "deed": ""}).encode())
    await site.js.publish(*order("after"))
    await eventually(site.settled, within=60)
    letters = await site.letters(len(TOKENS))
    assert await site.outputs() == ["shipping.shipped.after"]
    assert {letter["error"] for letter in letters} <= {"ContractViolation", "NeverStored"}
    await _stopped(site.shipper)


async def test_headers_from_outside_steer_nothing(site: Site, eventually: Eventually) -> None:
    """Those that the server reads on a publish are the sender's; none is copied to an output, and ours are read from redrives alone."""
    reserved = {name: value for name, value in HEADERS.items() if not name.startswith("Nats-")}
    await site.js.publish(*order("a"), headers=reserved)
    await site.js.publish("order.ordered.b", b"no order", headers=reserved)
    await site.js.publish(*order("c"), headers={"Nats-Msg-Id": "c", "Nats-Expected-Stream": "ORDERS"})
    await eventually(site.settled, within=60)
    assert await site.outputs() == ["shipping.shipped.a", "shipping.shipped.c"]
    for subject in await site.outputs():
        output = await site.js.get_last_msg("SHIPPING", subject)
        assert set(output.headers or {}) <= {"Nats-Msg-Id", "Streamworker-Correlation"}
    (letter,) = await site.letters(1)
    assert letter["subject"] == "order.ordered.b"
    assert letter["redriven"] == 0


@pytest.mark.parametrize("name", ["X-Large", "Streamworker-Correlation"])
async def test_headers_as_large_as_the_server_takes_stop_nobody(site: Site, eventually: Eventually, name: str) -> None:
    large = {name: "\u00e9" * 32_000}
    await site.js.publish(*order("a"), headers=large)
    await site.js.publish("order.ordered.b", b"no order", headers=large)
    await site.js.publish(*order("after"))
    await eventually(site.settled, within=60)
    assert await site.outputs() == ["shipping.shipped.a", "shipping.shipped.after"]
    output = await site.js.get_last_msg("SHIPPING", "shipping.shipped.a")
    assert (output.headers or {})["Streamworker-Correlation"] == "ORDERS.1"
    letters = {letter["subject"]: letter for letter in await site.vault.until_dead_letters(1)}
    assert _event_of(letters["order.ordered.b"]) == b"no order"
    await _stopped(site.shipper)


async def test_headers_that_are_none_are_passed_over(site: Site, eventually: Eventually) -> None:
    for head in (
        b"NATS/1.0\r\nno colon\r\n\r\n",
        b"NATS/1.0\r\n: no name\r\n\r\n",
        b"NATS/1.0\r\nA B: a blank\r\n\r\n",
        b"NATS/1.0\r\nX: \xff\xfe\r\n\r\n",
        b"NATS/1.0\r\nX: a\nNats-Rollup: all\r\n\r\n",
        b"NATS/1.0\r\nX: a\rY: b\r\n\r\n",
        b"NATS/1.0\r\nX: a\0b\x1b[2J\r\n\r\n",
        b"NATS/1.0\r\n\xc3\xa9: no ASCII\r\n\r\n",
        b"NATS/1.0\r\nStreamworker-Correlation: c\nNats-Rollup: all\r\n\r\n",
    ):
        await _publish_raw(site.server, "order.ordered.h", head, b"no order")
    await site.js.publish(*order("after"))
    await eventually(site.settled, within=60)
    letters = await site.letters(9)
    assert await site.outputs() == ["shipping.shipped.after"]
    assert (await site.vault.done("dlq", "redrive", "--all", "--dry-run")) == "0 would be redriven, 9 kept\n"
    for letter in letters:
        await site.vault.done("dlq", "show", str(letter["sequence"]))
    await _stopped(site.shipper)


async def test_what_is_redriven_has_the_headers_that_can_be_sent(site: Site, eventually: Eventually) -> None:
    for head in (
        b"NATS/1.0\r\nX: a\nNats-Rollup: all\r\nY: b\r\n\r\n",
        b"NATS/1.0\r\nStreamworker-Correlation: c\r\rNats-Rollup: all\r\n\r\n",
        b"NATS/1.0\r\nX: \xed\xa0\x80\r\n\r\n",
        b"NATS/1.0\r\nX(): a\0b\x1b[2J\r\nNats-Msg-Id: one\r\n\r\n",
    ):
        await _publish_raw(site.server, "order.ordered.h", head, order("h", "refuse")[1])
    await site.letters(4)
    await _stopped(site.shipper)
    shipper = site.vault.start("run", "shipper", SHIPPER_HAS_IT="1")
    try:
        assert await site.vault.done("dlq", "redrive", "--all") == "4 redriven\n"
        await eventually(lambda: _holds(site, "SHIPPING", 4), within=60)
    finally:
        shipper.kill()


async def test_what_nobody_redrove_is_not_taken_for_a_redrive(site: Site, eventually: Eventually) -> None:
    good = {
        "Streamworker-Origin": "ORDERS 1 1",
        "Streamworker-Redriven": "1",
        "Streamworker-Subject": "order.ordered.x",
        "Streamworker-Stored": "",
    }
    for changed in (
        {"Streamworker-Origin": "ORDERS"},
        {"Streamworker-Origin": "ORDERS 1 " + "9" * 5000},
        {"Streamworker-Origin": "ORDERS -1 1"},
        {"Streamworker-Origin": "A.*.> 1 1"},
        {"Streamworker-Redriven": "many"},
        {"Streamworker-Redriven": "-1"},
        {"Streamworker-Redriven": "9" * 5000},
    ):
        await site.js.publish("redrive.vault.shipper", order("x")[1], headers={**good, **changed})
    await site.js.publish("redrive.vault.shipper", b"{}")
    await eventually(lambda: _holds(site, "VAULT_REDRIVES", 0), within=60)
    await site.js.publish(*order("after"))
    await eventually(site.settled, within=60)
    assert await site.outputs() == ["shipping.shipped.after"]
    assert site.shipper.out.count("that no redrive sent") == 8
    await _stopped(site.shipper)


async def test_a_feed_may_send_what_it_likes(
    made_vault: Path, tmp_path: Path, start_nats_server: StartNatsServer
) -> None:
    """Every frame is published or a dead letter; ids, subjects and headers are made of nothing that could be more than a text."""
    frames = [b"event: ordered\ndata: " + bomb + b"\n\n" for bomb in BOMBS.values() if not {*b"\r\n"} & {*bomb}]
    frames += [b"event: ordered\ndata: " + json.dumps({"id": text, "deed": ""}).encode() + b"\n\n" for text in TOKENS]
    frames += [
        b"event: \x1b[2J\x00\x9b forged\ndata: {}\n\n",
        b"event: " + b"e" * 200_000 + b"\ndata: {}\n\n",
        b"event: ordered\nid: \x00\x1b\nretry: 99999999999999999999\ndata: {}\n\n",
        b"id: " + b"i" * 20_000 + b"\nevent: ordered\ndata: {}\n\n",
    ]
    server = start_nats_server(config=f"max_payload: {MAX_PAYLOAD}")
    async with FeedServer(feed(*frames, frame("ordered", {"id": "good", "deed": ""}))) as source:
        vault = Vault.copied(made_vault, tmp_path / "vault", NATS_URL=server.url, FEED_URL=source.url)
        out = await vault.done("run", "intake")
        received, good = len(frames) + 1, 2  # letters of any alphabet may be a token
        assert f"intake  {received} in = {good} published + {received - good} refused" in out
        assert not [each for each in out if not each.isprintable() and each != "\n"]
        letters = await vault.until_dead_letters(received - good)
        assert {letter["error"] for letter in letters} == {"ContractViolation", "UnmappedEvent"}
        for letter in letters[-4:]:
            await vault.done("dlq", "show", str(letter["sequence"]))
        told = await vault.done("dlq", "redrive", "--all", "--dry-run")
        assert told == f"0 would be redriven, {received - good} kept\n"


async def test_no_text_from_outside_forges_a_line_of_the_log_or_steers_a_terminal(
    site: Site, eventually: Eventually
) -> None:
    evil = "\x1b]0;owned\x07\x9b2J\r\n2026-11-24T00:00:00+0000 ERROR   streamworker: forged"
    await site.js.publish("order.ordered.k", json.dumps({evil: 1}).encode())
    await site.js.publish("order.ordered.i", json.dumps({"id": evil, "deed": "echo"}).encode())
    letters = await site.letters(2)
    outputs = [site.shipper.out, await site.vault.done("dlq", "list"), await site.vault.done("dlq", "list", "--json")]
    outputs += [await site.vault.done("dlq", "show", str(each["sequence"])) for each in letters]
    for out in outputs:
        assert not [each for each in out if not each.isprintable() and each != "\n"]
        assert not [line for line in out.splitlines() if line.startswith("2026-11-24T00:00:00")]


def _event_of(letter: dict[str, object]) -> bytes:
    if "event_base64" in letter:
        return base64.b64decode(str(letter["event_base64"]))
    return str(letter["event"]).encode("utf-8", "surrogatepass")


async def _holds(site: Site, stream: str, number: int) -> bool:
    return (await site.js.stream_info(stream)).state.messages == number


async def _stopped(running: Running) -> None:
    running.send(signal.SIGTERM)
    assert await running.end() == 0, running.out + running.told


async def _publish_raw(server: NatsServer, subject: str, head: bytes, data: bytes) -> None:
    """As a client would that cares for no rule."""
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    await reader.readline()
    writer.write(b'CONNECT {"verbose": false, "headers": true}\r\n')
    writer.write(
        b"HPUB %b %d %d\r\n%b%b\r\nPING\r\n" % (subject.encode(), len(head), len(head) + len(data), head, data)
    )
    while not (line := await reader.readline()).startswith(b"PONG"):
        assert not line.startswith(b"-ERR"), line
    writer.close()
