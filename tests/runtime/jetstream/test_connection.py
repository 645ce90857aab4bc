from __future__ import annotations

import asyncio
import json
import logging
import os
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import nkeys  # type: ignore[import-untyped]  # it has no types
import pytest
from streamworker.errors import BrokerError, ConfigurationError, ConnectionLost
from streamworker.jetstream.api import Api
from streamworker.jetstream.connection import Connection
from streamworker.jetstream.messages import Message
from streamworker.jetstream.options import ConnectionOptions, Credentials, Tls

from tests.conftest import Eventually, StartNatsServer
from tests.security.authorities import make_certificates
from tests.servers import NatsServer, free_port

OpenConnection = Callable[..., Connection]


class Watcher:
    def __init__(self) -> None:
        self.events: list[str] = []

    def connected(self) -> None:
        self.events.append("connected")

    def disconnected(self) -> None:
        self.events.append("disconnected")

    def forbidden(self, subject: str) -> None:
        self.events.append(f"forbidden {subject}")


async def test_it_waits_for_a_server_and_says_so(start_nats_server: StartNatsServer, eventually: Eventually) -> None:
    server = start_nats_server()
    server.stop()
    said: list[str] = []
    connection = Connection(ConnectionOptions(url=server.url), on_waiting=said.append)
    opening = asyncio.create_task(connection.open())
    await eventually(lambda: said)
    assert str(server.port) in said[0]
    assert connection.waiting
    server.start()
    await opening
    assert said[-1] == ""
    await connection.close()


@pytest.mark.parametrize(
    ("config", "credentials"),
    [
        ("authorization { user: ann, password: right }", Credentials(user="ann", password="wrong-secret")),
        ("authorization { user: ann, password: right }", Credentials()),
        ("authorization { token: right }", Credentials(token="wrong-secret")),
    ],
)
async def test_wrong_credentials_are_refused_without_showing_them(
    start_nats_server: StartNatsServer,
    open_connection: OpenConnection,
    caplog: pytest.LogCaptureFixture,
    config: str,
    credentials: Credentials,
) -> None:
    server = start_nats_server(config=config)
    with pytest.raises(ConfigurationError, match="does not let us in") as refusal:
        await open_connection(server.url, credentials=credentials).open()
    assert "wrong-secret" not in f"{refusal.value}{caplog.text}{credentials}"


async def test_user_and_password_may_stand_in_the_url_and_are_not_shown(
    start_nats_server: StartNatsServer, open_connection: OpenConnection
) -> None:
    server = start_nats_server(config='authorization { user: ann, password: "p@ss:word" }')
    connection = open_connection(server.url.replace("://", "://ann:p%40ss%3Aword@"))
    await connection.open()
    assert connection.connected
    assert "word" not in connection.url


async def test_an_nkey_is_read_from_its_file(
    start_nats_server: StartNatsServer, open_connection: OpenConnection, tmp_path: Path
) -> None:
    seed = nkeys.encode_seed(os.urandom(32), nkeys.PREFIX_BYTE_USER)
    public = nkeys.from_seed(bytearray(seed)).public_key.decode()
    server = start_nats_server(config=f"authorization {{ users: [{{ nkey: {public} }}] }}")
    file = tmp_path / "user.nk"
    file.write_bytes(seed)
    await open_connection(server.url, credentials=Credentials(nkey=str(file))).open()
    with pytest.raises(ConfigurationError, match=r"other\.nk"):
        await open_connection(server.url, credentials=Credentials(nkey=str(tmp_path / "other.nk"))).open()


async def test_credentials_are_asked_for_at_every_connect(
    start_nats_server: StartNatsServer, open_connection: OpenConnection, eventually: Eventually
) -> None:
    server = start_nats_server(config="authorization { user: ann, password: first }")
    password = "first"
    connection = open_connection(server.url, credentials=lambda: Credentials(user="ann", password=password))
    await connection.open()
    server.configure("authorization { user: ann, password: second }")
    server.reload()
    await eventually(lambda: "does not let us in" in connection.waiting)
    password = "second"
    await connection.ready(10)
    await Api(connection).account_info()


async def test_a_server_without_jetstream_is_refused(
    start_nats_server: StartNatsServer, open_connection: OpenConnection
) -> None:
    with pytest.raises(ConfigurationError, match="no JetStream"):
        await open_connection(start_nats_server(jetstream=False).url).open()


async def test_an_account_without_jetstream_is_refused(
    start_nats_server: StartNatsServer, open_connection: OpenConnection
) -> None:
    server = start_nats_server(
        config="""accounts {
            WITH { jetstream: enabled, users: [{ user: ann, password: a }] }
            WITHOUT { users: [{ user: bob, password: b }] }
        }"""
    )
    await open_connection(server.url, credentials=Credentials(user="ann", password="a")).open()
    with pytest.raises(ConfigurationError, match="no JetStream"):
        await open_connection(server.url, credentials=Credentials(user="bob", password="b")).open()


