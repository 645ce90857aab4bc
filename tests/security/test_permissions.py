"""`streamworker permissions`: what it prints suffices for everything, and for nothing else."""

from __future__ import annotations

import asyncio
import json
import signal
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import nats
import pytest
from nats.aio.client import Client

from tests.conftest import Eventually, StartNatsServer
from tests.runtime.feed_server import FeedServer, feed, frame
from tests.runtime.jetstream.jwt import Realm
from tests.runtime.shop import Running
from tests.security.vault import Vault, order
from tests.servers import NatsServer

USERS = (
    "vault-shipper",
    "vault-keeper",
    "vault-guard",
    "vault-intake",
    "vault_dlq",
    "vault_dlq-read",
    "vault_provision",
)
ADMIN = '{ user: admin, password: "a" }'
PARTS = ("shipper", "keeper", "intake")


class Guarded:
    """A server that is configured with what the command printed, and nothing else but an administrator."""

    def __init__(self, vault: Vault, server: NatsServer) -> None:
        self.vault = vault
        self.server = server

    def as_user(self, user: str) -> dict[str, str]:
        """The variables of a process that is this user."""
        return {"NATS_USER": user, "NATS_PASSWORD": f"{user} may", "NATS_INBOX_PREFIX": f"_INBOX.{user}"}

    def start(self, part: str, **variables: str) -> Running:
        return self.vault.start("run", part, **self.as_user(f"vault-{part}"), **variables)

    @property
    def violations(self) -> list[str]:
        return [line for line in self.server.log.read_text().splitlines() if "Violation" in line]

    @asynccontextmanager
    async def client(self, user: str, errors: list[str] | None = None) -> AsyncIterator[Client]:
        async def noted(error: Exception) -> None:
            (errors if errors is not None else []).append(str(error))

        password = "a" if user == "admin" else f"{user} may"
        prefix = "_INBOX" if user == "admin" else f"_INBOX.{user}"
        client = await nats.connect(self.server.url, user=user, password=password, error_cb=noted, inbox_prefix=prefix)
        yield client
        await client.close()


class Guard:
    """Makes guarded servers."""

    def __init__(self, made: Path, folder: Path, start: StartNatsServer) -> None:
        self._made, self._folder, self._start = made, folder, start

    async def __call__(self, *arguments: str, config: str = "", **variables: str) -> Guarded:
        vault = Vault.copied(self._made, self._folder / "vault")
        block = await vault.done("permissions", *arguments)
        server = self._start(config=block.replace("users: [", f"users: [ {ADMIN}", 1) + config)
        vault.variables = {**vault.variables, "NATS_URL": server.url, **variables}
        return Guarded(vault, server)


@pytest.fixture
def guard(
    made_vault: Path, tmp_path: Path, start_nats_server: StartNatsServer, monkeypatch: pytest.MonkeyPatch
) -> Guard:
    for user in USERS:  # where the server reads the passwords
        monkeypatch.setenv(f"{user.upper().replace('-', '_')}_PASSWORD", f'"{user} may"')
    return Guard(made_vault, tmp_path, start_nats_server)


@pytest.mark.parametrize(
    ("arguments", "config"),
    [
        pytest.param((), "", id="made beforehand"),
        pytest.param(("--create",), "", id="made by who needs it"),
        pytest.param((), "feature_flags { js_ack_fc_v2: true }", id="acks with domain and account"),
    ],
)
async def test_a_whole_pipeline_runs_with_these_permissions_and_breaks_none(
    guard: Guard, eventually: Eventually, arguments: Sequence[str], config: str
) -> None:
    """Handler with bucket, object store and publisher; retries; dead letters; a killer; an ordered worker with its stand-by; a feed; redrives."""
    async with FeedServer(feed(frame("ordered", {"id": "f1", "deed": ""}), frame("other", {}), hang=True)) as source:
        guarded = await guard(*arguments, config=config, FEED_URL=source.url)
        vault = guarded.vault
        if not arguments:
            made = await vault.done("provision", **guarded.as_user("vault_provision"))
            assert "ready: consumer vault-shipper of stream ORDERS" in made
        running = {part: guarded.start(part) for part in PARTS}
        standby = guarded.start("keeper")
        try:
            await _work(guarded, running, standby, eventually)
        finally:
            for each in (*running.values(), standby):
                each.kill()
    assert guarded.violations == []


