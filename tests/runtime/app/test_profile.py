"""`run --profile`: the layers that samples are counted for."""

from __future__ import annotations

import importlib
import sys
import time
from functools import reduce
from types import FrameType

import pytest
from nats.js.client import JetStreamContext
from streamworker.app.profile import LAYERS, PLACES, Profile, layer_of

from tests.runtime.shop import Shop
from tests.servers import NatsServer


@pytest.mark.parametrize("place", PLACES)
def test_every_place_is_there(place: str) -> None:
    module, _, function = place.partition(":")
    found = importlib.import_module(module)
    if function:
        found = reduce(getattr, function.split("."), found)
        assert callable(found)
    assert PLACES[place] in LAYERS


def frame_within(*modules: str) -> FrameType:
    """A frame of the last of these modules, called by those before it."""

    def innermost() -> FrameType:
        return sys._getframe(1)  # that of the last module

    then = innermost
    for module in reversed(modules):
        names: dict[str, object] = {"__name__": module, "then": then}
        exec("def called(): return then()", names)
        then = names["called"]  # type: ignore[assignment]  # made by the line before
    return then()


@pytest.mark.parametrize(
    ("modules", "layer"),
    [
        (["asyncio.base_events"], "loop"),
        (["streamworker.engine.slots"], "engine"),
        (["streamworker.engine.slots", "streamworker.engine.routing", "pydantic.main"], "decode"),
        (["streamworker.jetstream.reading", "streamworker.engine.settlement"], "settle"),
    ],
)
def test_the_innermost_function_with_a_layer_decides(modules: list[str], layer: str) -> None:
    assert layer_of(frame_within(*modules)) == layer


def test_the_layers_of_a_profile_add_up_to_the_time_that_was_used() -> None:
    profile = Profile()
    with profile.taken():
        began = time.process_time()
        while time.process_time() - began < 0.2:
            pass
    headline, *rows = profile.lines(1000)
    total = float(headline.split()[2])
    assert total == pytest.approx(200, rel=0.5)
    assert sum(float(row.split()[1]) for row in rows) == pytest.approx(total, abs=1)
    assert [row.split()[0] for row in rows] == list(LAYERS)


def test_a_profile_of_nothing_says_so() -> None:
    assert Profile().lines(5) == ["no profile: nothing was done for long enough"]


@pytest.mark.usefixtures("ended")
async def test_run_says_at_the_end_where_the_time_went(
    shop: Shop, nats_server: NatsServer, js: JetStreamContext
) -> None:
    running = shop.run("--until-idle", nats=nats_server.url)
    assert await running.end() == 0
    for number in range(300):
        await js.publish(*shop.order(str(number)))
    running = shop.run("--until-idle", "--profile", nats=nats_server.url)
    assert await running.end() == 0
    assert "us for each of 600 events" in running.out
    assert "\n  handler " in running.out