@asynccontextmanager
async def server_of_version(version: str) -> AsyncIterator[tuple[str, list[bytes]]]:
    """A server that greets as one of that version: there is no binary of an old one here. Its URL, and the lines that it receives."""
    received: list[bytes] = []

    async def greet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        info = {"server_id": "old", "version": version, "headers": True, "max_payload": 1048576, "proto": 1}
        writer.write(f"INFO {json.dumps(info)}\r\n".encode())
        while line := await reader.readline():
            received.append(line)
            if line.startswith(b"PING"):
                writer.write(b"PONG\r\n")
        writer.close()

    server = await asyncio.start_server(greet, "127.0.0.1", 0)
    try:
        yield f"nats://127.0.0.1:{server.sockets[0].getsockname()[1]}", received
    finally:
        server.close()


async def test_an_old_server_is_refused(open_connection: OpenConnection) -> None:
    async with server_of_version("2.10.25") as (url, _):
        with pytest.raises(ConfigurationError, match=r"version 2\.10[\s\S]*2\.11"):
            await open_connection(url).open()


async def test_it_comes_back_after_the_server_was_killed_with_its_subscriptions(
    start_nats_server: StartNatsServer, open_connection: OpenConnection, eventually: Eventually
) -> None:
    server = start_nats_server()
    connection = open_connection(server.url)
    await connection.open()
    watcher = Watcher()
    connection.watch(watcher)
    got: list[bytes] = []

    def on_message(message: Message) -> None:
        got.append(message.data)

    subscription = await connection.subscribe("a", on_message)
    for n in range(3):
        server.restart(kill=True)
        await eventually(lambda: len(watcher.events) == 2 * (n + 1))  # noqa: B023 -- awaited in the loop
        connection.outbox.send("a", b"%d" % n)
        await eventually(lambda: len(got) == n + 1)  # noqa: B023
    await subscription.close()
    connection.outbox.send("a", b"unheard")
    await connection.flush(5)
    assert got == [b"0", b"1", b"2"]
    assert watcher.events == ["disconnected", "connected"] * 3


async def test_it_comes_back_after_an_error_that_closes_the_client_for_good(
    start_nats_server: StartNatsServer, open_connection: OpenConnection, eventually: Eventually
) -> None:
    server = start_nats_server(config="max_payload: 2000")
    connection = open_connection(server.url)
    await connection.open()
    watcher = Watcher()
    connection.watch(watcher)
    connection.outbox.max_payload = 1_000_000  # as if nobody checked
    connection.outbox.send("a", b"x" * 1990, headers={"Name": "value"})
    await eventually(lambda: watcher.events == ["disconnected", "connected"])
    await Api(connection).account_info()


async def test_a_server_that_stands_still_is_noticed_by_its_pings(
    start_nats_server: StartNatsServer, open_connection: OpenConnection, eventually: Eventually
) -> None:
    server = start_nats_server()
    connection = open_connection(server.url, ping_interval=0.2, connect_timeout=0.5)
    await connection.open()
    server.pause()
    for _ in range(100):
        connection.outbox.send("a", b"x" * 1_000_000)  # more than the socket takes
    await eventually(lambda: not connection.connected, within=5)
    server.resume()
    await connection.ready(10)
    await Api(connection).account_info()


async def test_writes_queued_while_disconnected_go_out_in_order(
    start_nats_server: StartNatsServer, open_connection: OpenConnection, eventually: Eventually
) -> None:
    server = start_nats_server()
    connection = open_connection(server.url)
    await connection.open()
    got: list[int] = []

    def on_message(message: Message) -> None:
        got.append(int(message.data))

    await connection.subscribe("a", on_message)
    server.stop()
    await eventually(lambda: not connection.connected)
    for n in range(1000):
        connection.outbox.send("a", str(n).encode())
    server.start()
    await eventually(lambda: len(got) == 1000)
    assert got == list(range(1000))


async def test_a_request_that_nobody_answers_or_that_is_not_permitted_fails_fast(
    start_nats_server: StartNatsServer, open_connection: OpenConnection
) -> None:
    server = start_nats_server(
        config='authorization { users: [{ user: a, password: a, permissions: { publish: ["$JS.API.INFO", "b"] } }] }'
    )
    connection = open_connection(server.url, credentials=Credentials(user="a", password="a"))
    await connection.open()
    watcher = Watcher()
    connection.watch(watcher)
    async with asyncio.timeout(2):
        with pytest.raises(BrokerError, match="nobody answers"):
            await connection.requests.ask("b")
        with pytest.raises(BrokerError, match="does not permit"):
            await connection.requests.ask("Some.Subject")
    assert watcher.events == ["forbidden some.subject"]
    assert connection.connected


