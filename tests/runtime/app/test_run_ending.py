"""How `streamworker run` ends: when it is told to, and when it has to."""

from __future__ import annotations

import asyncio
import re
import signal
from pathlib import Path

import pytest
from nats.js.client import JetStreamContext

from tests.runtime.shop import Shop, receipts, report, unsettled
from tests.servers import NatsServer

pytestmark = pytest.mark.usefixtures("ended")


class TestStopping:
    async def test_sigterm_under_load_settles_everything_and_the_report_agrees_with_the_streams(
        self, shop: Shop, nats_server: NatsServer, js: JetStreamContext
    ) -> None:
        running = shop.run("till", nats=nats_server.url)
        await running.says("created")
        await asyncio.gather(*(js.publish(*shop.order(str(number))) for number in range(2000)))
        await running.says("selling 5")
        running.send(signal.SIGTERM)

        assert await running.end() == 0
        published = await receipts(shop, js)
        pending, given_back = await unsettled(shop, js)
        assert published + given_back + pending == 2000
        back = f" + {given_back:,} given back" if given_back else ""
        received = published + given_back
        assert report(running) == {"till": f"{received:,} in = {published:,} acked{back}; {published:,} published"}

    async def test_handlers_that_run_may_finish(
        self, shop: Shop, nats_server: NatsServer, js: JetStreamContext
    ) -> None:
        running = shop.run("till", nats=nats_server.url)
        await running.says("created")
        await js.publish(*shop.order("1", "wait"))
        await running.says("selling 1")
        running.send(signal.SIGTERM)

        assert await running.end() == 0
        assert "SIGTERM: finishing what has started; once more stops at once" in running.out
        assert report(running) == {"till": "1 in = 1 acked; 1 published"}

    async def test_a_second_signal_gives_back_at_once_what_runs(
        self, tmp_path: Path, prefix: str, nats_server: NatsServer, js: JetStreamContext
    ) -> None:
        shop = Shop(tmp_path, prefix, pause=60.0).write()
        running = shop.run("till", nats=nats_server.url)
        await running.says("created")
        await js.publish(*shop.order("1", "wait"))
        await running.says("selling 1")
        running.send(signal.SIGTERM)
        await running.says("once more stops at once")
        running.send(signal.SIGTERM)

        assert await running.end(within=5.0) == 128 + signal.SIGTERM
        assert "ended at once by a second SIGTERM" in running.out
        assert report(running) == {"till": "1 in = 0 acked + 1 given back; 0 published"}
        assert await unsettled(shop, js) in [
            (1, 0),
            (0, 1),
        ]  # to be delivered again: the server says it one way or the other

    async def test_sigterm_at_any_moment_of_the_start_is_a_stop_that_leaves_nothing_behind(self, shop: Shop) -> None:
        for seconds in (0.0, 0.15, 0.3, 0.45, 0.6, 0.8):
            running = shop.run("--embedded")
            await asyncio.sleep(seconds)
            running.send(signal.SIGTERM)

            assert await running.end(within=10.0) in (0, -signal.SIGTERM)
            assert "Traceback" not in running.out + running.told

        running = shop.run("--embedded", "--until-idle")  # a server that was left behind would hold the store
        assert await running.end() == 0

    async def test_an_error_that_wants_the_process_stopped_stops_it_in_order(
        self, shop: Shop, nats_server: NatsServer, js: JetStreamContext
    ) -> None:
        running = shop.run(nats=nats_server.url)
        await running.says("created")
        await js.publish(*shop.order("1", "burn"))

        assert await running.end() == 1
        assert "till failed, so all stop: the shop is on fire" in running.out
        assert "stopped, since till failed" in running.out
        assert re.fullmatch(r"(\d+) in = 0 acked \+ \1 given back; 0 published", report(running)["till"])
        assert "till failed: Burnt: the shop is on fire" in running.out

    async def test_a_stub_that_nobody_has_written_yet_stops_the_run_and_its_events_wait(
        self, shop: Shop, nats_server: NatsServer, js: JetStreamContext
    ) -> None:
        stub = "@till.handler\nasync def sell(order: Order) -> Receipt | None:\n    raise till.unwritten(order)\n"
        handler = shop.folder / "handlers" / "till.py"
        written = handler.read_text()
        handler.write_text(
            "from generated.subjects import Order, Receipt\nfrom generated.workers import till\n\n" + stub
        )
        running = shop.run(nats=nats_server.url)
        await running.says("created")
        await js.publish(*shop.order("1"))

        assert await running.end() == 1
        assert (
            "till failed, so all stop: till has no handler for Order yet, only the stub; its events wait in their stream\n"
            "  write it, or leave till out: streamworker run takes the names of those that are to run" in running.out
        )
        assert (await js.stream_info(f"{shop.prefix}_DEAD")).state.messages == 0
        handler.write_text(written)
        running = shop.run("--until-idle", nats=nats_server.url)
        assert await running.end() == 0
        assert report(running)["till"] == "1 in = 1 acked; 1 published"


class TestCrashes:
    async def test_an_event_that_kills_its_process_ends_in_the_dead_letters_and_its_neighbours_do_not(
        self, tmp_path: Path, prefix: str, nats_server: NatsServer, js: JetStreamContext
    ) -> None:
        shop = Shop(tmp_path, prefix, pause=0.5).write()
        running = shop.run(nats=nats_server.url)
        await running.says("created")
        for number in range(5):
            await js.publish(*shop.order(f"good{number}", "wait"))
        await running.says("selling good4")
        await js.publish(*shop.order("killer", "die"))
        assert await running.end() == -signal.SIGKILL

        running = shop.run("--until-idle", nats=nats_server.url)
        assert await running.end(within=60) == 0
        assert await receipts(shop, js) == 5
        assert (await js.stream_info(f"{shop.prefix}_DEAD")).state.messages == 1
        assert "(child) selling killer" in running.out

    async def test_a_terminal_that_closes_is_a_stop_like_any_other(
        self, shop: Shop, nats_server: NatsServer, js: JetStreamContext
    ) -> None:
        running = shop.run(nats=nats_server.url)
        await running.says("created")
        running.send(signal.SIGHUP)

        assert await running.end() == 0
        assert "stopped by SIGHUP" in running.out


class TestStandstill:
    """Exit code 75 is for whoever supervises: start it again."""

    async def test_a_handler_that_blocks_the_event_loop_ends_the_process(
        self, tmp_path: Path, prefix: str, nats_server: NatsServer, js: JetStreamContext
    ) -> None:
        shop = Shop(tmp_path, prefix, options="ack_wait=1.0, timeout=20.0").write()
        running = shop.run(nats=nats_server.url)
        await running.says("created")
        await js.publish(*shop.order("1", "stand"))

        assert await running.end() == 75
        assert (
            "streamworker: the event loop has stood still for more than 1 s; ending with exit code 75" in running.told
        )
        assert f"  running: till {shop.prefix}_ORDERS 1\n" in running.told
        assert 'till.py:22 in sell: case "stand": time.sleep(60)' in running.told

    async def test_a_blocking_handler_that_outlives_its_timeout_ends_the_process(
        self, tmp_path: Path, prefix: str, nats_server: NatsServer, js: JetStreamContext
    ) -> None:
        shop = Shop(tmp_path, prefix, options="ack_wait=1.0, timeout=0.5").write()
        running = shop.run(nats=nats_server.url)
        await running.says("created")
        await js.publish(*shop.order("stuck"))

        assert await running.end() == 75
        assert f"blocking calls outlived their timeout: archive {shop.prefix}_RECEIPTS 1; ending" in running.told
