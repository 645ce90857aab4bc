"""Every way of being let in works for a whole run, and nothing secret is ever told: not by what fails, not by what succeeds."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import nats
import pytest
from nats.aio.client import Client
from streamworker.jetstream.options import ConnectionOptions

from tests.conftest import StartNatsServer
from tests.runtime.feed_server import FeedServer, feed, frame
from tests.security.authorities import make_certificates
from tests.security.vault import Vault, order
from tests.security.ways import Way, ways

WAYS = (
    "user and password",
    "user and password in the URL",
    "token",
    "token in the URL",
    "nkey",
    "creds",
    "TLS and password",
    "mutual TLS",
)
FEED_SECRETS = ("secret-of-the-feed", "secret-query", "secret-bearer")


@pytest.fixture(scope="module")
def all_ways(tmp_path_factory: pytest.TempPathFactory) -> Sequence[Way]:
    certificates = make_certificates(tmp_path_factory.mktemp("tls"))
    found = ways(tmp_path_factory.mktemp("secret"), certificates)
    assert tuple(way.name for way in found) == WAYS
    return found


@pytest.mark.parametrize("number", range(len(WAYS)), ids=WAYS)
async def test_each_way_of_being_let_in_works_and_tells_nothing_secret(
    start_nats_server: StartNatsServer, made_vault: Path, tmp_path: Path, all_ways: Sequence[Way], number: int
) -> None:
    way = all_ways[number]
    server = start_nats_server(config=way.config)
    address = server.url.partition("://")[2]
    async with FeedServer(feed(frame("ordered", {"id": "f1", "deed": ""}), frame("other", {}))) as source:
        vault = Vault.copied(
            made_vault,
            tmp_path / "vault",
            NATS_URL=way.url + address,
            FEED_URL=source.url.replace("://", "://ann:secret-of-the-feed@") + "?key=secret-query",
            FEED_TOKEN="secret-bearer",
            **way.variables,
        )
        assert "ready: consumer vault-shipper" in await vault.done("provision")
        async with admitted(vault) as client:
            js = client.jetstream()
            for each in (order("1"), order("2", "refuse"), ("order.ordered.3", b"no order"), order("4", "fail-once")):
                await js.publish(*each)
            running = vault.start("run", "--log-level", "debug")
            try:
                await running.says("keep f1")
                refused = vault.start("run", "--log-level", "debug", **way.wrong, **_wrong_url(way, address))
                assert len(await vault.until_dead_letters(3)) == 3
                await running.says("keep 4")
                assert await refused.end() == 2, refused.out + refused.told
                assert "does not let us in" in refused.told
            finally:
                running.kill()
            stored = [text async for text in everything(client)]
    seen = "\n".join([*stored, *printed(vault.folder), server.log.read_text()])
    assert "no such goods" in seen  # what is looked through is all of it
    assert [secret for secret in (*way.secrets, *FEED_SECRETS) if secret in seen] == []


async def test_a_server_that_is_not_there_is_named_without_what_is_secret(made_vault: Path, tmp_path: Path) -> None:
    vault = Vault.copied(made_vault, tmp_path / "vault", NATS_URL="nats://ann:secret-of-ann@127.0.0.1:1")
    listing, running = vault.start("dlq", "list"), vault.start("run", "--log-level", "debug")
    try:
        assert await listing.end() == 1
        await running.says("no NATS server at nats://127.0.0.1:1")
    finally:
        running.kill()
    assert "no connection to nats://127.0.0.1:1" in listing.told
    assert "secret-of-ann" not in "".join(printed(vault.folder))


async def test_a_url_that_can_not_be_read_and_a_file_that_holds_no_seed_are_not_repeated(
    made_vault: Path, tmp_path: Path, start_nats_server: StartNatsServer
) -> None:
    server = start_nats_server(config="authorization { user: ann, password: a }")
    vault = Vault.copied(made_vault, tmp_path / "vault")
    seed = tmp_path / "seed"
    seed.write_text("SUsecretANDBROKEN")
    for variables in (
        {"NATS_URL": "nats://ann:se/secret#@host:4222"},
        {"NATS_URL": server.url, "NATS_NKEY": str(seed)},
        {"NATS_URL": server.url, "NATS_CREDS": str(seed)},
    ):
        running = vault.start("run", **variables)
        assert await running.end() == 2
        assert running.told.startswith("error: ")
        assert "secret" not in running.told + running.out


async def test_the_secrets_of_a_process_stand_in_no_command_line_of_its_children(
    made_vault: Path, tmp_path: Path, start_nats_server: StartNatsServer
) -> None:
    """A suspect is tried in a child, which has to be let in as well."""
    server = start_nats_server(config='authorization { user: ann, password: "secret-of-ann" }')
    vault = Vault.copied(made_vault, tmp_path / "vault", NATS_URL=server.url.replace("://", "://ann:secret-of-ann@"))
    await vault.done("provision")
    async with admitted(vault) as client:
        await client.jetstream().publish(*order("1", "die"))
        first = vault.start("run", "shipper")
        assert await first.end() < 0
        lines: set[str] = set()
        second = vault.start("run", "shipper")
        try:
            while "dead letter (crashed)" not in second.out:
                lines |= {line for line in command_lines() if "streamworker.app.trial" in line}
        finally:
            second.kill()
    assert lines
    assert not [line for line in lines if "secret-of-ann" in line]


def _wrong_url(way: Way, address: str) -> dict[str, str]:
    return {"NATS_URL": way.wrong_url + address} if way.wrong_url else {}


@asynccontextmanager
async def admitted(vault: Vault) -> AsyncIterator[Client]:
    """A client that is let in as the project's processes are."""
    options = ConnectionOptions.from_environment(vault.variables)
    known = options.ask_credentials()
    client = await nats.connect(
        options.servers[0],
        user=known.user or None,
        password=known.password or None,
        token=known.token or None,
        nkeys_seed=known.nkey or None,
        user_credentials=known.creds or None,
        tls=options.tls.context() if options.tls else None,
    )
    yield client
    await client.close()


async def everything(client: Client) -> AsyncIterator[str]:
    """All that is stored on the server: of each message subject, headers and data."""
    js = client.jetstream()
    for stream in await js.streams_info():
        for sequence in range(max(stream.state.first_seq, 1), stream.state.last_seq + 1):
            try:
                message = await js.get_msg(str(stream.config.name), sequence)
            except nats.js.errors.NotFoundError:
                continue
            yield f"{message.subject} {message.headers} {(message.data or b'').decode(errors='replace')}"


def printed(folder: Path) -> Iterator[str]:
    """All that the processes left in the project's folder: what they printed, their journals."""
    for file in folder.rglob("*"):
        if file.is_file():
            yield file.read_bytes().decode(errors="replace")


def command_lines() -> Iterator[str]:
    for process in Path("/proc").iterdir():
        if process.name.isdecimal():
            try:
                yield (process / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
            except OSError:  # it has ended meanwhile
                continue