async def test_a_request_has_a_deadline(connection: Connection, prefix: str) -> None:
    def stay_silent(_message: Message) -> None:
        """No answer."""

    await connection.subscribe(prefix, stay_silent)
    with pytest.raises(ConnectionLost, match=prefix):
        await connection.requests.ask(prefix, within=0.2)


async def test_flush_says_when_the_server_is_gone(
    start_nats_server: StartNatsServer, open_connection: OpenConnection, eventually: Eventually
) -> None:
    server = start_nats_server()
    connection = open_connection(server.url)
    await connection.open()
    watcher = Watcher()
    connection.watch(watcher)
    await connection.flush(5)
    server.stop()
    with pytest.raises(ConnectionLost):
        await connection.flush(0.5)
    server.start()
    await eventually(lambda: watcher.events == ["disconnected", "connected"])
    await connection.flush(5)


async def test_close_is_quick_with_a_server_that_stands_still(
    start_nats_server: StartNatsServer, open_connection: OpenConnection
) -> None:
    server = start_nats_server()
    connection = open_connection(server.url)
    await connection.open()
    server.pause()
    for _ in range(100):
        connection.outbox.send("a", b"x" * 1_000_000)
    await asyncio.sleep(0)
    async with asyncio.timeout(8):
        await connection.close()


async def test_of_several_servers_one_that_lives_is_taken(
    nats_server: NatsServer, open_connection: OpenConnection
) -> None:
    connection = open_connection(f"127.0.0.1:{free_port()},{nats_server.url}")
    await connection.open()
    assert connection.connected


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_certificates(tmp_path_factory.mktemp("tls"))


async def test_tls_in_both_directions(
    start_nats_server: StartNatsServer, open_connection: OpenConnection, certificates: Path
) -> None:
    files = {
        name: str(certificates / name) for name in ("ca.pem", "server.pem", "server.key", "client.pem", "client.key")
    }
    server = start_nats_server(
        config=f'tls {{ cert_file: "{files["server.pem"]}", key_file: "{files["server.key"]}", '
        f'ca_file: "{files["ca.pem"]}", verify: true }}'
    )
    mutual = Tls(ca=files["ca.pem"], cert=files["client.pem"], key=files["client.key"])
    connection = open_connection(server.url, tls=mutual)
    await connection.open()
    await Api(connection).account_info()
    with pytest.raises(ConfigurationError, match="certificate"):
        await open_connection(server.url).open()  # does not trust the server
    with pytest.raises(ConfigurationError, match="certificate"):
        await open_connection(server.url, tls=Tls(ca=files["ca.pem"])).open()  # the server does not trust it


async def test_a_server_that_wants_tls_first_is_reached(start_nats_server: StartNatsServer, certificates: Path) -> None:
    config = (
        f'tls {{ cert_file: "{certificates}/server.pem", key_file: "{certificates}/server.key", handshake_first: %s }}'
    )
    server = start_nats_server(config=config % "auto")
    server.configure(config % "true")
    server.reload()
    variables = {"NATS_URL": server.url, "NATS_CA": f"{certificates}/ca.pem", "NATS_TLS_FIRST": "1"}
    connection = Connection(ConnectionOptions.from_environment(variables))
    await connection.open()
    await Api(connection).account_info()
    await connection.close()


@pytest.mark.parametrize("tls", [True, False])
async def test_nothing_secret_is_sent_to_a_server_without_tls_where_tls_is_wanted(
    open_connection: OpenConnection, tls: bool
) -> None:
    async with server_of_version("2.11.0") as (url, received):
        options = {"tls": Tls()} if tls else {}
        secret = Credentials(user="ann", password="very-secret")
        named = url if tls else url.replace("nats://", "tls://")
        with pytest.raises(ConfigurationError, match="TLS is wanted"):
            await open_connection(named, credentials=secret, **options).open()
        assert b"very-secret" not in b"".join(received)


def test_options_come_from_the_environment() -> None:
    options = ConnectionOptions.from_environment(
        {"NATS_URL": "nats://u:secret@h:1,h2", "NATS_CREDS": "/c", "NATS_CA": "/ca", "NATS_INBOX_PREFIX": "_I.x"}
    )
    assert options.servers == ("nats://h:1", "nats://h2")
    assert options.ask_credentials() == Credentials(creds="/c")
    assert options.tls == Tls(ca="/ca")
    assert options.inbox_prefix == "_I.x"
    assert ConnectionOptions.from_environment({}).url == "nats://localhost:4222"


async def test_no_unhandled_trouble_is_left_in_the_log(
    start_nats_server: StartNatsServer,
    open_connection: OpenConnection,
    eventually: Eventually,
    caplog: pytest.LogCaptureFixture,
) -> None:
    server = start_nats_server()
    connection = open_connection(server.url)
    await connection.open()
    for _ in range(3):
        connection.outbox.send("a", b"x" * 500_000)
        server.restart(kill=True)
        await connection.ready(10)
    await connection.close()
    assert [record for record in caplog.records if record.levelno >= logging.ERROR] == []
