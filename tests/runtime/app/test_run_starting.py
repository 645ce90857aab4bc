"""What keeps `streamworker run` from starting, and that it says so."""

from __future__ import annotations

import signal
from dataclasses import replace
from pathlib import Path

import pytest
from nats.js.api import StreamConfig
from nats.js.client import JetStreamContext

from tests.conftest import StartNatsServer
from tests.runtime.shop import Shop
from tests.servers import NatsServer, free_port

pytestmark = pytest.mark.usefixtures("ended")


class TestReachingTheServer:
    async def test_without_a_server_it_waits_and_says_so_until_there_is_one(
        self, shop: Shop, start_nats_server: StartNatsServer, tmp_path: Path
    ) -> None:
        port = free_port()
        running = shop.run("--until-idle", nats=f"nats://127.0.0.1:{port}")
        await running.says(
            f"WARNING streamworker.jetstream.connection: waiting: no NATS server at nats://127.0.0.1:{port}"
        )
        (tmp_path / "nats").mkdir()
        server = NatsServer(tmp_path / "nats", port=port).start()
        try:
            assert await running.end() == 0
        finally:
            server.kill()

    async def test_a_signal_ends_the_waiting(self, shop: Shop) -> None:
        running = shop.run(nats=f"nats://127.0.0.1:{free_port()}")
        await running.says("no NATS server at")
        running.send(signal.SIGINT)

        assert await running.end(within=5.0) == 0
        assert ": stopped by SIGINT\n" in running.out

    async def test_without_nats_url_it_is_localhost(self, shop: Shop) -> None:
        running = shop.run()
        await running.says(
            "NATS_URL is not set: connecting to nats://localhost:4222 (--embedded brings a server along)"
        )

    async def test_wrong_credentials_are_said_and_never_shown(
        self, shop: Shop, start_nats_server: StartNatsServer
    ) -> None:
        server = start_nats_server(config='authorization { user: "shop", password: "right" }')
        running = shop.run(nats=server.url, NATS_USER="shop", NATS_PASSWORD="wr0ng")

        assert await running.end() == 2
        assert f"error: the NATS server {server.url} does not let us in" in running.told
        assert "wr0ng" not in running.out + running.told

    async def test_a_server_without_jetstream_is_said(self, shop: Shop, start_nats_server: StartNatsServer) -> None:
        server = start_nats_server(jetstream=False)
        running = shop.run(nats=server.url)

        assert await running.end() == 2
        assert f"error: the NATS server at {server.url} has no JetStream for us" in running.told
        assert "enable it" in running.told

    async def test_a_stream_of_somebody_else_is_refused(
        self, shop: Shop, nats_server: NatsServer, js: JetStreamContext
    ) -> None:
        await js.add_stream(StreamConfig(name=f"{shop.prefix}_ORDERS", subjects=[f"{shop.prefix}.orders.>"]))
        running = shop.run(nats=nats_server.url)

        assert await running.end() == 1
        assert f"error: stream {shop.prefix}_ORDERS: it exists already, and no pipeline made it" in running.told


class TestBadInput:
    """Nothing is started, and the exit code is 2."""

    async def test_unknown_names(self, shop: Shop) -> None:
        running = shop.run("tills", "shelf")

        assert await running.end() == 2
        assert running.told == (
            f"error: {shop.prefix} has no worker or ingest tills; did you mean till?\n"
            f"{shop.prefix} has no worker or ingest shelf\n"
            "  there are: till, archive\n"
        )

    async def test_missing_variables(self, shop: Shop) -> None:
        running = replace(shop, http='Http(name="bank", url="${BANK_URL}"),').write().run()

        assert await running.end() == 2
        assert "error: 1 environment variable is not set:\n  BANK_URL  used by http.bank.url\n" in running.told

    async def test_a_handler_that_raises_at_import(self, shop: Shop) -> None:
        (shop.folder / "handlers" / "till.py").write_text("1 / 0\n")
        running = shop.run()

        assert await running.end() == 2
        assert running.told == (
            "error: handlers/till.py could not be imported:\n"
            "  handlers/till.py:1: 1 / 0\n"
            "  ZeroDivisionError: division by zero\n"
            "  nothing was started\n"
        )

    async def test_a_folder_without_a_project(self, tmp_path: Path) -> None:
        running = Shop(tmp_path, "none").run()

        assert await running.end() == 2
        assert "error: there is no generated/pipeline.py in" in running.told
