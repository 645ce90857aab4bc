"""`streamworker run`: real processes, signals and servers."""

from __future__ import annotations

import asyncio
import os
import re
import signal
from dataclasses import replace
from pathlib import Path

import pytest
from nats.js.client import JetStreamContext

from tests.conftest import StartNatsServer
from tests.runtime.shop import Shop, receipts, report
from tests.runtime.terminal import Terminal
from tests.servers import NatsServer

pytestmark = pytest.mark.usefixtures("ended")


class TestAtWork:
    async def test_events_go_through_all_workers_and_the_report_adds_up(
        self, shop: Shop, nats_server: NatsServer, js: JetStreamContext
    ) -> None:
        running = shop.run("--until-idle", nats=nats_server.url)
        assert await running.end() == 0

        for number in range(20):
            await js.publish(*shop.order(f"good{number}"))
        for number in range(3):
            await js.publish(*shop.order(f"bad{number}", "refuse"))
            await js.publish(*shop.order(f"off{number}", "cancel"))
        running = shop.run("--until-idle", nats=nats_server.url)
        assert await running.end() == 0

        assert report(running) == {
            "till": "29 in = 23 acked (3 ignored) + 3 retried + 3 dead-lettered; 20 published",
            "archive": "20 in = 20 acked; 0 published",
        }
        assert f"{shop.prefix} ran for" in running.out
        assert ": nothing is left to do\n" in running.out
        assert await receipts(shop, js) == 20

    async def test_only_the_parts_that_are_named_run(
        self, shop: Shop, nats_server: NatsServer, js: JetStreamContext
    ) -> None:
        running = shop.run("till", nats=nats_server.url)
        await running.says("created")
        await js.publish(*shop.order("1"))
        await running.says("selling 1")
        running.send(signal.SIGINT)

        assert await running.end() == 0
        assert report(running) == {"till": "1 in = 1 acked; 1 published"}

    async def test_without_a_terminal_lines_tell_what_moved(
        self, shop: Shop, nats_server: NatsServer, js: JetStreamContext
    ) -> None:
        running = shop.run(nats=nats_server.url)
        await running.says("created")
        for number in range(5):
            await js.publish(*shop.order(str(number)))

        await running.says("INFO    streamworker: till: in 5, out 5, 1.0/s; archive: in 5, out 0, 1.0/s")

    async def test_it_goes_on_when_the_server_comes_back(self, shop: Shop, start_nats_server: StartNatsServer) -> None:
        server = start_nats_server()
        running = shop.run(nats=server.url)
        await running.says("till: idle")
        server.kill()
        await running.says("WARNING streamworker: till: waiting: no NATS server at nats://127.0.0.1:")
        server.start()
        await running.says("till: idle", times=2)
        running.send(signal.SIGTERM)

        assert await running.end() == 0


class TestIngests:
    CLOCK = 'TimerSpec(name="clock", every=0.3, subject=TICKS),'

    async def test_an_ingest_is_named_and_reported_like_a_worker(self, shop: Shop, nats_server: NatsServer) -> None:
        running = replace(shop, ingests=self.CLOCK).write().run("clock", nats=nats_server.url)
        await running.says("clock: in ")
        running.send(signal.SIGTERM)

        assert await running.end() == 0
        assert re.fullmatch(r"(\d+) in = \1 published", report(running)["clock"])
        assert list(report(running)) == ["clock"]

    async def test_one_process_is_active_and_another_takes_over_from_it(
        self, shop: Shop, nats_server: NatsServer
    ) -> None:
        shop = replace(shop, ingests=self.CLOCK).write()
        first = shop.run("clock", nats=nats_server.url)
        await first.says("clock: in ")
        second = shop.run("clock", nats=nats_server.url)
        await second.says("clock: standing by: another process is at it")
        first.send(signal.SIGTERM)
        assert await first.end() == 0
        await second.says("clock: in ")
        second.send(signal.SIGTERM)
        assert await second.end() == 0

    async def test_with_its_timer_a_pipeline_can_be_idle(self, shop: Shop, nats_server: NatsServer) -> None:
        running = replace(shop, ingests=self.CLOCK).write().run("--until-idle", nats=nats_server.url)

        assert await running.end() == 0
        assert "nothing is left to do" in running.out


class TestInATerminal:
    async def test_a_table_shows_the_pipeline_at_work_and_ctrl_c_leaves_the_report(
        self, shop: Shop, nats_server: NatsServer, js: JetStreamContext
    ) -> None:
        terminal = Terminal(shop.command("run"), columns=80, NATS_URL=nats_server.url)
        try:
            await asyncio.to_thread(terminal.shows, lambda screen: "○ archive" in screen)
            for number in range(3):
                await js.publish(*shop.order(str(number)))
            await asyncio.to_thread(terminal.shows, lambda screen: re.search(r"till +3 +3 ", screen))
            terminal.press("\x03")
            assert await asyncio.to_thread(terminal.end) == 0
        finally:
            terminal.kill()

        assert f"{shop.prefix} on {nats_server.url}  0:0" in terminal.screen
        assert "SIGINT: finishing what has started; once more stops at once" in terminal.screen
        assert "  till     3 in = 3 acked; 3 published\r\n  archive  3 in = 3 acked; 0 published" in terminal.screen


class TestEmbedded:
    async def test_it_brings_a_server_that_keeps_its_data_in_the_project(self, shop: Shop) -> None:
        first = shop.run("--embedded", "--until-idle")
        assert await first.end() == 0
        assert f"its data in {shop.folder}/.streamworker/nats" in first.out
        assert "created" in first.out

        second = shop.run("--embedded", "--until-idle")
        assert await second.end() == 0
        assert "created" not in second.out

    async def test_two_runs_do_not_share_a_store(self, shop: Shop) -> None:
        first = shop.run("--embedded")
        await first.says("created")
        second = shop.run("--embedded")

        assert await second.end() == 1
        assert "error: another embedded nats-server uses" in second.told

    async def test_when_it_ends_by_itself_so_does_the_run(self, shop: Shop) -> None:
        running = shop.run("--embedded")
        await running.says("archive: idle")
        [ports] = (shop.folder / ".streamworker" / "nats" / "ports").iterdir()
        os.kill(int(ports.stem.rpartition("_")[2]), signal.SIGKILL)

        assert await running.end() == 1
        assert "stopped, since the embedded nats-server ended with code -9" in running.out
        assert report(running)["till"] == "0 in = 0 acked; 0 published"

    async def test_it_takes_the_place_of_the_server_that_is_named_and_says_so(self, shop: Shop) -> None:
        running = shop.run("--embedded", "--until-idle", nats="nats://127.0.0.1:1")

        assert await running.end() == 0
        assert "WARNING streamworker: NATS_URL is set, and not used: --embedded brings a server" in running.out

    async def test_its_store_can_be_chosen(self, shop: Shop, tmp_path: Path) -> None:
        running = shop.run("--embedded", "--until-idle", "--store", str(tmp_path / "elsewhere"))

        assert await running.end() == 0
        assert (tmp_path / "elsewhere" / "jetstream").is_dir()
