"""mirakc's API, the web and the buckets, each against what stands in for the real thing most closely: the simulator over HTTP,
and buckets in memory with the real ones' checks."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime

import httpx
import pytest
from streamworker.errors import RevisionConflict
from streamworker.testing import FakeResources

from generated.events import EpgNotice, RecordState, Rule, Source
from generated.resources import RULES
from generated.subjects import NOTICE_EPG_UPDATED
from handlers.domain.booking import Accepted, Order, Refused
from handlers.domain.errors import Garbled, NotFound, PageUnavailable, PageUnusable, Unavailable
from handlers.domain.guide import NOTHING_KNOWN, ServiceKey
from handlers.domain.pages import picture
from handlers.infrastructure import mirakc as mirakc_module
from handlers.infrastructure.mirakc import Mirakc
from handlers.infrastructure.notices import PublishedNotices
from handlers.infrastructure.repositories import BucketPrograms, BucketRecordStates, BucketRules
from handlers.infrastructure.web import HttpWeb
from tests.reference.events import SERVICE_ID, SOURCE, program
from tests.simulator.scenario import HOUR, Scenario
from tests.simulator.simulator import Simulator, simulator

SCENARIO = Scenario(services=3, programs=200, nameless=50, start=1767312000000, speed=0, duration=HOUR, pages=1.0)
PROGRAM = SERVICE_ID * 100_000 + 20


@pytest.fixture
async def sim() -> AsyncIterator[Simulator]:
    async with simulator(SCENARIO) as it:
        yield it


@pytest.fixture
async def http() -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(timeout=0.5) as client:
        yield client


@pytest.fixture
def mirakc(sim: Simulator, http: httpx.AsyncClient) -> Mirakc:
    return Mirakc(http, Source(tuner="tuner1", url=sim.url))


def order(program_id: int = PROGRAM, path: str | None = None) -> Order:
    return Order(program_id, 1, ("朝",), path)


async def test_a_service_and_its_programmes_are_read(mirakc: Mirakc, sim: Simulator) -> None:
    service = await mirakc.service(SERVICE_ID)
    assert (service.id, service.channel.type) == (SERVICE_ID, "GR")
    listed = await mirakc.programs(SERVICE_ID)
    shown = sim.world.guide.services[SERVICE_ID].programs
    assert listed.keys() == shown.keys()
    for id, row in shown.items():
        assert listed[id].title == (row.text.name if row.text else None)
        assert dict(listed[id].extended or {}) == ((row.text.extended or {}) if row.text else {})
        start = None if row.start_at is None else datetime.fromtimestamp(row.start_at / 1000, UTC)
        assert listed[id].start_time == start


async def test_a_booking_is_accepted_once_and_then_found_to_exist(mirakc: Mirakc, sim: Simulator) -> None:
    assert await mirakc.book(order(path="朝/1.m2ts")) == Accepted("scheduled", existed=False)
    assert await mirakc.book(order()) == Accepted("scheduled", existed=True)
    assert sim.world.recorder.schedules[PROGRAM].options == {"contentPath": "朝/1.m2ts", "priority": 1}


async def test_a_booking_that_mirakc_refuses_says_why(mirakc: Mirakc) -> None:
    assert await mirakc.book(order(1)) == Refused(404, "program-not-found", None)
    assert await mirakc.book(order(path="/etc/x")) == Refused(400, "invalid-request", "Must be a relative path")


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ("server-error", Unavailable),
        ("unavailable", Unavailable),
        ("slow", Unavailable),
        ("truncated", Unavailable),
        ("not-json", Garbled),
    ],
)
async def test_what_mirakc_does_wrong_is_told_apart(
    mirakc: Mirakc, sim: Simulator, fault: str, error: type[Exception]
) -> None:
    sim.faults.owe(fault, 1)
    with pytest.raises(error):
        await mirakc.programs(SERVICE_ID)
    assert await mirakc.programs(SERVICE_ID)


async def test_an_unknown_service_is_not_found(mirakc: Mirakc) -> None:
    with pytest.raises(NotFound):
        await mirakc.programs(1)


async def test_nobody_there_is_unavailable(http: httpx.AsyncClient) -> None:
    with pytest.raises(Unavailable, match="ConnectError"):
        await Mirakc(http, Source(tuner="tuner1", url="http://127.0.0.1:1")).service(1)


def answering(answer: Callable[[httpx.Request], httpx.Response]) -> Mirakc:
    return Mirakc(httpx.AsyncClient(transport=httpx.MockTransport(answer)), SOURCE)


@pytest.mark.parametrize(
    "body",
    [
        [{"id": 1}],
        [{"id": 1, "startAt": 10**30, "duration": 1, "isFree": True}],
        [{"id": 1, "startAt": "1", "duration": 1, "isFree": True}],
        {},
        None,
    ],
)
async def test_an_answer_that_is_not_what_it_should_be_is_garbled(body: object) -> None:
    with pytest.raises(Garbled):
        await answering(lambda _request: httpx.Response(200, json=body)).programs(1)


async def test_an_answer_that_is_too_large_is_garbled(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mirakc_module, "LARGEST", 10)
    with pytest.raises(Garbled, match="over 10 bytes"):
        await answering(lambda _request: httpx.Response(200, content=b"[" + b" " * 20)).programs(1)


async def test_what_is_wrong_is_told_without_what_stands_there() -> None:
    with pytest.raises(Garbled) as caught:
        await answering(lambda _request: httpx.Response(200, json=[{"id": "geheim"}])).programs(1)
    assert "geheim" not in str(caught.value)


async def test_a_booking_where_recording_is_off_is_refused() -> None:
    """mirakc's router then knows no such path: its 404 is empty."""
    assert await answering(lambda _request: httpx.Response(404)).book(order()) == Refused(
        404, "recording-disabled", None
    )


