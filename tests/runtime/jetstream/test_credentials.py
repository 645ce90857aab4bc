from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from streamworker.errors import ConfigurationError
from streamworker.jetstream.api import Api
from streamworker.jetstream.connection import Connection
from streamworker.jetstream.options import ConnectionOptions, Credentials, Tls

from tests.conftest import Eventually, StartNatsServer
from tests.runtime.jetstream.jwt import Realm


async def test_credentials_that_expire_are_read_anew(
    start_nats_server: StartNatsServer,
    open_connection: Callable[..., Connection],
    tmp_path: Path,
    eventually: Eventually,
) -> None:
    realm, file = Realm(), tmp_path / "user.creds"
    server = start_nats_server(config=realm.config)
    realm.write_user(file, lives=2)
    connection = open_connection(server.url, credentials=Credentials(creds=str(file)))
    await connection.open()
    await eventually(lambda: "does not let us in" in connection.waiting)
    file.unlink()
    await eventually(lambda: str(file) in connection.waiting)
    realm.write_user(file, lives=60)
    await connection.ready(10)
    await Api(connection).account_info()


@pytest.mark.parametrize("seed", ["", "no seed", "SUANOSEED"])
async def test_a_file_that_holds_no_seed_is_refused(
    start_nats_server: StartNatsServer, open_connection: Callable[..., Connection], tmp_path: Path, seed: str
) -> None:
    server = start_nats_server(config="authorization { user: ann, password: a }")
    file = tmp_path / "user.nk"
    file.write_text(seed)
    with pytest.raises(ConfigurationError, match="no way into the NATS server"):
        await open_connection(server.url, credentials=Credentials(nkey=str(file))).open()


@pytest.mark.parametrize(
    "url", ["nats://ann:se/cret@host:4222", "nats://ann:secret#@host", "http://host", "nats://host:port", "nats://"]
)
def test_a_url_that_can_not_be_read_is_refused_without_showing_it(url: str) -> None:
    with pytest.raises(ConfigurationError, match="not like nats://host:4222") as refusal:
        Connection(ConnectionOptions(url=url))
    assert "cret" not in str(refusal.value)


async def test_credentials_of_another_realm_are_refused(
    start_nats_server: StartNatsServer, open_connection: Callable[..., Connection], tmp_path: Path
) -> None:
    server = start_nats_server(config=Realm().config)
    file = tmp_path / "user.creds"
    Realm().write_user(file, lives=60)
    with pytest.raises(ConfigurationError, match="does not let us in"):
        await open_connection(server.url, credentials=Credentials(creds=str(file))).open()


@pytest.mark.parametrize("text", ["", "no credentials", "-----BEGIN NATS USER JWT-----\nx\n"])
async def test_a_file_that_holds_no_credentials_is_refused(
    start_nats_server: StartNatsServer, open_connection: Callable[..., Connection], tmp_path: Path, text: str
) -> None:
    server = start_nats_server(config=Realm().config)
    file = tmp_path / "user.creds"
    file.write_text(text)
    with pytest.raises(ConfigurationError, match=r"user\.creds"):
        await open_connection(server.url, credentials=Credentials(creds=str(file))).open()


@pytest.mark.parametrize(
    ("options", "file", "variables"),
    [
        ({"credentials": Credentials(creds="/nowhere/user.creds")}, "/nowhere/user.creds", "NATS_CREDS"),
        ({"credentials": Credentials(nkey="/nowhere/user.nk")}, "/nowhere/user.nk", "NATS_NKEY"),
        ({"tls": Tls(ca="/nowhere/ca.pem")}, "/nowhere/ca.pem", "NATS_CA"),
    ],
)
async def test_a_file_that_is_not_there_is_told_with_the_variable_that_names_it(
    start_nats_server: StartNatsServer,
    open_connection: Callable[..., Connection],
    options: dict[str, object],
    file: str,
    variables: str,
) -> None:
    server = start_nats_server()
    with pytest.raises(ConfigurationError, match="no way into the NATS server") as refusal:
        await open_connection(server.url, **options).open()
    assert file in str(refusal.value)
    assert variables in refusal.value.hint