async def _work(guarded: Guarded, running: dict[str, Running], standby: Running, eventually: Eventually) -> None:
    vault = guarded.vault
    async with guarded.client("admin") as admin:
        js = admin.jetstream()

        async def shipped(number: int) -> bool:
            return (await js.stream_info("SHIPPING")).state.messages >= number

        async def stands() -> bool:
            try:
                await js.consumer_info("SHIPPING", "vault-keeper")
                await js.consumer_info("VAULT_REDRIVES", "vault-shipper-redrive")
            except nats.js.errors.NotFoundError:
                return False
            return True

        await eventually(stands, within=60)
        for each in (order("1"), order("2", "fail-once"), order("3", "refuse"), ("order.ordered.4", b"no order")):
            await js.publish(*each)
        await eventually(lambda: shipped(3), within=60)
        await js.publish(*order("5", "die"))
        await running["shipper"].end()
        running["shipper"] = guarded.start("shipper")
        reader, operator = guarded.as_user("vault_dlq-read"), guarded.as_user("vault_dlq")
        letters = await vault.until_dead_letters(4, reader)
        assert {letter["reason"] for letter in letters} == {"classified", "contract", "crashed", "feed"}
        refused = next(str(letter["sequence"]) for letter in letters if letter["reason"] == "classified")
        await vault.done("dlq", "show", refused, **reader)

        await stopped(running["shipper"])
        running["shipper"] = guarded.start("shipper", SHIPPER_HAS_IT="1")
        assert "1 redriven" in await vault.done("dlq", "redrive", refused, **operator)
        assert "1 redriven" in await vault.done("dlq", "redrive", "--error", "ProcessDied", **operator)
        await vault.done("dlq", "redrive", "--worker", "intake", "--dry-run", **operator)
        assert "1 discarded" in await vault.done("dlq", "discard", "--worker", "intake", **operator)
        await eventually(lambda: shipped(5), within=60)
        await asyncio.gather(*(stopped(each) for each in (*running.values(), standby)))
        kept = running["keeper"].out + standby.out
        assert sorted(line for line in kept.splitlines() if line.startswith("keep ")) == [
            f"keep {id}" for id in ("1", "2", "3", "5", "f1")
        ]


async def stopped(running: Running) -> None:
    running.send(signal.SIGTERM)
    assert await running.end() == 0, running.out + running.told


NOT_THEIRS = (
    "order.ordered.x",  # its source
    "secret.kept.x",
    "dead-letters.vault.keeper",
    "redrive.vault.shipper",
    "$KV.safe.x",
    "$KV.vault_attempts.keeper.x",
    "$KV.vault_deploys.keeper",
    "$KV.vault_leases.intake",
    "$JS.API.STREAM.CREATE.ORDERS",
    "$JS.API.STREAM.UPDATE.ORDERS",
    "$JS.API.STREAM.DELETE.ORDERS",
    "$JS.API.STREAM.PURGE.ORDERS",
    "$JS.API.STREAM.MSG.GET.ORDERS",
    "$JS.API.STREAM.MSG.GET.VAULT_DEAD_LETTERS",
    "$JS.API.STREAM.MSG.DELETE.VAULT_DEAD_LETTERS",
    "$JS.API.DIRECT.GET.ORDERS",
    "$JS.API.DIRECT.GET.KV_safe.$KV.safe.x",
    "$JS.API.CONSUMER.CREATE.ORDERS",
    "$JS.API.CONSUMER.CREATE.ORDERS.vault-shipper",
    "$JS.API.CONSUMER.CREATE.ORDERS.other.secret.>",
    "$JS.API.CONSUMER.CREATE.KV_safe.other.$KV.safe.>",
    "$JS.API.CONSUMER.DELETE.ORDERS.vault-shipper",
    "$JS.API.CONSUMER.MSG.NEXT.ORDERS.vault-guard",
    "$JS.API.CONSUMER.MSG.NEXT.SHIPPING.vault-keeper",
    "$JS.ACK.ORDERS.vault-guard.1.1.1.1.0",
)
NOT_TO_BE_READ = (
    ">",
    "order.>",
    "secret.kept.*",
    "note.written.*",
    "_INBOX.>",
    "_INBOX.vault-keeper.>",
    "$JS.EVENT.>",
    "$KV.safe.>",
    "$JS.ACK.>",
)


async def test_a_worker_can_neither_write_nor_read_what_is_not_its_own(guard: Guard, eventually: Eventually) -> None:
    guarded = await guard()
    await guarded.vault.done("provision", **guarded.as_user("vault_provision"))
    async with guarded.client("admin") as admin:
        js = admin.jetstream()
        await js.publish("secret.kept.s", b'{"id": "s"}')
        safe = await js.key_value("safe")
        await safe.put("gold", b'{"number": 1}')
        before = await contents(admin)
        errors: list[str] = []
        async with guarded.client("vault-shipper", errors) as thief:
            for subject in NOT_THEIRS:
                await thief.publish(subject, b"{}", reply=thief.new_inbox())
            await eventually(lambda: len(errors) >= len(NOT_THEIRS))
            for subject in NOT_TO_BE_READ:
                await thief.subscribe(subject)
            await eventually(lambda: len(errors) >= len(NOT_THEIRS) + len(NOT_TO_BE_READ))
        assert {forbidden(error) for error in errors} == {each.lower() for each in (*NOT_THEIRS, *NOT_TO_BE_READ)}
        assert await contents(admin) == before