async def test_a_schedule_that_went_away_in_between_is_tried_again() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        status = 400 if request.method == "POST" else 404
        return httpx.Response(status, json={"code": status, "reason": None, "errors": []})

    with pytest.raises(Unavailable, match="removed in the meantime"):
        await answering(answer).book(order())


async def test_the_event_says_which_mirakc_is_asked() -> None:
    asked: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(str(request.url))
        return httpx.Response(200, json=[])

    await answering(answer).programs(7)
    assert asked == ["http://mirakc:40772/api/services/7/programs"]


async def test_pages_and_pictures_of_every_kind(sim: Simulator, http: httpx.AsyncClient) -> None:
    web = HttpWeb(http)
    for kind in ("relative", "absolute", "reversed", "legacy"):
        number = sim.pages.kinds.index(kind)
        html, found_at = await web.page(sim.pages.addresses[number])
        assert await web.picture(picture(html, found_at) or "") == sim.pages.image(number)
    with pytest.raises(PageUnusable, match="404"):
        await web.page(sim.pages.addresses[sim.pages.kinds.index("gone")])
    for kind, problem in {"image-gone": "404", "huge": "over 5,242,880 bytes"}.items():
        with pytest.raises(PageUnusable, match=problem):
            await web.picture(f"{sim.url}/images/{sim.pages.kinds.index(kind)}")
    with pytest.raises(PageUnusable, match="not image/"):
        await web.picture(sim.pages.addresses[sim.pages.kinds.index("relative")])


async def test_a_page_that_does_not_answer_is_unavailable(http: httpx.AsyncClient) -> None:
    with pytest.raises(PageUnavailable):
        await HttpWeb(http).page("http://127.0.0.1:1/")


@pytest.mark.parametrize("address", ["http://[::", "ftp://a.invalid/", "http://a.invalid:x/", "//a"])
async def test_an_address_that_is_none_is_unusable(address: str, http: httpx.AsyncClient) -> None:
    with pytest.raises(PageUnusable):
        await HttpWeb(http).page(address)


async def test_programmes_are_kept_by_revision() -> None:
    programs, key = BucketPrograms(FakeResources()), ServiceKey("tuner1", SERVICE_ID)
    await programs.add(key, {id: program(f"{id}") for id in range(200)}, revision=1)
    await programs.add(key, {7: program("seven", 内容="𠮷")}, revision=2)
    assert await programs.program(key, 7, 1) == program("7")
    assert await programs.program(key, 7, 2) == program("seven", 内容="𠮷")
    assert await programs.program(key, 8, 2) is None


async def test_an_index_is_written_in_place_of_what_was_read() -> None:
    programs, key = BucketPrograms(FakeResources()), ServiceKey("tuner1", SERVICE_ID)
    assert (await programs.index(key)).revision == 0
    first = await programs.set_index(key, NOTHING_KNOWN, after=0)
    with pytest.raises(RevisionConflict):
        await programs.set_index(key, NOTHING_KNOWN, after=0)
    second = await programs.set_index(key, NOTHING_KNOWN, after=first)
    assert (await programs.index(key)).revision == second


async def test_states_and_rules_are_kept() -> None:
    resources = FakeResources()
    states, state = BucketRecordStates(resources), RecordState(reason=None, awaiting=None, completed=("0" * 32,))
    await states.set_state("tuner1", 5, state, after=0)
    assert (await states.state("tuner1", 5)).value == state
    rule = Rule(
        rule_id="3f2c6d0e-1111-4222-8333-444455556666", keywords=("a",), channel_types=(), genres=(), folder="朝"
    )
    await resources.bucket(RULES).put(rule, ruleId=rule.rule_id)
    assert await BucketRules(resources).rule(rule.rule_id) == rule
    assert await BucketRules(resources).rule("3f2c6d0e-1111-4222-8333-000000000000") is None


async def test_notices_are_published() -> None:
    resources = FakeResources()
    notice = EpgNotice(source=SOURCE, service_id=SERVICE_ID, revision=2, changes=3)
    await PublishedNotices(resources).changed(notice)
    assert resources.published(NOTICE_EPG_UPDATED) == [notice]
    assert json.loads(resources.outputs[0].data)["changes"] == 3