async def test_the_same_permissions_in_a_users_jwt_suffice(
    made_vault: Path, tmp_path: Path, start_nats_server: StartNatsServer, eventually: Eventually
) -> None:
    """Where accounts and users are kept by `nsc`, in place of a block of the server's configuration."""
    realm = Realm()
    server = start_nats_server(config=realm.config)
    vault = Vault.copied(made_vault, tmp_path / "vault", NATS_URL=server.url)
    for user, known in json.loads(await vault.done("permissions", "shipper", "provision", "--json")).items():
        realm.write_user(tmp_path / f"{user}.creds", lives=600, publish=known["publish"], subscribe=known["subscribe"])
    realm.write_user(tmp_path / "admin.creds", lives=600)

    def as_user(name: str) -> dict[str, str]:
        return {"NATS_CREDS": str(tmp_path / f"{name}.creds"), "NATS_INBOX_PREFIX": f"_INBOX.{name}"}

    await vault.done("provision", **as_user("vault_provision"))
    shipper = vault.start("run", "shipper", **as_user("vault-shipper"))
    admin = await nats.connect(server.url, user_credentials=str(tmp_path / "admin.creds"))
    try:
        js = admin.jetstream()
        for each in (order("1"), order("2", "refuse"), order("3", "fail-once")):
            await js.publish(*each)
        await shipper.says("dead letter (classified)")

        async def shipped() -> bool:
            return (await js.stream_info("SHIPPING")).state.messages == 2

        await eventually(shipped, within=60)
        await stopped(shipper)
    finally:
        shipper.kill()
        await admin.close()
    assert "Violation" not in server.log.read_text()


async def test_who_only_reads_dead_letters_can_not_send_or_remove_them(guard: Guard) -> None:
    guarded = await guard()
    await guarded.vault.done("provision", **guarded.as_user("vault_provision"))
    shipper, reader = guarded.start("shipper"), guarded.as_user("vault_dlq-read")
    try:
        async with guarded.client("admin") as admin:
            await admin.jetstream().publish(*order("1", "refuse"))
        await guarded.vault.until_dead_letters(1, reader)
        discarding = guarded.vault.start("dlq", "discard", "--all", **reader)
        assert await discarding.end() == 1
        assert "does not permit this request" in discarding.told
        assert len(await guarded.vault.until_dead_letters(1, reader)) == 1
    finally:
        shipper.kill()


async def test_without_the_right_to_create_and_with_nothing_created_it_says_what_to_do(guard: Guard) -> None:
    guarded = await guard()
    running = guarded.start("shipper")
    assert await running.end() == 1
    assert "`streamworker provision`" in running.told


async def test_one_user_for_a_process_that_runs_everything(guard: Guard, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VAULT_PASSWORD", '"vault may"')
    guarded = await guard("--one", "--create")
    running = guarded.vault.start("run", **guarded.as_user("vault"))
    try:
        await running.says("shipper: idle")
        async with guarded.client("admin") as admin:
            await admin.jetstream().publish(*order("1"))
        await running.says("keep 1")
        await stopped(running)
    finally:
        running.kill()
    assert guarded.violations == []


async def test_parts_are_named_and_json_says_the_same(made_vault: Path, tmp_path: Path) -> None:
    vault = Vault.copied(made_vault, tmp_path / "vault")
    everything = json.loads(await vault.done("permissions", "--json"))
    assert set(everything) == set(USERS)
    assert set(json.loads(await vault.done("permissions", "keeper", "dlq", "--json"))) == {"vault-keeper", "vault_dlq"}
    assert set(json.loads(await vault.done("permissions", "--worker", "keeper", "--json"))) == {"vault-keeper"}
    guard = everything["vault-guard"]
    assert [each for each in guard["publish"] if not each.startswith("$")] == ["dead-letters.vault.guard"]
    assert guard["subscribe"][-1] == "_INBOX.vault-guard.>"
    nsc = await vault.done("permissions", "guard", "--nsc")
    assert "nsc add user vault-guard --allow-pub '$JS.ACK." in nsc

    unknown = vault.start("permissions", "shiper")
    assert await unknown.end() == 2
    assert "did you mean shipper?" in unknown.told
    assert "dlq, dlq-read, provision" in unknown.told


async def contents(admin: Client) -> dict[str, tuple[int, int, int]]:
    """Of each stream: its first and last sequence, and how many consumers it has."""
    found = {}
    for each in await admin.jetstream().streams_info():
        found[str(each.config.name)] = (each.state.first_seq, each.state.last_seq, each.state.consumer_count)
    return found


def forbidden(error: str) -> str:
    """The subject of a violation, in lower case as the client has it."""
    return error.split('to "')[1].split('"')[0].lower()
